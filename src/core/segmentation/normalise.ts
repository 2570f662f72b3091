import { percentile } from '../volume/intensity.ts';
import { robustScale } from '../volume/robustScale.ts';
import type { Normalisation } from './modelSpec.ts';

/** v becomes (v − centre) / spread, held within `range`. */
export interface ValueScale {
  readonly centre: number;
  readonly spread: number;
  readonly range: readonly [number, number];
}

/** The scale of a series under a rule; undefined where it is empty or all the same. */
export function scaleOfSeries(slices: readonly Float32Array[], rule: Normalisation): ValueScale | undefined {
  const found = centreAndSpread(slices, rule);
  return found !== undefined && found.spread > 0 && Number.isFinite(found.spread)
    ? { ...found, range: rule.range }
    : undefined;
}

function centreAndSpread(
  slices: readonly Float32Array[],
  rule: Normalisation,
): { readonly centre: number; readonly spread: number } | undefined {
  switch (rule.kind) {
    case 'robust':
      return robustScale(slices);
    case 'z-score':
      return momentsAboveZero(slices);
    case 'percentiles': {
      const [low, high] = rule.percentiles.map((share) => percentile(slices, share, { above: 0 }));
      return low === undefined || high === undefined ? undefined : { centre: low, spread: high - low };
    }
  }
}

function momentsAboveZero(
  slices: readonly Float32Array[],
): { readonly centre: number; readonly spread: number } | undefined {
  let [count, sum, squares] = [0, 0, 0];
  for (const slice of slices)
    for (const value of slice)
      if (value > 0 && value < Infinity) {
        count++;
        sum += value;
      }
  if (count === 0) return undefined;
  const centre = sum / count;
  for (const slice of slices)
    for (const value of slice) if (value > 0 && value < Infinity) squares += (value - centre) ** 2;
  return { centre, spread: Math.sqrt(squares / count) };
}

/** What the network sees of pixels; what is no number becomes the least of the range. */
export function scaledPixels(pixels: Float32Array, { centre, spread, range }: ValueScale): Float32Array {
  const [least, most] = range;
  return pixels.map((value) => {
    const scaled = (value - centre) / spread;
    return scaled > least ? Math.min(scaled, most) : least;
  });
}
