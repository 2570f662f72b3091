import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { throwIfCancelled } from '../../../../core/errors.ts';
import { isNiftiName } from '../../../studies/niftiFile.ts';
import type { Contrasts, Finder, FoundCase, LeftOut } from '../layouts.ts';
import { pairInFolder, patientOf, readPair } from '../pairFiles.ts';

/**
 * Folders with one volume a contrast, named by it (`t1.nii.gz`, `t2.nii`), or folders of such folders; links
 * are followed.
 */
export const findFolders: Finder = async (folders, contrasts, job) => {
  const cases: FoundCase[] = [];
  const without: LeftOut[] = [];
  for (const source of folders) {
    const here = await caseIn(source, contrasts);
    if (here !== undefined) {
      cases.push(here);
      continue;
    }
    for (const folder of await foldersIn(source)) {
      throwIfCancelled(job.signal);
      const one = await caseIn(folder, contrasts);
      if (one !== undefined) cases.push(one);
      else if ((await readdir(folder).catch(() => [])).some(isNiftiName)) {
        const name = basename(folder);
        without.push({
          name,
          patient: patientOf(name),
          reason: `There is no ${contrasts.target}.nii.gz in the folder`,
        });
      }
    }
  }
  return { cases, without };
};

/** Whether a folder, or one in it, holds a volume named by the target's contrast. */
export async function holdsFolders(source: string, target: string): Promise<boolean> {
  for (const folder of [source, ...(await foldersIn(source))]) {
    if ((await caseIn(folder, { target })) !== undefined) return true;
  }
  return false;
}

async function caseIn(folder: string, { target, reference }: Contrasts): Promise<FoundCase | undefined> {
  const alone = await pairInFolder(folder, { target, reference: undefined }).catch(() => undefined);
  if (alone === undefined) return undefined;
  const pair =
    reference === undefined
      ? alone
      : await pairInFolder(folder, { target, reference }).catch(() => undefined);
  return {
    name: alone.name,
    patient: alone.patient,
    layout: 'folders',
    path: folder,
    target: basename(alone.target),
    reference: pair?.reference && basename(pair.reference),
    notes: [],
    problem: pair === undefined ? `There is no ${reference}.nii.gz beside the target` : undefined,
    read: () => readPair(pair ?? alone),
  };
}

async function foldersIn(source: string): Promise<string[]> {
  const paths: string[] = [];
  for (const name of await readdir(source).catch(() => [])) {
    const path = join(source, name);
    if (name.startsWith('.')) continue;
    if ((await stat(path).catch(() => undefined))?.isDirectory()) paths.push(path);
  }
  return paths.sort();
}
