import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it, and returns the topmost one that had to be made. Node's own
 * `mkdir(…, {recursive: true})` never comes back where a file system answers ENOENT about a folder whose parent
 * is there, as automounters and pseudo file systems do (nodejs 24).
 *
 * @param options.mode rights of the folders that are made, where they are not the usual ones.
 * @throws what `mkdir` and `stat` say, with their codes.
 */
export async function makeFolders(
  path: string,
  options: { readonly mode?: number | undefined } = {},
): Promise<string | undefined> {
  const missing: string[] = [];
  for (const folder of upwards(path)) {
    const found = await stat(folder).catch(absent);
    if (found !== undefined) break;
    missing.unshift(folder);
  }
  let first: string | undefined;
  // What is there as a file is told by mkdir as well.
  for (const folder of missing.length > 0 ? missing : [resolve(path)]) {
    try {
      await mkdir(folder, options.mode);
      first ??= folder;
    } catch (error) {
      if (!(isExisting(error) && (await stat(folder)).isDirectory())) throw error;
    }
  }
  return first;
}

/** The same at once, for what must be there before anything else can begin. */
export function makeFoldersSync(path: string, options: { readonly mode?: number | undefined } = {}): void {
  const missing: string[] = [];
  for (const folder of upwards(path)) {
    if (statSync(folder, { throwIfNoEntry: false }) !== undefined) break;
    missing.unshift(folder);
  }
  for (const folder of missing.length > 0 ? missing : [resolve(path)]) {
    try {
      mkdirSync(folder, options.mode);
    } catch (error) {
      if (!(isExisting(error) && statSync(folder).isDirectory())) throw error;
    }
  }
}

function* upwards(path: string): Generator<string> {
  let at = resolve(path);
  for (;;) {
    yield at;
    if (dirname(at) === at) return;
    at = dirname(at);
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}

function isExisting(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST';
}
