import { createHmac, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { KeyedHash } from '../../core/dicom/deidentify/pseudonyms.ts';
import { TandemError } from '../../core/errors.ts';
import { writeFileAtomically } from '../export/atomic.ts';
import { readError } from '../studies/readErrors.ts';

const KEY_BYTES = 32;
const SHORTEST = 16;

export interface DeidentificationKey {
  readonly hash: KeyedHash;
  readonly from: 'file' | 'new file' | 'forgotten';
}

/**
 * The secret that pseudonyms follow from. A file that is absent is made, readable by its owner alone; without
 * a file the key is random and nobody will know it again. (Secrets are the one thing that must not come from
 * the seeded generator.)
 *
 * @param options.make whether an absent file may be made; a dry run makes none.
 * @throws TandemError `bad-header` where the file holds too little, `no-permission`, `write-failed`.
 */
export async function deidentificationKey(
  file: string | undefined,
  options: { readonly make: boolean } = { make: true },
): Promise<DeidentificationKey> {
  if (file === undefined) return { hash: keyedHash(randomBytes(KEY_BYTES)), from: 'forgotten' };
  const path = resolve(file);
  const found = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw readError(error, path);
  });
  if (found === undefined) {
    const key = randomBytes(KEY_BYTES).toString('hex');
    if (options.make) await writeFileAtomically(path, `${key}\n`, { mode: 0o600 });
    return { hash: keyedHash(key), from: 'new file' };
  }
  const key = found.toString('latin1').trim();
  if (key.length < SHORTEST) {
    throw new TandemError(
      'bad-header',
      `The key has ${key.length} characters; it needs ${SHORTEST} at least`,
      {
        path,
        hint: 'Name a file that does not exist, and a key is made there.',
      },
    );
  }
  return { hash: keyedHash(key), from: 'file' };
}

/** HMAC-SHA-256 under a key. */
export function keyedHash(key: string | Uint8Array): KeyedHash {
  return (text) => new Uint8Array(createHmac('sha256', key).update(text).digest());
}
