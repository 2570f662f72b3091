import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Request } from '../../core/contract/operations.ts';
import type { DataSet } from '../../core/dicom/derived/dataSet.ts';
import { encodeDicomFile } from '../../core/dicom/derived/encode.ts';
import { unacceptedMark } from '../../core/dicom/derived/provenance.ts';
import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import type { Deidentifier } from '../deidentify/deidentifier.ts';
import { transformText } from '../registration/transformFile.ts';
import type { EnhancedSeries } from '../superres/types.ts';
import { registrationCompanion } from './registrationCompanion.ts';

export type ExportCompanions = Request<'export'>['companions'];

/** @throws TandemError `usage` where a companion is asked for that this enhanced series has not got */
export function requireCompanions(series: EnhancedSeries, companions: ExportCompanions): void {
  if (!companions.includes('registration') || series.fixedToMoving !== undefined) return;
  throw new TandemError('usage', 'There is no registration to export: none was made for this series', {
    hint: 'Leave it out, or enhance with a reference and rigid registration.',
  });
}

/** The registration that an enhanced series was made with, as a DICOM object. Throws as `requireCompanions`. */
export async function registrationOf(series: EnhancedSeries, job: JobContext): Promise<DataSet> {
  const { target, reference, fixedToMoving, provenance } = series;
  requireCompanions(series, ['registration']);
  const made = { by: provenance.registration.by, mark: unacceptedMark(provenance.model.state) };
  return (await registrationCompanion(target, reference!, fixedToMoving!, job, made)).dataSet;
}

/**
 * Writes what was asked for beside an enhanced series into the folder that is being filled: as DICOM objects, or
 * beside a NIfTI in the forms that go with one.
 * @returns names of the files
 */
export async function writeBesideEnhanced(
  series: EnhancedSeries,
  companions: ExportCompanions,
  format: 'dicom' | 'nifti',
  folder: string,
  job: JobContext,
  deidentifier: Deidentifier | undefined,
): Promise<string[]> {
  if (!companions.includes('registration')) return [];
  if (format === 'nifti') {
    await writeFile(join(folder, 'registration.tfm'), transformText(series.fixedToMoving!), { flag: 'wx' });
    return ['registration.tfm'];
  }
  const dataSet = await registrationOf(series, job);
  const bytes = encodeDicomFile(deidentifier?.dataSet(dataSet) ?? dataSet);
  await writeFile(join(folder, 'registration.dcm'), bytes, { flag: 'wx' });
  return ['registration.dcm'];
}
