import type { SliceAxis } from '../../core/contract/schemas.ts';
import { type Instance, readInstance } from '../../core/dicom/instance.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { chooseSliceAxis, volumeToStack } from '../../core/volume/convert.ts';
import type { Slice, SliceStack } from '../../core/volume/sliceStack.ts';
import { readDicomHeader, readHead, withFile } from './dicomFile.ts';
import { readFramePixels } from './framePixels.ts';
import { readNiftiImage } from './niftiFile.ts';
import { readError } from './readErrors.ts';
import type { LoadedSeries, SeriesEntry } from './types.ts';

export interface LoadOptions {
  /** NIfTI only: the plane of the slices, where the rule of the largest spacing is not wanted. */
  readonly plane?: SliceAxis | undefined;
}

/** Pixels of one stack, as 32-bit floats. */
const MAX_STACK_BYTES = 8 * 1024 ** 3;

/**
 * Reads the pixels of a series: for DICOM the slices as they were acquired, each at its true position; for
 * NIfTI the slices normal to the largest spacing, or along `plane`.
 *
 * @throws TandemError `bad-geometry` where the series has none; `bad-header` where the files are no longer
 *   what was indexed; and as the readers of files do
 */
export async function loadSeries(
  entry: SeriesEntry,
  job: JobContext,
  options: LoadOptions = {},
): Promise<LoadedSeries> {
  return entry.summary.format === 'nifti'
    ? loadNifti(entry, job, options)
    : { entry, stack: await loadDicom(entry, job) };
}

async function loadNifti(entry: SeriesEntry, job: JobContext, options: LoadOptions): Promise<LoadedSeries> {
  const path = entry.files[0]!;
  job.progress({ stage: 'reading', done: 0, total: 1 });
  const { volume, warnings } = await readNiftiImage(path, job.signal);
  throwIfCancelled(job.signal);
  job.progress({ stage: 'reading', done: 1, total: 1 });
  try {
    return { entry, stack: volumeToStack(volume, chooseSliceAxis(volume.grid, options.plane)), warnings };
  } catch (error) {
    throw readError(error, path);
  }
}

async function loadDicom(entry: SeriesEntry, job: JobContext): Promise<SliceStack> {
  const { geometry, files } = entry;
  if (geometry === undefined) {
    throw new TandemError('bad-geometry', 'The images do not say where in the patient they lie', {
      path: entry.summary.path,
      hint: 'Choose a series with Image Position, Image Orientation and Pixel Spacing.',
    });
  }
  const bytes = geometry.columns * geometry.rows * files.length * 4;
  if (bytes > MAX_STACK_BYTES) {
    throw new TandemError('too-large', `The series takes ${Math.round(bytes / 2 ** 20)} MB of pixels`, {
      path: entry.summary.path,
    });
  }
  const slices: Slice[] = [];
  let thickness: number | undefined;
  for (const [n, path] of files.entries()) {
    throwIfCancelled(job.signal);
    const { instance, pixels } = await readSlice(path);
    checkUnchanged(instance, entry, n);
    thickness ??= instance.sliceThicknessMm;
    slices.push({
      positionLps: instance.geometry!.positionLps,
      pixels,
      source: { path, sopInstanceUid: instance.sopInstanceUid, sopClassUid: instance.sopClassUid },
    });
    job.progress({ stage: 'reading', done: n + 1, total: files.length });
  }
  return {
    columns: geometry.columns,
    rows: geometry.rows,
    spacingMm: geometry.spacingMm,
    iAxisLps: geometry.iAxisLps,
    jAxisLps: geometry.jAxisLps,
    sliceThicknessMm: thickness,
    slices,
  };
}

/** One image with its pixels in real-world units. @throws TandemError as `readInstance` does */
export async function readSlice(path: string): Promise<{ instance: Instance; pixels: Float32Array }> {
  try {
    return await withFile(path, async (file, fileBytes) => {
      const head = await readHead(file, fileBytes);
      const { dataSet, availableBytes, inflated } = await readDicomHeader(file, fileBytes, head);
      const instance = readInstance(dataSet, path, availableBytes);
      return { instance, pixels: await readFramePixels(file, instance.format, 0, inflated) };
    });
  } catch (error) {
    throw readError(error, path);
  }
}

/** Between listing and loading someone may have written to the folder. */
function checkUnchanged(instance: Instance, entry: SeriesEntry, n: number): void {
  const expected = entry.geometry?.positionsLps[n];
  const same =
    instance.format.rows === entry.geometry?.rows &&
    instance.format.columns === entry.geometry.columns &&
    (entry.seriesInstanceUid === undefined || instance.seriesUid === entry.seriesInstanceUid) &&
    instance.geometry?.positionLps.every((value, axis) => value === expected?.[axis]) === true;
  if (!same) {
    throw new TandemError('bad-header', 'The file has changed since the folder was listed', {
      path: instance.path,
      hint: 'List the folder again.',
    });
  }
}
