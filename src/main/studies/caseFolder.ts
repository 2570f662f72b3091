import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TandemError } from '../../core/errors.ts';

/** A case: a folder with one NIfTI volume a contrast, named after it. */

/** The file of a contrast in a case's folder. Throws `not-found`. */
export async function contrastFile(folder: string, contrast: string): Promise<string> {
  const path = await findContrast(folder, contrast);
  if (path !== undefined) return path;
  const missing = (await stat(folder).catch(() => undefined)) === undefined;
  throw new TandemError(
    'not-found',
    missing ? 'There is no such folder' : `The case has no ${contrast}.nii.gz`,
    {
      path: folder,
      hint: 'A case is a folder with one NIfTI volume a contrast, such as t1.nii.gz and t2.nii.gz.',
    },
  );
}

/** The file of a contrast in a case's folder, where there is one. */
export async function findContrast(folder: string, contrast: string): Promise<string | undefined> {
  for (const name of [`${contrast}.nii.gz`, `${contrast}.nii`]) {
    const path = join(folder, name);
    if ((await stat(path).catch(() => undefined))?.isFile()) return path;
  }
  return undefined;
}

/** SHA-256 of a file, read as a stream, in hexadecimal. Throws what reading throws. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
