import { rmSync } from 'node:fs';
import { mkdtemp, open, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import { type Refusal, unzip } from './zip.ts';

/**
 * Archives unpacked into folders that only their owner can read, once a process and archive. They are
 * removed when the process ends; what a killed one left is swept by the next.
 */

interface Unpacked {
  readonly archive: string;
  readonly folder: string;
  readonly refusals: readonly Refusal[];
}

const PREFIX = 'tandem-zip-';
const unpacked = new Map<string, Promise<Unpacked>>();
const folders = new Map<string, string>();
let isReady = false;

/** The folder that holds what an archive holds. @throws TandemError as `unzip` */
export async function unpackedFolder(archive: string, signal: AbortSignal): Promise<Unpacked> {
  await getReady();
  const file = await open(archive, 'r');
  try {
    const { size, mtimeMs } = await file.stat();
    const key = `${await realpath(archive)}\n${size}\n${mtimeMs}`;
    const known = unpacked.get(key);
    if (known !== undefined) return await known;
    const made = (async () => {
      const root = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
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

/** A path as the user knows it: within the archive, where it was unpacked from one. */
export function shownPath(path: string): string {
  for (const [folder, archive] of folders) {
    if (path === folder) return archive;
    if (path.startsWith(folder + sep)) return join(archive, relative(folder, path));
  }
  return path;
}

async function getReady(): Promise<void> {
  if (isReady) return;
  isReady = true;
  process.on('exit', () => {
    for (const folder of folders.keys()) rmSync(folder, { recursive: true, force: true });
  });
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(basename(name))?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) {
      await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
    }
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
