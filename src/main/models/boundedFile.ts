import { open } from 'node:fs/promises';
import { TandemError } from '../../core/errors.ts';

/**
 * A file's bytes; undefined where there is none. Throws `bad-model` where it is no file or larger than
 * `most` bytes (it is not read then), `no-permission`.
 */
export async function readBounded(path: string, most: number): Promise<Uint8Array | undefined> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new TandemError('no-permission', `It cannot be read: ${code}`, { path, cause: error });
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new TandemError('bad-model', 'This is not a file', { path });
    if (stat.size > most) throw new TandemError('bad-model', `It is larger than ${most} bytes`, { path });
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
