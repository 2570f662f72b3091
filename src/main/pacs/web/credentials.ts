import { readFile } from 'node:fs/promises';
import type { WebPeer } from '../../../core/contract/pacs.ts';
import { TandemError } from '../../../core/errors.ts';
import { readError } from '../../studies/readErrors.ts';

const MAX_SECRET_BYTES = 65_536;

/** @throws TandemError `usage` where a token or password would cross a network unencrypted */
export function checkSecretsTravelSafely({ url, tokenFile, user, passwordFile }: WebPeer): void {
  const { protocol, hostname, username, password } = new URL(url);
  if (username !== '' || password !== '') {
    throw new TandemError('usage', 'An address holds no user or password', {
      hint: 'Give the user by itself, and the password in a file.',
    });
  }
  if (tokenFile !== undefined && (user !== undefined || passwordFile !== undefined)) {
    throw new TandemError('usage', 'A token and a password are two ways of signing in: name one of them');
  }
  if ((user === undefined) !== (passwordFile === undefined)) {
    throw new TandemError('usage', 'A user and the file with the password belong together');
  }
  const isLocal = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (protocol === 'http:' && !isLocal && (tokenFile !== undefined || passwordFile !== undefined)) {
    throw new TandemError('usage', 'Over http a token or password could be read on the way', {
      hint: 'Use the https address of the server.',
    });
  }
}

/** The Authorization header, read from its file anew each time; undefined where none is set up. */
export async function authorization(peer: WebPeer): Promise<string | undefined> {
  if (peer.tokenFile !== undefined) return `Bearer ${await readSecret(peer.tokenFile)}`;
  if (peer.user === undefined || peer.passwordFile === undefined) return undefined;
  const pair = `${peer.user}:${await readSecret(peer.passwordFile)}`;
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
}

async function readSecret(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw readError(error, path);
  });
  const secret = bytes.toString('utf8').trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break would end the header
  if (secret === '' || bytes.length > MAX_SECRET_BYTES || /[\u0000-\u001f\u007f]/.test(secret)) {
    throw new TandemError('bad-header', 'The file does not hold one line with a token or password', { path });
  }
  return secret;
}
