import { TandemError } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { chooseSliceAxis, volumeToStack } from '../../../core/volume/convert.ts';
import { cropToMultiple } from '../../../core/volume/crop.ts';
import { degradeVolume } from '../../../core/volume/degrade.ts';
import { shareAbove } from '../../../core/volume/foreground.ts';
import { scaledAndClipped, scaleOf } from '../../../core/volume/intensity.ts';
import { reorientToRas } from '../../../core/volume/reorient.ts';
import { sameGeometry } from '../../../core/volume/sameGeometry.ts';
import { type SliceStack, stackNormal } from '../../../core/volume/sliceStack.ts';
import { dot } from '../../../core/volume/vec.ts';
import type { Volume } from '../../../core/volume/volume.ts';
import { FOREGROUND } from '../../evaluation/evaluationCase.ts';
import { findContrast } from '../../studies/caseFolder.ts';
import { readNiftiFile } from '../../studies/niftiFile.ts';
import type { FoundCase } from '../../training/data/layouts.ts';

/** A case to be judged on: images in [0, 1], as `tandem evaluate` has them. */
export interface JudgedImages {
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
  /** The slices that count, as acquired, cropped to multiples of 8. */
  readonly truth: SliceStack;
  /** Place of each slice in the whole stack, from 1. */
  readonly places: readonly number[];
  /** The whole target degraded, for registration. */
  readonly degradedVolume: Volume;
  readonly reference: Volume | undefined;
  /** One byte a pixel of each slice of `truth`. */
  readonly lesion: readonly Uint8Array[] | undefined;
}

const LEAST_FOREGROUND = 0.1;
const SIZE_MULTIPLE = 8;

/**
 * Reads a case. Intensities of each contrast are divided by its 99.9th percentile and clipped to [0, 1]; slices of
 * the acquired plane count in which more than 10 % of the pixels are foreground, and which a scanner acquired.
 * Throws `not-found`, `nothing-readable` (no slice counts, values that are no numbers), `bad-geometry` (the lesion
 * mask lies on another grid), what reading throws.
 */
export async function readJudgedImages(
  found: FoundCase,
  scale: 2 | 4,
  lesionName: string,
  job: JobContext,
): Promise<JudgedImages> {
  if (found.problem !== undefined) throw new TandemError('not-found', found.problem, { path: found.path });
  const { target, acquired, reference, files } = await found.read(job);
  const volume = scaled(target, found.path);
  const { axis, invented } = acquired ?? { axis: chooseSliceAxis(volume.grid), invented: undefined };
  const whole = cropToMultiple(volumeToStack(volume, axis), SIZE_MULTIPLE);
  const count = whole.slices.length;
  const ascending = dot(stackNormal(whole), volume.grid.axesLps[axis]) > 0;
  const counted = whole.slices.flatMap(({ pixels }, n) => {
    const acquiredHere = invented?.[ascending ? n : count - 1 - n] !== 1;
    return acquiredHere && shareAbove(pixels, FOREGROUND) > LEAST_FOREGROUND ? [n] : [];
  });
  if (counted.length === 0) {
    throw new TandemError('nothing-readable', 'No slice of the target shows enough of a patient', {
      path: found.path,
    });
  }
  const mask = await lesionMask(found, volume, lesionName);
  const lesion = mask && cropToMultiple(volumeToStack(mask, axis), SIZE_MULTIPLE);
  return {
    files,
    truth: { ...whole, slices: counted.map((n) => whole.slices[n]!) },
    places: counted.map((n) => n + 1),
    degradedVolume: degradeVolume(volume, axis, scale),
    reference: reference && scaled(reorientToRas(reference), found.path),
    lesion:
      lesion &&
      counted.map((n) => Uint8Array.from(lesion.slices[n]!.pixels, (value) => (value > 0.5 ? 1 : 0))),
  };
}

function scaled(volume: Volume, path: string): Volume {
  if (!volume.voxels.every(Number.isFinite)) {
    throw new TandemError('nothing-readable', 'The images hold values that are not numbers', { path });
  }
  return { ...volume, voxels: scaledAndClipped(volume.voxels, scaleOf(volume.voxels)) };
}

/** Only NIfTI case folders have masks. */
async function lesionMask(found: FoundCase, target: Volume, name: string): Promise<Volume | undefined> {
  const path = found.layout === 'folders' ? await findContrast(found.path, name) : undefined;
  if (path === undefined) return undefined;
  const mask = reorientToRas(await readNiftiFile(path));
  if (sameGeometry(mask.grid, target.grid)) return mask;
  throw new TandemError('bad-geometry', 'The lesion mask lies on another grid than the target', {
    path,
    hint: 'Resample it onto the target, or name another mask with --lesion.',
  });
}
