import { extname, resolve } from 'node:path';
import { TandemError } from '../../core/errors.ts';
import { sha256 } from '../audit/entry.ts';
import { writeFileAtomically } from '../export/atomic.ts';
import type { Handler } from '../host/handler.ts';
import { readPng } from './pngFile.ts';

/** Puts a window's picture where the user wants it, whole or not at all. */
export const savePictureOperation: Handler<'savePicture'> = async ({ picture, out }, job) => {
  const path = resolve(out);
  requireEnding(path, '.png');
  const bytes = await readPng(picture);
  await writeFileAtomically(path, bytes);
  job.evidence?.({ outputs: { picture: sha256(bytes) } });
  return { path, bytes: bytes.length };
};

/** Throws `usage` where a file would be called something that it is not. */
export function requireEnding(path: string, ending: string): void {
  if (extname(path).toLowerCase() === ending) return;
  throw new TandemError('usage', `The file’s name must end in ${ending}`, { path });
}
