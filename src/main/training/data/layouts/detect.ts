import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { looksLikeDicom } from '../../../../core/dicom/dataSet.ts';
import { TandemError } from '../../../../core/errors.ts';
import type { JobContext } from '../../../../core/job.ts';
import { readHead, withFile } from '../../../studies/dicomFile.ts';
import { isNiftiName } from '../../../studies/niftiFile.ts';
import { walkFiles } from '../../../studies/walk.ts';
import type { Layout } from '../layouts.ts';
import { bratsNames } from './brats.ts';
import { holdsFolders } from './folders.ts';
import { ixiNames } from './ixi.ts';

/**
 * The layout of a folder, by what is found first: volumes named by the target's contrast, one file named by a
 * collection's rule, one DICOM file. Throws `not-found` with what was looked for where there is none of these,
 * `cancelled`.
 */
export async function detectLayout(folder: string, target: string, job: JobContext): Promise<Layout> {
  if ((await stat(folder).catch(() => undefined)) === undefined) {
    throw new TandemError('not-found', 'There is no such folder', { path: folder, hint: 'Check the path.' });
  }
  if (await holdsFolders(folder, target)) return 'folders';
  let nifti: string | undefined;
  for await (const { path } of walkFiles(folder, job.signal)) {
    const name = basename(path);
    for (const { layout, parse } of [ixiNames, bratsNames]) if (parse(name) !== undefined) return layout;
    if (isNiftiName(name)) nifti ??= name;
    else if (await isDicom(path)) return 'dicom';
  }
  const seen = nifti === undefined ? 'no NIfTI file of any name' : `NIfTI files, such as ${nifti}`;
  throw new TandemError(
    'not-found',
    `There is no ${target}.nii.gz in this folder or in those within, no file named as in IXI or BraTS, and no DICOM file, but ${seen}`,
    {
      path: folder,
      hint: 'A case is a folder with one NIfTI volume a contrast, such as t1.nii.gz and t2.nii.gz; name the contrasts with --target and --reference.',
    },
  );
}

async function isDicom(path: string): Promise<boolean> {
  try {
    return await withFile(
      path,
      async (file, bytes) => bytes > 0 && looksLikeDicom(await readHead(file, bytes)),
    );
  } catch {
    return false;
  }
}
