import type { Result } from '../../../core/contract/operations.ts';
import type { Destination } from '../../../core/contract/pacs.ts';

/** One line on a destination; of secrets only where they lie. */
export function destinationWords(destination: Destination): string {
  const name = destination.name.padEnd(16);
  const tls = destination.tls === undefined ? '' : ', TLS';
  if (destination.kind === 'dimse') {
    const { host, port, calledAeTitle, callingAeTitle } = destination;
    return `${name} DIMSE     ${calledAeTitle} at ${host}:${port}, called by ${callingAeTitle}${tls}`;
  }
  const { url, tokenFile, user } = destination;
  const signIn =
    tokenFile === undefined ? (user === undefined ? '' : `, user ${user}`) : `, token in ${tokenFile}`;
  return `${name} DICOMweb  ${url}${signIn}`;
}

const MB = 2 ** 20;

/** `12.3 MB in 4.5 s, 2 attempts`. */
export function doneWords(done: {
  readonly bytes: number;
  readonly seconds: number;
  readonly attempts: number;
}): string {
  const { bytes, seconds, attempts } = done;
  return `${(bytes / MB).toFixed(1)} MB in ${seconds.toFixed(1)} s, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`;
}

/** One match in a line, its UID last. */
export function matchWords(match: Result<'pacsFind'>['matches'][number]): string {
  const { SOPInstanceUID, SeriesInstanceUID, StudyInstanceUID, ...others } = match;
  const uid = SOPInstanceUID ?? SeriesInstanceUID ?? StudyInstanceUID;
  const said = Object.entries(others)
    .filter(([keyword]) => keyword !== 'SOPClassUID')
    .map(([, value]) => value);
  return [...said, ...(uid === undefined ? [] : [uid])].join('  ');
}
