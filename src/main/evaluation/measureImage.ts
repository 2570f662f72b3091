import type { ImageQuality } from '../../core/contract/schemas.ts';
import { TandemError } from '../../core/errors.ts';
import { insideForeground } from '../../core/volume/foreground.ts';
import { psnrAtPeak, psnrVolume, type Slices, ssimAtPeak, ssimVolume } from '../../core/volume/metrics.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import { FOREGROUND } from './evaluationCase.ts';

/** Images are in [0, 1]: the peak of a slice by itself. */
const SLICE_PEAK = 1;

export interface Comparison {
  /** Per volume, the peak the maximum of the truth. */
  readonly volume: (image: Slices) => ImageQuality;
  /** Of every slice, the peak 1. NaN where a slice has no inside, infinite PSNR where it equals the truth. */
  readonly slices: (image: Slices) => ImageQuality[];
}

/**
 * Compares images with the truth (in [0, 1]), all over and over the voxels well inside the foreground. The
 * masks are made once. Throws `nothing-readable` where the foreground is nowhere deep enough to have an
 * inside.
 */
export function comparison(truth: SliceStack): Comparison {
  const { rows, columns } = truth;
  const slices = pixelsOf(truth);
  const inside = slices.map((pixels) => insideForeground(pixels, rows, columns, { threshold: FOREGROUND }));
  if (!inside.some((mask) => mask.includes(1))) {
    throw new TandemError(
      'nothing-readable',
      'The foreground of the target is nowhere more than 3 pixels deep',
    );
  }
  return {
    volume: (image) => ({
      psnr: psnrVolume(slices, image),
      ssim: ssimVolume(slices, image, rows, columns),
      psnrInside: psnrVolume(slices, image, inside),
      ssimInside: ssimVolume(slices, image, rows, columns, inside),
    }),
    slices: (image) =>
      slices.map((pixels, s) => {
        const [one, other, mask] = [[pixels], [image[s]!], [inside[s]!]];
        return {
          psnr: psnrAtPeak(SLICE_PEAK, one, other),
          ssim: ssimAtPeak(SLICE_PEAK, one, other, rows, columns),
          psnrInside: psnrAtPeak(SLICE_PEAK, one, other, mask),
          ssimInside: ssimAtPeak(SLICE_PEAK, one, other, rows, columns, mask),
        };
      }),
  };
}

/** The slices of a stack, row-major each. */
export function pixelsOf(stack: SliceStack): Float32Array[] {
  return stack.slices.map((slice) => slice.pixels);
}
