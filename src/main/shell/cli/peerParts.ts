import type { RequestInput } from '../../../core/contract/operations.ts';
import { ANY_AE_TITLE } from '../../../core/contract/pacs.ts';
import { TandemError } from '../../../core/errors.ts';
import type { Arguments } from './command.ts';
import { optionalPath, text } from './requestParts.ts';

/** How the command line names a PACS: by the name it is set up under, or in full. */

type PeerInput = Exclude<RequestInput<'pacsEcho'>['peer'], string>;

/** Of a DIMSE node, or of a DICOMweb service. */
export const peerOptions = {
  host: text,
  port: text,
  called: text,
  calling: text,
  url: text,
  'token-file': text,
  user: text,
  'password-file': text,
  'tls-ca': text,
  'tls-certificate': text,
  'tls-key': text,
  'tls-name': text,
  timeout: text,
  tls: { type: 'boolean' },
} as const;

const WAYS =
  '--host HOST --port PORT [--called ANY-SCP] [--calling TANDEM] | ' +
  '--url URL [--token-file FILE] [--user NAME --password-file FILE]';
const TLS =
  '[--tls] [--tls-ca FILE] [--tls-certificate FILE --tls-key FILE] [--tls-name NAME] [--timeout 30]';

export const destinationUsage = `(${WAYS}) ${TLS}`;
/** @param name how the name is given: by itself, or after an option */
export const peerUsage = (name = 'NAME'): string => `(${name} | ${WAYS}) ${TLS}`;

/** A destination by name, or the one that the options describe. Throws `usage` for both, or neither. */
export function peerOf(args: Arguments, name: string | undefined): string | PeerInput {
  const isDescribed = args.text('host') !== undefined || args.text('url') !== undefined;
  if (name !== undefined && !isDescribed) return name;
  if (name === undefined && isDescribed) return destinationOf(args);
  const message = isDescribed
    ? 'Name a destination, or describe one: not both'
    : 'Name a destination, or its --host or --url';
  throw new TandemError('usage', message, { hint: args.hint });
}

/** Throws `usage` where host and address are mixed up or incomplete. */
export function destinationOf(args: Arguments): PeerInput {
  const url = args.text('url');
  if ((url === undefined) === (args.text('host') === undefined)) {
    throw new TandemError('usage', 'A destination has either a --host or a --url', { hint: args.hint });
  }
  const timeoutSeconds = args.number('timeout');
  const files = {
    ca: optionalPath(args.text('tls-ca')),
    certificate: optionalPath(args.text('tls-certificate')),
    key: optionalPath(args.text('tls-key')),
    serverName: args.text('tls-name'),
  };
  const isTls = args.flag('tls') || Object.values(files).some((value) => value !== undefined);
  const tls = isTls ? files : undefined;
  if (url !== undefined) {
    return {
      kind: 'dicomweb',
      url,
      tls,
      tokenFile: optionalPath(args.text('token-file')),
      user: args.text('user'),
      passwordFile: optionalPath(args.text('password-file')),
      timeoutSeconds,
    };
  }
  args.required('port');
  return {
    kind: 'dimse',
    host: args.required('host'),
    port: args.number('port') ?? 0,
    calledAeTitle: args.text('called') ?? ANY_AE_TITLE,
    callingAeTitle: args.text('calling'),
    tls,
    timeoutSeconds,
  };
}
