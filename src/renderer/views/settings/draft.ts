import type { Destination } from '../../../core/contract/pacs.ts';
import type { DestinationInput } from '../../state/pacsActions.ts';

/** A PACS as it stands in the form: text in every field, of both kinds, so that switching loses nothing. */
export interface Draft {
  readonly kind: 'dimse' | 'dicomweb';
  readonly name: string;
  readonly host: string;
  readonly port: string;
  readonly calledAeTitle: string;
  readonly callingAeTitle: string;
  readonly url: string;
  readonly signIn: 'none' | 'token' | 'password';
  readonly tokenFile: string;
  readonly user: string;
  readonly passwordFile: string;
  readonly tls: boolean;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly serverName: string;
  readonly timeoutSeconds: string;
}

const EMPTY: Draft = {
  kind: 'dimse',
  name: '',
  host: '',
  port: '104',
  calledAeTitle: '',
  callingAeTitle: 'TANDEM',
  url: '',
  signIn: 'none',
  tokenFile: '',
  user: '',
  passwordFile: '',
  tls: false,
  ca: '',
  certificate: '',
  key: '',
  serverName: '',
  timeoutSeconds: '30',
};

export function draftOf(destination: Destination | undefined): Draft {
  if (destination === undefined) return EMPTY;
  const { name, tls = {}, timeoutSeconds } = destination;
  const common = {
    ...EMPTY,
    ...tls,
    name,
    tls: destination.tls !== undefined,
    timeoutSeconds: String(timeoutSeconds),
  };
  if (destination.kind === 'dimse') {
    const { host, port, calledAeTitle, callingAeTitle } = destination;
    return { ...common, kind: 'dimse', host, port: String(port), calledAeTitle, callingAeTitle };
  }
  const { url, tokenFile, user, passwordFile } = destination;
  return {
    ...common,
    kind: 'dicomweb',
    url,
    signIn: tokenFile !== undefined ? 'token' : user !== undefined ? 'password' : 'none',
    tokenFile: tokenFile ?? '',
    user: user ?? '',
    passwordFile: passwordFile ?? '',
  };
}

/** What the form asks the workstation to keep; whether it makes sense, the workstation says. */
export function destinationOf(draft: Draft): DestinationInput {
  const { name, signIn } = draft;
  const timeoutSeconds = Number(draft.timeoutSeconds);
  const files = {
    ca: filled(draft.ca),
    certificate: filled(draft.certificate),
    key: filled(draft.key),
    serverName: filled(draft.serverName),
  };
  if (draft.kind === 'dimse') {
    const { host, calledAeTitle, callingAeTitle } = draft;
    const tls = draft.tls ? files : undefined;
    return {
      kind: 'dimse',
      name,
      host,
      port: Number(draft.port),
      calledAeTitle,
      callingAeTitle,
      tls,
      timeoutSeconds,
    };
  }
  const isHttps = /^https:/i.test(draft.url.trim());
  return {
    kind: 'dicomweb',
    name,
    url: draft.url.trim(),
    tls: isHttps && draft.tls ? files : undefined,
    tokenFile: signIn === 'token' ? filled(draft.tokenFile) : undefined,
    user: signIn === 'password' ? filled(draft.user) : undefined,
    passwordFile: signIn === 'password' ? filled(draft.passwordFile) : undefined,
    timeoutSeconds,
  };
}

function filled(value: string): string | undefined {
  return value.trim() === '' ? undefined : value.trim();
}
