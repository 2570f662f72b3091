import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { Handler } from '../host/handler.ts';
import { readError } from './readErrors.ts';
import { byName } from './walk.ts';

/** More entries than this are of no use in a dialog. */
const MAX_ENTRIES = 5000;
/** Endings of files that are never images; DICOM files may have any other ending, or none. */
const OTHER_ENDINGS =
  /\.(txt|md|json|csv|tsv|xml|html?|pdf|docx?|xlsx?|png|jpe?g|gif|svg|bval|bvec|zip|gz|tar|exe|dll|so|js|ts|py|log)$/i;

/** The folders below one folder, and its files that could be images; the home folder where none is named. */
export const browseOperation: Handler<'browse'> = async ({ path }, job) => {
  const folder = resolve(path ?? homedir());
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort(byName);
    const entries = await Promise.all(names.slice(0, MAX_ENTRIES).map((name) => kindOf(folder, name)));
    throwIfCancelled(job.signal);
    const of = (kind: 'folder' | 'file') =>
      entries.filter((entry) => entry.kind === kind).map(({ name, path: full }) => ({ name, path: full }));
    const parent = dirname(folder);
    return {
      path: folder,
      parent: parent === folder ? null : parent,
      folders: of('folder'),
      files: of('file'),
    };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') {
      throw new TandemError('not-found', 'This is a file, not a folder', { path: folder });
    }
    throw readError(error, folder);
  }
};

async function kindOf(folder: string, name: string) {
  const path = join(folder, name);
  const status = await stat(path).catch(() => undefined);
  const isImage = /\.nii\.gz$/i.test(name) || !OTHER_ENDINGS.test(basename(name));
  const kind = status?.isDirectory() ? 'folder' : status?.isFile() && isImage ? 'file' : 'other';
  return { name, path, kind };
}
