import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Request, Result } from '../../core/contract/operations.ts';
import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import type { Grid } from '../../core/volume/grid.ts';
import type { Handler } from '../host/handler.ts';
import { recentScan } from './lastScan.ts';
import { isNiftiName, readNiftiImage } from './niftiFile.ts';
import { readError } from './readErrors.ts';
import { type LoadedSegmentation, readSegmentationFile } from './segmentationFile.ts';

const MOST_LABELS = 4096;
const GREATEST_LABEL = 32_767;

/**
 * A labelmap for laying over images: a NIfTI of whole numbers, or a DICOM Segmentation.
 * @throws TandemError `usage` where a NIfTI holds no labels, `bad-geometry` where a segmentation has no place in
 *   the patient or lies in another frame of reference, and as reading the file does
 */
export const labelmapOperation: Handler<'labelmap'> = async (request, job) => {
  const path = await fileOf(request, job);
  return isNiftiName(path)
    ? niftiLabels(path, job.signal)
    : segmentLabels(path, request.frameOfReferenceUid, job.signal);
};

/** The file that is asked for: there, or where an archive of the study was unpacked to. */
async function fileOf({ path, within }: Request<'labelmap'>, job: JobContext): Promise<string> {
  const missing = await access(path).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (missing === undefined) return path;
  if (within.length > 0) {
    for (const { summary, segmentations = [] } of (await recentScan(within, job)).studies) {
      const at = summary.segmentations?.findIndex((one) => one.path === path) ?? -1;
      if (at >= 0) return segmentations[at]!;
    }
  }
  throw readError(missing, path);
}

async function niftiLabels(path: string, signal: AbortSignal): Promise<Result<'labelmap'>> {
  const { volume } = await readNiftiImage(path, signal);
  const labels = new Int16Array(volume.voxels.length);
  for (let n = 0; n < labels.length; n++) {
    const value = volume.voxels[n]!;
    labels[n] = value;
    if (labels[n] !== value) {
      throw new TandemError('usage', 'The values of this file are not whole numbers: it holds no labels', {
        path,
        hint: 'Choose a file of labels, on any grid: a NIfTI of whole numbers from −32768 to 32767, or a DICOM Segmentation.',
      });
    }
  }
  const found = valuesOf(labels, path);
  return {
    ...onGrid(volume.grid, labels),
    format: 'nifti',
    label: basename(path),
    labels: found.map((value) => ({ value, name: String(value), colorRgb: null })),
    warnings: [],
  };
}

async function segmentLabels(
  path: string,
  frameOfReferenceUid: string | undefined,
  signal: AbortSignal,
): Promise<Result<'labelmap'>> {
  const loaded = await readSegmentationFile(path, signal);
  checkFrameOfReference(loaded, frameOfReferenceUid, path);
  const { header, grid } = loaded;
  const { voxels, numberOf } = asInt16(loaded.voxels, path);
  const described = new Map(header.segments.map((segment) => [segment.number, segment]));
  return {
    ...onGrid(grid, voxels),
    format: 'dicom',
    label: header.description || header.contentLabel || basename(path),
    labels: valuesOf(voxels, path).map((value) => {
      const number = numberOf(value);
      const segment = described.get(number);
      return {
        value,
        name: segment?.label ?? String(number),
        colorRgb: segment?.colorRgb === undefined ? null : [...segment.colorRgb],
      };
    }),
    warnings: warningsOf(loaded, frameOfReferenceUid),
  };
}

function checkFrameOfReference(
  { header }: LoadedSegmentation,
  wanted: string | undefined,
  path: string,
): void {
  const own = header.frameOfReferenceUid;
  if (own === undefined || wanted === undefined || own === wanted) return;
  throw new TandemError(
    'bad-geometry',
    'The segmentation lies in another frame of reference than the images',
    {
      path,
      hint: 'Choose one that was made on a series of this study, or register and resample it first.',
    },
  );
}

function warningsOf(
  { header, overlapping }: LoadedSegmentation,
  wanted: string | undefined,
): Result<'labelmap'>['warnings'] {
  const warnings: Result<'labelmap'>['warnings'] = [];
  if (overlapping > 0) {
    warnings.push({
      code: 'overlapping-segments',
      message: `${overlapping} voxels belong to several segments; one of them is shown there.`,
    });
  }
  if (wanted !== undefined && header.frameOfReferenceUid === undefined) {
    warnings.push({
      code: 'no-frame-of-reference',
      message: 'The file does not say whose space it lies in; it is taken to be that of the images.',
    });
  }
  return warnings;
}

/** Labels in 16 bits with a sign. Numbers that do not fit are counted anew; `numberOf` tells which they were. */
function asInt16(
  voxels: Uint16Array,
  path: string,
): { voxels: Int16Array; numberOf: (value: number) => number } {
  const numbers = valuesOf(voxels, path);
  if ((numbers.at(-1) ?? 0) <= GREATEST_LABEL) {
    return { voxels: new Int16Array(voxels.buffer), numberOf: (value) => value };
  }
  const places = new Map(numbers.map((number, n) => [number, n + 1]));
  return {
    voxels: Int16Array.from(voxels, (number) => places.get(number) ?? 0),
    numberOf: (value) => numbers[value - 1]!,
  };
}

/** The values that occur other than 0, ascending. @throws TandemError `unsupported-format` where they are too many */
function valuesOf(voxels: Int16Array | Uint16Array, path: string): number[] {
  const found = new Set<number>();
  let last = 0;
  for (let n = 0; n < voxels.length; n++) {
    const value = voxels[n]!;
    if (value === last) continue;
    last = value;
    found.add(value);
    if (found.size > MOST_LABELS) {
      throw new TandemError(
        'unsupported-format',
        `The file has more than ${MOST_LABELS} labels: it holds no labels`,
        {
          path,
          hint: 'Choose a file of labels, not an image.',
        },
      );
    }
  }
  found.delete(0);
  return [...found].sort((a, b) => a - b);
}

function onGrid(
  grid: Grid,
  voxels: Int16Array,
): Pick<
  Result<'labelmap'>,
  'size' | 'spacingMm' | 'originLps' | 'axesLps' | 'dataType' | 'inventedSlices' | 'voxels'
> {
  return {
    size: [...grid.size],
    spacingMm: [...grid.spacingMm],
    originLps: [...grid.originLps],
    axesLps: [[...grid.axesLps[0]], [...grid.axesLps[1]], [...grid.axesLps[2]]],
    dataType: 'int16',
    inventedSlices: [],
    voxels: new Uint8Array(voxels.buffer as ArrayBuffer, voxels.byteOffset, voxels.byteLength),
  };
}
