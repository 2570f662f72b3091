import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { TandemError } from '../../core/errors.ts';
import { findContrast } from '../studies/caseFolder.ts';
import { isNiftiName } from '../studies/niftiFile.ts';

export interface FoundCase {
  /** The folder's name; with that of the folder above where two cases are called the same. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

export interface FoundCases {
  readonly cases: readonly FoundCase[];
  /** Folders with images, in a folder of cases, that lack the target. */
  readonly without: readonly FoundCase[];
}

/**
 * The cases that folders name, in that order, each once. A folder that holds `<target>.nii.gz` (or `.nii`) is
 * a case; of any other, the folders in it (one level, sorted by name) that hold one are.
 *
 * @throws TandemError `not-found` naming every folder that is no case and holds none.
 */
export async function findCases(folders: readonly string[], target: string): Promise<FoundCases> {
  const cases = new Set<string>();
  const without = new Set<string>();
  const empty: string[] = [];
  for (const folder of folders.map((path) => resolve(path))) {
    if ((await findContrast(folder, target)) !== undefined) {
      cases.add(folder);
      continue;
    }
    let found = 0;
    for (const inside of await foldersIn(folder)) {
      if ((await findContrast(inside, target)) !== undefined) {
        cases.add(inside);
        found++;
      } else if (await holdsImages(inside)) without.add(inside);
    }
    if (found === 0) empty.push(folder);
  }
  if (empty.length > 0) throw await noCases(empty, target);
  return { cases: named([...cases]), without: named([...without]) };
}

async function noCases(folders: readonly string[], target: string): Promise<TandemError> {
  const [first = ''] = folders;
  const isFolder = (await stat(first).catch(() => undefined))?.isDirectory() ?? false;
  const message =
    folders.length > 1
      ? `No ${target}.nii.gz in these folders, nor in any folder in them: ${folders.join(', ')}`
      : isFolder
        ? `No ${target}.nii.gz here, nor in any folder in it`
        : 'There is no such folder';
  return new TandemError('not-found', message, {
    path: folders.length > 1 ? undefined : first,
    hint: 'A case is a folder with one NIfTI volume a contrast, such as t1.nii.gz and t2.nii.gz.',
  });
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const paths: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    // Folders of cases are often made of links.
    const isFolder = entry.isSymbolicLink()
      ? (await stat(path).catch(() => undefined))?.isDirectory() === true
      : entry.isDirectory();
    if (isFolder) paths.push(path);
  }
  return paths.sort();
}

async function holdsImages(folder: string): Promise<boolean> {
  return (await readdir(folder).catch(() => [])).some(isNiftiName);
}

/** Names by which all of them can be told apart. */
function named(paths: readonly string[]): FoundCase[] {
  const count = new Map<string, number>();
  for (const path of paths) count.set(basename(path), (count.get(basename(path)) ?? 0) + 1);
  const used = new Set<string>();
  return paths.map((path) => {
    const base = basename(path);
    const wanted = count.get(base) === 1 ? base : `${basename(dirname(path))}-${base}`;
    let name = wanted;
    for (let number = 2; used.has(name); number++) name = `${wanted}-${number}`;
    used.add(name);
    return { name, path };
  });
}
