import { TandemError } from '../../core/errors.ts';

/** What goes wrong on a network, in words. `peer` is `host:port`, or an address. */

export function connectionLost(peer: string, why = 'the connection was closed'): TandemError {
  return new TandemError('network-failed', `The connection to ${peer} broke: ${why}`, {
    hint: 'Try again: what was confirmed is not sent again.',
  });
}

export function timedOut(peer: string, timeoutMs: number): TandemError {
  return new TandemError('network-failed', `${peer} did not answer within ${timeoutMs / 1000} s`, {
    hint: 'Check that it is running and that nothing between blocks it, or allow it more time.',
  });
}

const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  ECONNREFUSED: ['nothing listens there', 'Check host and port, and that the PACS is running.'],
  ENOTFOUND: ['there is no such host', 'Check the spelling of the host.'],
  EAI_AGAIN: ['the host’s name could not be looked up', 'Check the network, or give the host’s number.'],
  EHOSTUNREACH: ['the host cannot be reached', 'Check the network.'],
  ENETUNREACH: ['the network cannot be reached', 'Check the network.'],
  ETIMEDOUT: ['the host did not answer', 'Check host, port and firewall.'],
  EADDRINUSE: ['the port is in use already', 'Choose another port, or end the program that uses it.'],
  EACCES: ['this port needs more rights', 'Choose a port above 1024.'],
  ECONNRESET: ['the connection was broken off', 'If the other side expects TLS, set up its certificates.'],
  EPIPE: ['the connection was broken off', 'Try again: what was confirmed is not sent again.'],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    'its certificate is signed by itself and not known here',
    'Name the file with that certificate as the CA.',
  ],
  SELF_SIGNED_CERT_IN_CHAIN: [
    'its certificate comes from an authority that is not known here',
    'Name the file with that authority’s certificate as the CA.',
  ],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'its certificate comes from an authority that is not known here',
    'Name the file with that authority’s certificate as the CA.',
  ],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    'its certificate comes from an authority that is not known here',
    'Name the file with that authority’s certificate as the CA.',
  ],
  CERT_HAS_EXPIRED: ['its certificate has expired', 'Have it renewed.'],
  CERT_NOT_YET_VALID: ['its certificate is not valid yet', 'Check the clocks of both machines.'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'its certificate is made out to another name',
    'Give the name in the certificate as the server name.',
  ],
};

/** An error of a socket as one with words. What is a TandemError already stays as it is. */
export function networkError(error: unknown, peer: string): TandemError {
  if (error instanceof TandemError) return error;
  const code = errorCode(error);
  const [why, hint] = WORDS[code] ?? tlsWords(code, error);
  return new TandemError('network-failed', `No connection to ${peer}: ${why}`, { hint, cause: error });
}

function tlsWords(code: string, error: unknown): readonly [string, string] {
  const message = error instanceof Error ? error.message : String(error);
  const isTls = /^ERR_(SSL|TLS|OSSL)_/.test(code) || code === 'EPROTO' || /certificate/i.test(message);
  // OpenSSL's own words follow its file and line, and they are what its manuals know.
  const said = message.replace(/^[0-9A-F]+:error:[^:]*:[^:]*:[^:]*:/i, '').split(/[:\n]/)[0] ?? message;
  return isTls
    ? [
        `TLS could not be set up (${said.trim()})`,
        'Check the certificates on both sides, and that this port speaks TLS.',
      ]
    : [code === '' ? said.trim() : `${said.trim()} (${code})`, 'Check the network.'];
}

function errorCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Whether trying again could help: the network, not what was asked. */
export function isPassingFailure(error: unknown): boolean {
  if (!(error instanceof TandemError) || error.code !== 'network-failed') return false;
  const cause = error.cause;
  const code = errorCode(cause);
  // A certificate does not get better by waiting.
  return cause === undefined || !(code in WORDS && /CERT|ALTNAME|ENOTFOUND|VERIFY|ISSUER/.test(code));
}
