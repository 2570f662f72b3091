import type { SliceAxis } from '../../../core/contract/schemas.ts';
import { type Affine, IDENTITY_AFFINE } from '../../../core/volume/affine.ts';
import { chooseSliceAxis, volumeToStack } from '../../../core/volume/convert.ts';
import { cropToMultiple } from '../../../core/volume/crop.ts';
import { shareAbove } from '../../../core/volume/foreground.ts';
import { scaleOf } from '../../../core/volume/intensity.ts';
import { degradeStack } from '../../../core/volume/kspace.ts';
import { sliceSampler } from '../../../core/volume/resample.ts';
import { type SliceStack, sliceSpacingMm, stackNormal } from '../../../core/volume/sliceStack.ts';
import { dot } from '../../../core/volume/vec.ts';
import type { Volume } from '../../../core/volume/volume.ts';
import type { FullSlice } from './trainingCase.ts';

/** Slices are cropped to this multiple, so that they are degraded without a rest. */
const SIZE_MULTIPLE = 8;
/** A slice counts where more than a tenth of it is above this. */
export const CONTENT_THRESHOLD = 0.02;
const LEAST_CONTENT = 0.1;
/** Voxels whose longest side is at most this many times the shortest are cut in all three planes. */
const NEARLY_ISOTROPIC = 1.5;
/** Pixels are reduced to sizes that are at least so many times their own. */
const WORTH_REDUCING = 1.15;

/** The slices of a volume that a scanner took. */
export interface AcquiredSlices {
  /** That they are normal to. */
  readonly axis: 0 | 1 | 2;
  /** One byte a plane along it: 1 where none was acquired, and what is there was made up. */
  readonly invented: Uint8Array | undefined;
}

/** A pair of volumes, the target reoriented to RAS. */
export interface Pair {
  readonly target: Volume;
  readonly reference: Volume | undefined;
  /** How the target was acquired, where its files say; by its spacing where absent. */
  readonly acquired?: AcquiredSlices | undefined;
  /** LPS points of the target to LPS points of the reference; the headers' own where absent. */
  readonly transform?: Affine | undefined;
}

/** Slices of one orientation. */
export interface PairStack {
  readonly plane: SliceAxis;
  /** Pixel size that the slices were reduced to, mm; absent where they are as acquired. */
  readonly reducedToMm?: number;
  readonly rows: number;
  readonly columns: number;
  readonly spacingMm: readonly [number, number];
  readonly sliceThicknessMm: number;
  /** The slices that count, by their place in the stack. */
  readonly places: readonly number[];
  /** Slice n of `places`. */
  slice(n: number): FullSlice;
}

const AXES = ['sagittal', 'coronal', 'axial'] as const;

/**
 * The slices of a pair that are worth learning from: normal to the largest spacing (isotropic: axial) and, if
 * asked for and the voxels are nearly isotropic, in the other two planes too. Intensities are divided by the
 * volume's own 99.9th percentile, and not clipped; slices cropped at the high end to a multiple of 8; those
 * count of which more than a tenth is above 2 %. Planes that were not acquired are no slices, and nothing is cut
 * across them. The reference is sampled over each slice's thickness.
 *
 * @param alsoAtMm pixel sizes that slices of finer ones are reduced to as well, by k-space truncation: the same
 *   anatomy as a coarser scan would have it
 */
export function pairStacks(
  pair: Pair,
  planes: 'acquired' | 'all',
  alsoAtMm: readonly number[] = [],
): PairStack[] {
  const { grid } = pair.target;
  const { axis: acquired, invented } = pair.acquired ?? { axis: chooseSliceAxis(grid), invented: undefined };
  const nearlyIsotropic = Math.max(...grid.spacingMm) <= NEARLY_ISOTROPIC * Math.min(...grid.spacingMm);
  const whole = invented === undefined;
  const axes = planes === 'all' && nearlyIsotropic && whole ? ([2, 1, 0] as const) : [acquired];
  const targetScale = scaleOf(pair.target.voxels);
  const referenceScale = pair.reference && scaleOf(pair.reference.voxels);
  return axes.flatMap((axis) => {
    const full = volumeToStack(pair.target, axis);
    const sizes = alsoAtMm.filter((mm) => mm >= WORTH_REDUCING * Math.max(...full.spacingMm));
    return [undefined, ...sizes].map((mm) => stackAt(axis, full, mm));
  });

  function stackAt(axis: 0 | 1 | 2, full: SliceStack, reducedToMm: number | undefined): PairStack {
    const factor = reducedToMm === undefined ? 1 : reducedToMm / Math.max(...full.spacingMm);
    const stack = cropToMultiple(factor > 1 ? degradeStack(full, factor) : full, SIZE_MULTIPLE);
    const sliceThicknessMm = sliceSpacingMm(full);
    const transform = pair.transform ?? IDENTITY_AFFINE;
    const sampler =
      pair.reference && sliceSampler(pair.reference, stack, { slabMm: sliceThicknessMm, transform });
    const threshold = CONTENT_THRESHOLD * targetScale;
    const ascending = dot(stackNormal(stack), grid.axesLps[axis]) > 0;
    const isInvented = (n: number) => invented?.[ascending ? n : stack.slices.length - 1 - n] === 1;
    const places = stack.slices.flatMap(({ pixels }, n) =>
      !isInvented(n) && shareAbove(pixels, threshold) > LEAST_CONTENT ? [n] : [],
    );
    return {
      plane: AXES[axis],
      ...(reducedToMm !== undefined && { reducedToMm }),
      rows: stack.rows,
      columns: stack.columns,
      spacingMm: stack.spacingMm,
      sliceThicknessMm,
      places,
      slice: (n) => ({
        truth: stack.slices[places[n]!]!.pixels.map((value) => value / targetScale),
        reference: sampler?.(places[n]!).pixels.map((value) => value / referenceScale!),
      }),
    };
  }
}
