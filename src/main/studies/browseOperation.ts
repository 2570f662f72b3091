import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { canBe, couldBeImage } from '../../core/contract/fileKinds.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { Handler } from '../host/handler.ts';
import { readError } from './readErrors.ts';
import { byName } from './walk.ts';

/** More entries than this are of no use in a dialog. */
const MAX_ENTRIES = 5000;

/**
 * The folders below one folder, and its files: those that could be images, or what is asked for. The home folder
 * where none is named; the folder of a file where files are asked for and one is named.
 */
export const browseOperation: Handler<'browse'> = async ({ path, files }, job) => {
  const asked = resolve(path ?? homedir());
  const isFile = files !== undefined && (await stat(asked).catch(() => undefined))?.isFile() === true;
  const folder = isFile ? dirname(asked) : asked;
  const isWanted = files === undefined ? couldBeImage : (name: string) => canBe(name, files);
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort(byName);
    const entries = await Promise.all(
      names.slice(0, MAX_ENTRIES).map((name) => kindOf(folder, name, isWanted)),
    );
    throwIfCancelled(job.signal);
    const of = (kind: 'folder' | 'file') =>
      entries.filter((entry) => entry.kind === kind).map(({ name, path: full }) => ({ name, path: full }));
    const parent = dirname(folder);
    return {
      path: folder,
      ...(isFile ? { file: asked } : {}),
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

async function kindOf(folder: string, name: string, isWanted: (name: string) => boolean) {
  const path = join(folder, name);
  const status = await stat(path).catch(() => undefined);
  const kind = status?.isDirectory() ? 'folder' : status?.isFile() && isWanted(name) ? 'file' : 'other';
  return { name, path, kind };
}
