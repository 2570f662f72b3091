import { join, resolve } from 'node:path';
import type { DicomForm } from '../../core/contract/schemas.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { sliceSpacingMm } from '../../core/volume/sliceStack.ts';
import type { Deidentifier } from '../deidentify/deidentifier.ts';
import type { EnhancedSeries } from '../superres/types.ts';
import { checkOutputFolder, writeFolderAtomically } from './atomic.ts';
import { type ExportCompanions, requireCompanions, writeBesideEnhanced } from './besideEnhanced.ts';
import { planDicomSeries } from './dicomPlan.ts';
import { writeDicomSeries } from './dicomSeries.ts';
import { planNiftiSeries, writeNiftiSeries } from './niftiSeries.ts';
import type { WrittenSeries } from './types.ts';
import { hashOf, parametersOf, uidOf } from './uids.ts';

/**
 * Writes an enhanced series to a folder, whole or not at all. DICOM: as the source was, one MR Image Storage file a
 * slice, `0001.dcm` … along the normal, or one Enhanced MR image, `0001.dcm`; positions the target's. NIfTI: one
 * `.nii.gz`.
 *
 * @param out absent or an empty folder.
 * @param options.now the time of processing that the files state.
 * @param options.deidentifier applied to what is written; a NIfTI then has a name that says nothing.
 * @throws TandemError `usage` (a companion that there is not), `output-exists`, `unsupported-format` (DICOM for a target that is no MR of DICOM),
 *   `no-permission`, `write-failed`, `cancelled`; nothing stays behind.
 */
export async function exportEnhanced(
  series: EnhancedSeries,
  out: string,
  format: 'dicom' | 'nifti',
  job: JobContext,
  options: ExportOptions = {},
): Promise<WrittenSeries> {
  throwIfCancelled(job.signal);
  requireCompanions(series, options.companions ?? []);
  const folder = resolve(out);
  await checkOutputFolder(folder);
  job.progress({ stage: 'exporting', done: 0, total: series.stack.slices.length });
  return format === 'dicom'
    ? exportDicom(series, folder, job, options)
    : exportNifti(series, folder, job, options);
}

export interface ExportOptions {
  readonly now?: Date | undefined;
  readonly deidentifier?: Deidentifier | undefined;
  /** What goes beside the series into its folder. */
  readonly companions?: ExportCompanions | undefined;
  /** DICOM alone: the form, `source` (as it was) where absent. */
  readonly as?: DicomForm | undefined;
}

async function exportDicom(
  series: EnhancedSeries,
  folder: string,
  job: JobContext,
  { now = new Date(), deidentifier, companions = [], as }: ExportOptions,
): Promise<WrittenSeries> {
  if (series.target.summary.format !== 'dicom') {
    throw new TandemError(
      'unsupported-format',
      'A target that came as NIfTI has no patient or study to file DICOM under',
      {
        path: series.target.summary.path,
        hint: 'Ask for NIfTI (--format nifti).',
      },
    );
  }
  const plan = { ...(await planDicomSeries(series, now, job, as)), deidentifier };
  let beside: string[] = [];
  const write = async (temporary: string): Promise<void> => {
    await writeDicomSeries(plan, temporary, job);
    beside = await writeBesideEnhanced(series, companions, 'dicom', temporary, job, deidentifier);
  };
  await writeFolderAtomically(folder, write, { signal: job.signal });
  const { stack } = series;
  return {
    files: plan.names.map((name) => join(folder, name)),
    companions: beside.map((name) => join(folder, name)),
    folder,
    seriesUid: deidentifier?.uid(plan.facts.seriesUid) ?? plan.facts.seriesUid,
    size: [stack.columns, stack.rows, stack.slices.length],
    spacingMm: [...stack.spacingMm, sliceSpacingMm(stack)],
    originLps: stack.slices[0]!.positionLps,
    clipped: plan.facts.stored.clipped,
    warnings: [],
  };
}

async function exportNifti(
  series: EnhancedSeries,
  folder: string,
  job: JobContext,
  { deidentifier, companions = [] }: ExportOptions,
): Promise<WrittenSeries> {
  const plan = planNiftiSeries(series, { nameless: deidentifier !== undefined });
  let beside: string[] = [];
  const write = async (temporary: string): Promise<void> => {
    await writeNiftiSeries(plan, join(temporary, plan.name), job);
    beside = await writeBesideEnhanced(series, companions, 'nifti', temporary, job, deidentifier);
  };
  await writeFolderAtomically(folder, write, { signal: job.signal });
  const { grid, voxels } = plan.volume;
  const hash = hashOf(new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength));
  return {
    files: [join(folder, plan.name)],
    companions: beside.map((name) => join(folder, name)),
    folder,
    seriesUid: uidOf('series', parametersOf(series), hash),
    size: grid.size,
    spacingMm: grid.spacingMm,
    originLps: grid.originLps,
    clipped: 0,
    warnings: plan.warnings,
  };
}
