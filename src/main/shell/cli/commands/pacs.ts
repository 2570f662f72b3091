import { resolve } from 'node:path';
import type { RequestInput } from '../../../../core/contract/operations.ts';
import { TandemError } from '../../../../core/errors.ts';
import { type Arguments, type Command, command } from '../command.ts';
import { destinationWords, doneWords, matchWords } from '../pacsWords.ts';
import { destinationOf, destinationUsage, peerOf, peerOptions, peerUsage } from '../peerParts.ts';
import { flag, optionalPath, somePositionals, text, texts } from '../requestParts.ts';

const FAILED = 5;

/** Every key that `pacs find` has an option of its own for. */
const FIND_OPTIONS = {
  'patient-id': 'PatientID',
  'patient-name': 'PatientName',
  'study-date': 'StudyDate',
  accession: 'AccessionNumber',
  modality: 'Modality',
  study: 'StudyInstanceUID',
  series: 'SeriesInstanceUID',
  instance: 'SOPInstanceUID',
} as const;

/** To and from a PACS. */
export const pacsCommands: readonly Command[] = [
  command({
    name: 'pacs destinations list',
    operation: 'pacsDestinations',
    usage: 'tandem pacs destinations list [--json]',
    summary: 'The PACS that are set up on this machine',
    positionals: 0,
    options: {},
    request: () => ({}),
    print: ({ destinations, file }) =>
      destinations.length === 0 ? `none is set up (${file})` : destinations.map(destinationWords).join('\n'),
  }),
  command({
    name: 'pacs destinations add',
    operation: 'pacsSaveDestination',
    usage: `tandem pacs destinations add NAME ${destinationUsage} [--replace] [--json]`,
    summary: 'Sets a PACS up by a name; keys, tokens and passwords stay in their files',
    positionals: 1,
    options: { ...peerOptions, replace: flag },
    request: (args) => {
      const [name] = somePositionals(args, 'the new destination');
      return {
        destination: { ...destinationOf(args), name: name! },
        replaces: args.flag('replace') ? name : undefined,
      };
    },
    print: ({ destinations, file, warnings }) =>
      [`wrote ${file}`, ...destinations.map(destinationWords), ...warnings.map(warningWords)].join('\n'),
  }),
  command({
    name: 'pacs destinations remove',
    operation: 'pacsRemoveDestination',
    usage: 'tandem pacs destinations remove NAME [--json]',
    summary: 'Forgets a PACS',
    positionals: 1,
    options: {},
    request: (args) => ({ name: somePositionals(args, 'a destination')[0]! }),
    print: ({ file }) => `wrote ${file}`,
  }),
  command({
    name: 'pacs echo',
    operation: 'pacsEcho',
    usage: `tandem pacs echo ${peerUsage()} [--json]`,
    summary: 'Whether a PACS answers: C-ECHO, or a DICOMweb search for one study',
    positionals: 1,
    options: peerOptions,
    request: (args) => ({ peer: peerOf(args, args.positionals[0]) }),
    print: ({ answeredBy, milliseconds, warnings }) =>
      [`${answeredBy} answered in ${Math.round(milliseconds)} ms`, ...warnings.map(warningWords)].join('\n'),
  }),
  command({
    name: 'pacs find',
    operation: 'pacsFind',
    usage:
      `tandem pacs find ${peerUsage()} [--level patient|study|series|image] ` +
      '[--patient-id ID] [--patient-name NAME*] [--study-date 20260101-20260131] [--accession NUMBER] ' +
      '[--modality MR] [--study UID] [--series UID] [--instance UID] [--key Keyword=value …] [--limit 1000] [--json]',
    summary: 'Searches a PACS: C-FIND or QIDO-RS; * and ? stand for any letters',
    positionals: 1,
    options: {
      ...peerOptions,
      level: text,
      key: texts,
      limit: text,
      ...Object.fromEntries(Object.keys(FIND_OPTIONS).map((name) => [name, text])),
    },
    request: (args) => {
      const level = args.text('level') ?? 'study';
      return {
        peer: peerOf(args, args.positionals[0]),
        level: level as RequestInput<'pacsFind'>['level'],
        keys: keysOf(args, level),
        limit: args.number('limit'),
      };
    },
    print: ({ matches, limited }) =>
      [
        ...matches.map(matchWords),
        `${matches.length} found${limited ? '; there are more: raise --limit or narrow the search' : ''}`,
      ].join('\n'),
  }),
  command({
    name: 'pacs get',
    operation: 'pacsGet',
    usage:
      `tandem pacs get ${peerUsage()} --study UID [--series UID [--instance UID]] [--out DIR] ` +
      '[--method get|move] [--move-port 11112] [--listen ADDRESS] [--from AE …] [--retries 3] [--json]',
    summary: 'Fetches a study, series or instance: C-GET, C-MOVE to this machine, or WADO-RS',
    positionals: 1,
    options: {
      ...peerOptions,
      study: text,
      series: text,
      instance: text,
      out: text,
      method: text,
      'move-port': text,
      listen: text,
      from: texts,
      retries: text,
    },
    request: (args) => ({
      peer: peerOf(args, args.positionals[0]),
      studyUid: args.required('study'),
      seriesUid: args.text('series'),
      instanceUid: args.text('instance'),
      out: optionalPath(args.text('out')),
      method: args.text('method') as RequestInput<'pacsGet'>['method'],
      movePort: args.number('move-port'),
      moveHost: args.text('listen'),
      moveFrom: [...args.all('from')],
      retries: args.number('retries'),
    }),
    print: (result) =>
      [
        `${result.received} received, ${result.present} were there, ${result.failed.length} failed; ${doneWords(result)}`,
        ...result.failed.map((one) => `failed  ${one.sopInstanceUid}: ${one.message}`),
        `in ${result.folder}`,
      ].join('\n'),
    exitCode: ({ failed }) => (failed.length === 0 ? 0 : FAILED),
  }),
  command({
    name: 'pacs move',
    operation: 'pacsMove',
    usage: `tandem pacs move ${peerUsage()} --study UID [--series UID [--instance UID]] --to AE [--json]`,
    summary: 'Has a PACS send to another node that it knows: C-MOVE',
    positionals: 1,
    options: { ...peerOptions, study: text, series: text, instance: text, to: text },
    request: (args) => ({
      peer: peerOf(args, args.positionals[0]),
      studyUid: args.required('study'),
      seriesUid: args.text('series'),
      instanceUid: args.text('instance'),
      to: args.required('to'),
    }),
    print: ({ completed, failed, warnings }) =>
      `${completed} sent, ${warnings} with warnings, ${failed} failed`,
    exitCode: ({ failed }) => (failed === 0 ? 0 : FAILED),
  }),
  command({
    name: 'pacs store',
    operation: 'pacsStore',
    usage: `tandem pacs store FILE… ${peerUsage('--to NAME')} [--retries 3] [--json]`,
    summary: 'Sends DICOM files and folders as they are, each once: C-STORE or STOW-RS',
    positionals: Number.POSITIVE_INFINITY,
    options: { ...peerOptions, to: text, retries: text },
    request: (args) => ({
      peer: peerOf(args, args.text('to')),
      paths: somePositionals(args, 'files or folders').map((path) => resolve(path)),
      retries: args.number('retries'),
    }),
    print: (result) =>
      [
        ...result.refused.map((file) => `refused  ${file.path}: ${file.code}: ${file.message}`),
        ...result.warnings.map((one) => `warning  ${one.path}: ${one.message}`),
        ...result.failed.map((one) => `failed   ${one.path}: ${one.message}`),
        `${result.stored} stored, ${result.alreadyThere} were there, ${result.failed.length} failed; ${doneWords(result)}`,
      ].join('\n'),
    exitCode: ({ failed }) => (failed.length === 0 ? 0 : FAILED),
  }),
  command({
    name: 'pacs receive',
    operation: 'pacsReceive',
    usage:
      'tandem pacs receive [--out DIR] [--port 11112] [--listen ADDRESS] [--ae TANDEM] [--allow AE …] ' +
      '[--tls-certificate FILE --tls-key FILE [--tls-ca FILE]] [--timeout 30] [--instances N] [--json]',
    summary: 'A storage provider in the foreground: takes what is sent here, until Ctrl-C or N instances',
    positionals: 0,
    options: {
      out: text,
      port: text,
      listen: text,
      ae: text,
      allow: texts,
      'tls-certificate': text,
      'tls-key': text,
      'tls-ca': text,
      timeout: text,
      instances: text,
    },
    request: (args) => ({
      out: optionalPath(args.text('out')),
      port: args.number('port'),
      host: args.text('listen'),
      aeTitle: args.text('ae'),
      allow: [...args.all('allow')],
      tls:
        args.text('tls-certificate') === undefined
          ? undefined
          : {
              certificate: optionalPath(args.text('tls-certificate')),
              key: optionalPath(args.required('tls-key')),
              ca: optionalPath(args.text('tls-ca')),
            },
      timeoutSeconds: args.number('timeout'),
      instances: args.number('instances'),
    }),
    print: (result) =>
      [
        ...result.failed.map((one) => `failed  ${one.sopInstanceUid}: ${one.message}`),
        `${result.received} received, ${result.repeated} came again, ${result.failed.length} failed, ` +
          `${result.associations} associations, ${result.rejected} turned away; in ${result.folder}`,
      ].join('\n'),
    exitCode: ({ failed }) => (failed.length === 0 ? 0 : FAILED),
    whenStopped: 'the associations that are open are ended',
  }),
];

function keysOf(args: Arguments, level: string): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const [option, keyword] of Object.entries(FIND_OPTIONS)) {
    const value = args.text(option);
    // Of a study one asks which modalities it has; the series have one each.
    const asked = keyword === 'Modality' && level === 'study' ? 'ModalitiesInStudy' : keyword;
    if (value !== undefined) keys[asked] = value;
  }
  for (const pair of args.all('key')) {
    const at = pair.indexOf('=');
    if (at < 1)
      throw new TandemError('usage', `--key takes Keyword=value, not “${pair}”`, { hint: args.hint });
    keys[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return keys;
}

function warningWords(warning: string): string {
  return `warning  ${warning}`;
}
