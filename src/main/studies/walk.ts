import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import { readError } from './readErrors.ts';

export type Found =
  | { readonly path: string; readonly bytes: number }
  | { readonly path: string; readonly error: TandemError };

const MAX_DEPTH = 64;
const MAX_FILES = 1_000_000;

/**
 * The files at and below a path, in the order of their names. Links are followed, each folder is visited
 * once, so that a loop of links ends; hidden files and folders (a dot first) below the path are passed
 * over; pipes, sockets and devices are never opened. What cannot be listed comes as an error in its place.
 */
export async function* walkFiles(path: string, signal: AbortSignal): AsyncGenerator<Found> {
  const root = resolve(path);
  const state = { visited: new Set<string>(), files: 0, signal };
  yield* visit(root, 0, state);
}

interface WalkState {
  readonly visited: Set<string>;
  readonly signal: AbortSignal;
  files: number;
}

async function* visit(path: string, depth: number, state: WalkState): AsyncGenerator<Found> {
  throwIfCancelled(state.signal);
  try {
    const status = await stat(path);
    if (status.isFile()) {
      if (++state.files > MAX_FILES) {
        throw new TandemError('too-large', `There are more than ${MAX_FILES} files`, {
          path,
          hint: 'Choose a smaller folder.',
        });
      }
      yield { path, bytes: status.size };
      return;
    }
    if (!status.isDirectory()) {
      throw new TandemError('not-an-image', 'This is neither a file nor a folder', { path });
    }
    if (depth > MAX_DEPTH) {
      throw new TandemError('too-large', `Folders are nested more than ${MAX_DEPTH} deep`, { path });
    }
    const real = await realpath(path);
    if (state.visited.has(real)) return;
    state.visited.add(real);
  } catch (error) {
    yield { path, error: readError(error, path) };
    return;
  }
  let names: string[];
  try {
    names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort(byName);
  } catch (error) {
    yield { path, error: readError(error, path) };
    return;
  }
  for (const name of names) yield* visit(join(path, name), depth + 1, state);
}

/** `2` before `10`, capitals beside small letters, the same on every machine. */
const collator = new Intl.Collator('en', { numeric: true });
export function byName(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : 1);
}

/** Whether a folder's entry is hidden. */
export function isHidden(entry: Pick<Dirent, 'name'>): boolean {
  return basename(entry.name).startsWith('.');
}
