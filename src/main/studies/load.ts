import { type FileHandle, open } from 'node:fs/promises';
import type { SliceAxis } from '../../core/contract/schemas.ts';
import { type Instance, readInstances } from '../../core/dicom/instance.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { chooseSliceAxis, volumeToStack } from '../../core/volume/convert.ts';
import type { Slice, SliceSource, SliceStack } from '../../core/volume/sliceStack.ts';
import { readDicomHeader, readHead, withFile } from './dicomFile.ts';
import { readFramePixels } from './framePixels.ts';
import { readNiftiImage } from './niftiFile.ts';
import { readError } from './readErrors.ts';
import type { LoadedSeries, SeriesEntry, SlicePlace } from './types.ts';
import { shownPath } from './unpacked.ts';

export interface LoadOptions {
  /** NIfTI only: the plane of the slices, where the rule of the largest spacing is not wanted. */
  readonly plane?: SliceAxis | undefined;
}

/** A reader sees no finer steps, and every one is drawn. */
const PROGRESS_STEPS = 20;
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
  const places = entry.slices ?? files.map((_, file): SlicePlace => ({ file }));
  const bytes = geometry.columns * geometry.rows * places.length * 4;
  if (bytes > MAX_STACK_BYTES) {
    throw new TandemError('too-large', `The series takes ${Math.round(bytes / 2 ** 20)} MB of pixels`, {
      path: entry.summary.path,
    });
  }
  const slices: Slice[] = new Array(places.length);
  const first: { thicknessMm?: number | undefined } = {};
  let done = 0;
  const tellEvery = Math.ceil(places.length / PROGRESS_STEPS);
  // File by file, so that the header of one with many frames is read once.
  const byFile = Map.groupBy(places.keys(), (n) => places[n]!.file);
  for (const [file, wanted] of byFile) {
    const path = files[file]!;
    for await (const { n, instance, pixels } of readSlices(path, wanted, places)) {
      throwIfCancelled(job.signal);
      checkUnchanged(instance, entry, n);
      if (n === 0) first.thicknessMm = instance.sliceThicknessMm;
      slices[n] = { positionLps: instance.geometry!.positionLps, pixels, source: sourceOf(instance) };
      done++;
      if (done % tellEvery === 0 || done === places.length) {
        job.progress({ stage: 'reading', done, total: places.length });
      }
    }
  }
  return {
    columns: geometry.columns,
    rows: geometry.rows,
    spacingMm: geometry.spacingMm,
    iAxisLps: geometry.iAxisLps,
    jAxisLps: geometry.jAxisLps,
    sliceThicknessMm: first.thicknessMm,
    slices,
  };
}

/** The wanted images of one file with their pixels in real-world units, frame by frame. */
async function* readSlices(
  path: string,
  wanted: readonly number[],
  places: readonly SlicePlace[],
): AsyncGenerator<{ n: number; instance: Instance; pixels: Float32Array }> {
  const file = await openFile(path);
  try {
    const { instances, inflated } = await readImages(file, path);
    const byFrame = Map.groupBy(wanted, (n) => places[n]!.frame ?? 0);
    for (const [frame, numbers] of [...byFrame].sort(([a], [b]) => a - b)) {
      let stored: Float32Array | undefined;
      for (const n of numbers) {
        const instance = instanceAt(instances, path, places[n]!);
        stored ??= await readFramePixels(file, instance.format, frame, inflated, instance.format);
        yield { n, instance, pixels: tileOf(stored, instance) };
      }
    }
  } catch (error) {
    throw readError(error, path);
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw readError(error, path);
  }
}

async function readImages(file: FileHandle, path: string) {
  const fileBytes = (await file.stat()).size;
  const head = await readHead(file, fileBytes);
  const { dataSet, availableBytes, inflated } = await readDicomHeader(file, fileBytes, head);
  return { instances: readInstances(dataSet, path, availableBytes), inflated };
}

/** What a file's header says of its images. @throws TandemError as `readInstances` does */
export async function readInstancesOf(path: string): Promise<Instance[]> {
  try {
    return await withFile(path, async (file) => (await readImages(file, path)).instances);
  } catch (error) {
    throw readError(error, path);
  }
}

/** The image at a place in its file. @throws TandemError `bad-header` where there is none */
export function instanceAt(instances: readonly Instance[], path: string, place: PlaceInFile): Instance {
  const found = instances.find((image) => isAt(image, place));
  if (found === undefined) throw changed(path);
  return found;
}

type PlaceInFile = Pick<SliceSource, 'frame' | 'tile'>;

function isAt({ frame, tile }: Instance, place: PlaceInFile): boolean {
  return frame === place.frame && tile?.row === place.tile?.row && tile?.column === place.tile?.column;
}

function tileOf(stored: Float32Array, { tile, rows, columns, format }: Instance): Float32Array {
  if (tile === undefined) return stored;
  const pixels = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const from = (tile.row + row) * format.columns + tile.column;
    pixels.set(stored.subarray(from, from + columns), row * columns);
  }
  return pixels;
}

function sourceOf({ path, sopInstanceUid, sopClassUid, frame, tile, format }: Instance): SliceSource {
  return {
    path,
    sopInstanceUid,
    sopClassUid,
    frame,
    rescale: { slope: format.slope, intercept: format.intercept },
    tile,
  };
}

/** Between listing and loading someone may have written to the folder. */
function checkUnchanged(instance: Instance, entry: SeriesEntry, n: number): void {
  const expected = entry.geometry?.positionsLps[n];
  const same =
    instance.rows === entry.geometry?.rows &&
    instance.columns === entry.geometry.columns &&
    (entry.seriesInstanceUid === undefined || instance.seriesUid === entry.seriesInstanceUid) &&
    instance.geometry?.positionLps.every((value, axis) => value === expected?.[axis]) === true;
  if (!same) throw changed(instance.path);
}

function changed(path: string): TandemError {
  return new TandemError('bad-header', 'The file has changed since the folder was listed', {
    path: shownPath(path),
    hint: 'List the folder again.',
  });
}
