import { mkdtemp, open, realpath, rm } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { removeUnpackedOf, unpackedPrefix } from './unpackedFolders.ts';
import { type Refusal, unzip } from './zip.ts';

/**
 * Archives unpacked into folders that only their owner can read, once a process and archive. They are
 * removed when the process ends, by whoever kills it, or by the next one (`unpackedFolders.ts`).
 */

interface Unpacked {
  readonly archive: string;
  readonly folder: string;
  readonly refusals: readonly Refusal[];
}

const unpacked = new Map<string, Promise<Unpacked>>();
const folders = new Map<string, string>();
let isRemovedAtExit = false;

/** The folder that holds what an archive holds. @throws TandemError as `unzip` */
export async function unpackedFolder(archive: string, signal: AbortSignal): Promise<Unpacked> {
  removeAtExit();
  const file = await open(archive, 'r');
  try {
    const { size, mtimeMs } = await file.stat();
    const key = `${await realpath(archive)}\n${size}\n${mtimeMs}`;
    const known = unpacked.get(key);
    if (known !== undefined) return await known;
    const made = (async () => {
      const root = await mkdtemp(unpackedPrefix(process.pid));
      folders.set(root, archive);
      try {
        return { archive, folder: root, refusals: await unzip(file, size, root, signal) };
      } catch (error) {
        folders.delete(root);
        await rm(root, { recursive: true, force: true });
        throw error;
      }
    })();
    unpacked.set(key, made);
    // A failure is not remembered.
    made.catch(() => unpacked.delete(key));
    return await made;
  } finally {
    await file.close();
  }
}

/** `study.zip › series/IM7`: a path as the user knows it, where the file was unpacked from an archive. */
export function shownPath(path: string): string {
  for (const [folder, archive] of folders) {
    if (path === folder) return archive;
    if (path.startsWith(folder + sep)) return pathInArchive(archive, relative(folder, path));
  }
  return path;
}

/** `study.zip › series/IM7`, of an entry's name. */
export function pathInArchive(archive: string, name: string): string {
  return `${archive} › ${name.split(sep).join('/')}`;
}

/** Whether a path is one of those that archives were unpacked to. */
export function isUnpacked(path: string): boolean {
  return shownPath(path) !== path;
}

function removeAtExit(): void {
  if (isRemovedAtExit) return;
  isRemovedAtExit = true;
  process.on('exit', () => removeUnpackedOf(process.pid));
}
