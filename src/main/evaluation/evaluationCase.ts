import { basename, resolve } from 'node:path';
import { TandemError } from '../../core/errors.ts';
import { chooseSliceAxis, volumeToStack } from '../../core/volume/convert.ts';
import { cropToMultiple } from '../../core/volume/crop.ts';
import { shareAbove } from '../../core/volume/foreground.ts';
import { scaledAndClipped, scaleOf } from '../../core/volume/intensity.ts';
import { reorientToRas } from '../../core/volume/reorient.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { contrastFile } from '../studies/caseFolder.ts';
import { readNiftiFile } from '../studies/niftiFile.ts';

/** Pixels above this, of an image scaled to [0, 1], are foreground. */
export const FOREGROUND = 0.02;
/** A slice counts where more than this share of it is foreground. */
const LEAST_FOREGROUND = 0.1;
const SIZE_MULTIPLE = 8;

export interface EvaluationCase {
  /** The folder's name. */
  readonly name: string;
  /** The target as scanned, in [0, 1]: the slices that count, cropped to multiples of 8. */
  readonly truth: SliceStack;
  /** The reference at full resolution, in [0, 1]. */
  readonly reference: Volume | undefined;
}

/**
 * A case to evaluate on: a folder with `<contrast>.nii.gz` (or `.nii`). Both volumes are reoriented to RAS,
 * divided by the 99.9th percentile of their voxels above 0 and clipped to [0, 1]. Slices are taken along
 * the axis nearest to inferior–superior; those count in which more than 10 % of the pixels are foreground.
 *
 * @throws TandemError `not-found`, `nothing-readable` (no slice has content), what reading throws.
 */
export async function loadEvaluationCase(
  folder: string,
  target: string,
  reference: string | undefined,
): Promise<EvaluationCase> {
  const path = resolve(folder);
  const volume = await loadScaledContrast(path, target);
  const stack = cropToMultiple(volumeToStack(volume, chooseSliceAxis(volume.grid, 'axial')), SIZE_MULTIPLE);
  const slices = stack.slices.filter(({ pixels }) => shareAbove(pixels, FOREGROUND) > LEAST_FOREGROUND);
  if (slices.length === 0) {
    throw new TandemError('nothing-readable', `No slice of ${target} shows enough of a patient`, {
      path,
      hint: 'At least a tenth of a slice must be above 2 % of the brightest.',
    });
  }
  return {
    name: basename(path),
    truth: { ...stack, slices },
    reference: reference === undefined ? undefined : await loadScaledContrast(path, reference),
  };
}

/**
 * One contrast of a case: reoriented to RAS, divided by the 99.9th percentile of its voxels above 0, clipped
 * to [0, 1]. Throws `not-found` and what reading throws.
 */
export async function loadScaledContrast(folder: string, contrast: string): Promise<Volume> {
  const volume = reorientToRas(await readNiftiFile(await contrastFile(folder, contrast)));
  return { ...volume, voxels: scaledAndClipped(volume.voxels, scaleOf(volume.voxels)) };
}
