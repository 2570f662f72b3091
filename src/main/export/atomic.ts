import {
  access,
  chmod,
  constants,
  type FileHandle,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import { partialSibling, sweepLeftovers } from './leftovers.ts';
import { makeFolders } from './makeFolders.ts';
import { asWriteError, writeError } from './writeErrors.ts';

/**
 * Writes a file whole or not at all: to a temporary sibling, flushed to disk, then renamed over `path`
 * (which is replaced), the folder flushed too. Folders above are made where they are missing. Throws
 * `no-permission` or `write-failed` about `path`; then what stood there before still stands.
 *
 * @param options.mode rights of the file, where they are not the usual ones.
 */
export async function writeFileAtomically(
  path: string,
  bytes: Uint8Array | string,
  options: { readonly mode?: number | undefined } = {},
): Promise<void> {
  await streamFileAtomically(path, async (file) => file.writeFile(bytes), options);
}

/**
 * As `writeFileAtomically`, for content that does not lie in memory: `write` is given the open file. What it
 * throws that is not about writing comes back as it is, and nothing was written.
 */
export async function streamFileAtomically(
  path: string,
  write: (file: FileHandle) => Promise<void>,
  options: { readonly mode?: number | undefined } = {},
): Promise<void> {
  const target = resolve(path);
  const temporary = partialSibling(target);
  const firstMade = await makeFolder(dirname(target), target);
  try {
    const handle = await open(temporary, 'wx', options.mode);
    try {
      await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
    await syncFolder(dirname(target));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    await removeMadeFolders(firstMade, dirname(target));
    throw asWriteError(error, target, temporary);
  }
}

/**
 * Writes a folder whole or not at all. `write` fills a temporary sibling of `out` on the same disk; every
 * file and folder in it is then flushed and it is renamed to `out` in one step, so that a process killed
 * at any moment leaves the complete folder or nothing in `out`. What killed runs left beside it is swept.
 *
 * @param out must be absent or an empty folder.
 * @throws `output-exists` if `out` is a file or holds something; `no-permission` / `write-failed` about
 *   `out`; `cancelled`; whatever `write` throws. In all these cases the temporary folder is gone.
 */
export async function writeFolderAtomically(
  out: string,
  write: (temporaryFolder: string) => Promise<void>,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const target = await followLinks(resolve(out));
  const existingMode = await requireAbsentOrEmpty(target);
  const firstMade = await makeFolder(dirname(target), target);
  await sweepLeftovers(dirname(target));
  const temporary = partialSibling(target);
  try {
    await mkdir(temporary);
    await write(temporary);
    await syncTree(temporary);
    throwIfCancelled(options.signal);
    if (existingMode !== undefined) await chmod(temporary, existingMode & 0o7777);
    await renameFolder(temporary, target);
    await syncFolder(dirname(target));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    await removeMadeFolders(firstMade, dirname(target));
    throw asWriteError(error, target, temporary);
  }
}

/**
 * Throws `output-exists` unless `out` is absent or an empty folder, and `no-permission` where it could not be
 * written: to be asked before long work begins.
 */
export async function checkOutputFolder(out: string): Promise<void> {
  const target = await followLinks(resolve(out));
  const exists = (await requireAbsentOrEmpty(target)) !== undefined;
  await requireWritable(target, exists);
}

/**
 * The folder above is where the temporary sibling goes. An empty folder is replaced by it, which needs no
 * right to the folder itself: one that may not be written is respected all the same.
 */
async function requireWritable(target: string, exists: boolean): Promise<void> {
  const rights = constants.W_OK | constants.X_OK;
  try {
    if (exists) await access(target, rights);
    for (let folder = dirname(target); ; folder = dirname(folder)) {
      const missing = await access(folder, rights).then(
        () => false,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT' && dirname(folder) !== folder) return true;
          throw error;
        },
      );
      if (!missing) return;
    }
  } catch (error) {
    throw writeError(error as NodeJS.ErrnoException, target);
  }
}

async function requireAbsentOrEmpty(target: string): Promise<number | undefined> {
  const found = await stat(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw writeError(error, target);
  });
  if (found === undefined) return undefined;
  if (!found.isDirectory()) throw outputExists('There is a file of this name', target);
  const names = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    throw writeError(error, target);
  });
  if (names.length > 0) throw outputExists('The folder is not empty', target);
  return found.mode;
}

async function renameFolder(temporary: string, target: string): Promise<void> {
  try {
    await rename(temporary, target);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOTEMPTY') throw outputExists('Something else was written here meanwhile', target);
    if (code === 'EBUSY' || code === 'EXDEV') {
      throw new TandemError('write-failed', 'This folder is a disk of its own and cannot be replaced', {
        path: target,
        hint: 'Name a new folder below it.',
        cause: error,
      });
    }
    // POSIX replaces an empty folder by rename; Windows does not, and says EPERM or EEXIST.
    if (process.platform !== 'win32' || (code !== 'EPERM' && code !== 'EEXIST')) throw error;
    await rmdir(target).catch((failure: NodeJS.ErrnoException) => {
      throw failure.code === 'ENOTEMPTY' ? outputExists('The folder is not empty', target) : failure;
    });
    await rename(temporary, target);
  }
}

function outputExists(message: string, path: string): TandemError {
  return new TandemError('output-exists', message, { path, hint: 'Name a new or an empty folder.' });
}

async function followLinks(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/** Makes a folder and those above it; returns the topmost one that had to be made. */
async function makeFolder(folder: string, target: string): Promise<string | undefined> {
  try {
    return await makeFolders(folder);
  } catch (error) {
    throw writeError(error as NodeJS.ErrnoException, target);
  }
}

async function removeMadeFolders(first: string | undefined, last: string): Promise<void> {
  if (first === undefined) return;
  for (let folder = last; folder.length >= first.length; folder = dirname(folder)) {
    // Not recursive: whatever someone else put there stays.
    await rmdir(folder).catch(() => {});
  }
}

async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await syncFile(path);
  }
  await syncFolder(folder);
}

async function syncFile(path: string): Promise<void> {
  // Windows flushes only through a handle that may write.
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems cannot flush a folder; the files themselves are on disk.
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EINVAL' && code !== 'ENOTSUP') throw error;
  } finally {
    await handle.close();
  }
}
