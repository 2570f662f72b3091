import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TandemError } from '../../core/errors.ts';
import { readError } from '../studies/readErrors.ts';

const SIGNATURE = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** A screen of 8K is smaller. */
const LARGEST_BYTES = 64 * 2 ** 20;

/**
 * The bytes of a PNG file.
 * @throws TandemError `not-found`, `no-permission`; `not-an-image` where it is no PNG, `too-large`
 */
export async function readPng(path: string): Promise<Buffer> {
  const file = resolve(path);
  let bytes: Buffer;
  try {
    if ((await stat(file)).size > LARGEST_BYTES) {
      throw new TandemError('too-large', 'The picture has more than 64 MB', { path: file });
    }
    bytes = await readFile(file);
  } catch (error) {
    throw readError(error, file);
  }
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) {
    throw new TandemError('not-an-image', 'The picture is no PNG', {
      path: file,
      hint: 'Name a file that was saved as PNG.',
    });
  }
  return bytes;
}
