import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Request } from '../../../core/contract/operations.ts';
import { TandemError, throwIfCancelled } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import type { FoundCase } from './layouts.ts';
import { pairInFolder, patientOf } from './pairFiles.ts';

/**
 * The cases that are asked for: folders with one volume a contrast, or folders of such folders. Throws
 * `not-found` where a folder holds no case.
 */
export async function findCases(
  request: Pick<Request<'dataPrepare'>, 'sources' | 'target' | 'reference'>,
  job: JobContext,
): Promise<FoundCase[]> {
  const found = new Map<string, FoundCase>();
  for (const source of request.sources.map((path) => resolve(path))) {
    throwIfCancelled(job.signal);
    const here = await caseIn(source, request);
    const cases = here ? [here] : [];
    if (cases.length === 0) {
      const folders = await readdir(source, { withFileTypes: true }).catch(() => []);
      for (const folder of folders.filter((item) => item.isDirectory())) {
        const one = await caseIn(join(source, folder.name), request);
        if (one !== undefined) cases.push(one);
      }
    }
    if (cases.length === 0) {
      throw new TandemError(
        'not-found',
        `There is no ${request.target}.nii.gz in this folder or in those within`,
        {
          path: source,
          hint: 'A case is a folder with one NIfTI volume a contrast, such as t1.nii.gz and t2.nii.gz.',
        },
      );
    }
    for (const one of cases) found.set(one.target, one);
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function caseIn(
  folder: string,
  { target, reference }: Pick<Request<'dataPrepare'>, 'target' | 'reference'>,
): Promise<FoundCase | undefined> {
  const alone = await pairInFolder(folder, { target, reference: undefined }).catch(() => undefined);
  if (alone === undefined || reference === undefined) return alone;
  return pairInFolder(folder, { target, reference }).catch(() => ({
    ...alone,
    name: basename(folder),
    patient: patientOf(basename(folder)),
    missing: `There is no ${reference}.nii.gz beside the target`,
  }));
}
