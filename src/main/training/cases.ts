import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { chooseSliceAxis, volumeToStack } from '../../core/volume/convert.ts';
import { cropToMultiple } from '../../core/volume/crop.ts';
import { shareAbove } from '../../core/volume/foreground.ts';
import { scaleOf } from '../../core/volume/intensity.ts';
import { truncateKspace, zeroFill } from '../../core/volume/kspace.ts';
import { reorientToRas } from '../../core/volume/reorient.ts';
import { sliceSampler } from '../../core/volume/resample.ts';
import { sliceSpacingMm } from '../../core/volume/sliceStack.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { readNiftiFile } from '../studies/niftiFile.ts';

/** One slice as the network meets it: row-major images of the case's rows × columns, about [0, 1]. */
export interface TrainingSlice {
  readonly truth: Float32Array;
  /** The truth degraded, then zero-filled from the magnitude image. */
  readonly zeroFilled: Float32Array;
  /** The truth truncated in k-space to 1/factor, by factor; at the scale it is the target as it was acquired. */
  readonly smaller: ReadonlyMap<number, Float32Array>;
  /** The reference on the same grid, averaged over the slice's thickness; absent where none is used. */
  readonly reference: Float32Array | undefined;
}

export interface TrainingCase {
  /** The folder's name. */
  readonly name: string;
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
  readonly rows: number;
  readonly columns: number;
  readonly spacingMm: readonly [number, number];
  readonly sliceThicknessMm: number;
  readonly slices: readonly TrainingSlice[];
}

export interface CaseOptions {
  /** Names of the volumes in the folder: `t2` is `t2.nii.gz` or `t2.nii`. */
  readonly target: string;
  readonly reference: string | undefined;
  readonly scale: 2 | 4;
}

/** Slices are cropped to this multiple, so that they are degraded without a rest. */
const SIZE_MULTIPLE = 8;
/** A slice counts where more than a tenth of it is above this. */
export const CONTENT_THRESHOLD = 0.02;
const LEAST_CONTENT = 0.1;

/**
 * Reads a case the way evaluation does: reoriented to RAS, slices normal to the largest spacing (isotropic:
 * nearest inferior–superior), intensities divided by the volume's own 99.9th percentile (and not clipped),
 * cropped at the high end to a multiple of 8, slices with content only; the reference sampled by the
 * headers. Throws `not-found`, `nothing-readable` (no slice with content), or what reading throws.
 */
export async function loadTrainingCase(
  folder: string,
  options: CaseOptions,
  job: JobContext,
): Promise<TrainingCase> {
  const target = await readVolume(folder, options.target);
  const reference = options.reference === undefined ? undefined : await readVolume(folder, options.reference);

  const volume = reorientToRas(target.volume);
  const stack = cropToMultiple(volumeToStack(volume, chooseSliceAxis(volume.grid)), SIZE_MULTIPLE);
  const { rows, columns } = stack;
  const sliceThicknessMm = sliceSpacingMm(stack);
  const targetScale = scaleOf(stack);
  const sampler = reference && sliceSampler(reference.volume, stack, { slabMm: sliceThicknessMm });
  const referenceScale = reference ? scaleOf(reference.volume.voxels) : 1;

  const slices: TrainingSlice[] = [];
  for (const [index, slice] of stack.slices.entries()) {
    throwIfCancelled(job.signal);
    const truth = slice.pixels.map((value) => value / targetScale);
    if (shareAbove(truth, CONTENT_THRESHOLD) <= LEAST_CONTENT) continue;
    const low = truncateKspace(truth, rows, columns, options.scale);
    slices.push({
      truth,
      zeroFilled: zeroFill(low.pixels, low.rows, low.columns, rows, columns),
      smaller: new Map([
        ...(options.scale === 4 ? [[2, truncateKspace(truth, rows, columns, 2).pixels] as const] : []),
        [options.scale, low.pixels],
      ]),
      reference: sampler?.(index).pixels.map((value) => value / referenceScale),
    });
  }
  if (slices.length === 0) {
    throw new TandemError('nothing-readable', 'No slice of this case has content to train on', {
      path: folder,
    });
  }
  const files = [target, ...(reference ? [reference] : [])].map(({ name, sha256 }) => ({ name, sha256 }));
  return {
    name: basename(folder),
    files,
    rows,
    columns,
    spacingMm: stack.spacingMm,
    sliceThicknessMm,
    slices,
  };
}

async function readVolume(
  folder: string,
  contrast: string,
): Promise<{ name: string; sha256: string; volume: Volume }> {
  for (const name of [`${contrast}.nii.gz`, `${contrast}.nii`]) {
    const path = join(folder, name);
    if (!(await isFile(path))) continue;
    const volume = await readNiftiFile(path);
    return { name, sha256: await sha256OfFile(path), volume };
  }
  throw new TandemError('not-found', `The case has no ${contrast}.nii.gz`, {
    path: folder,
    hint: 'A case is a folder with one NIfTI volume a contrast, such as t1.nii.gz and t2.nii.gz.',
  });
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
