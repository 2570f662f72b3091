import { percentile } from './intensity.ts';

/** Where the middle of a tissue's intensities lies, and how far they spread. */
export interface RobustScale {
  readonly centre: number;
  readonly spread: number;
}

/** Below this share of the 99th percentile is air. */
const AIR = 0.1;
/** The standard deviation of normal values is so many times their median absolute deviation. */
const NORMAL_PER_MAD = 1.4826;

/**
 * Median and 1.4826 × median absolute deviation of an image's foreground, its values above a tenth of the 99th
 * percentile of those above 0. Neither a bright scalp nor a tumour moves them much, so that scans with and
 * without fat suppression, with and without a skull come out alike. `undefined` where nothing is above 0 or all
 * that is is the same.
 */
export function robustScale(slices: readonly Float32Array[]): RobustScale | undefined {
  const bright = percentile(slices, 99, { above: 0 });
  if (bright === undefined) return undefined;
  const above = AIR * bright;
  const centre = percentile(slices, 50, { above });
  if (centre === undefined) return undefined;
  const deviations = slices.map((pixels) => {
    const out = new Float32Array(pixels.length).fill(Number.NaN);
    for (let n = 0; n < pixels.length; n++) if (pixels[n]! > above) out[n] = Math.abs(pixels[n]! - centre);
    return out;
  });
  const spread = NORMAL_PER_MAD * (percentile(deviations, 50) ?? 0);
  return spread > 0 ? { centre, spread } : undefined;
}

/** Least and greatest of what `normalized` gives. */
export const NORMALIZED_RANGE = [-4, 6] as const;

/** (v − centre) / spread, held within `NORMALIZED_RANGE`; what is no number becomes its least. */
export function normalized(pixels: Float32Array, { centre, spread }: RobustScale): Float32Array {
  const [least, most] = NORMALIZED_RANGE;
  return pixels.map((value) => {
    const z = (value - centre) / spread;
    return z > least ? Math.min(z, most) : least;
  });
}
