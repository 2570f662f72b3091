/** How real-world values become the stored integers of a series: the same for all of its slices. */
export interface StoredFormat {
  /** Stored value = real-world value × this, rounded. */
  readonly factor: number;
  readonly signed: boolean;
  readonly window: { readonly center: number; readonly width: number };
  /** Values that did not fit 16 bits (or were not numbers) and were clipped. */
  readonly clipped: number;
}

const LOWEST = -32768;
const HIGHEST_SIGNED = 32767;
const HIGHEST_UNSIGNED = 65535;

/**
 * The factor from real-world to stored values. Classic MR images have no rescale, so that real-world values
 * themselves are stored (factor 1) wherever integers hold them: with a rescale slope of 1 or more. A smaller
 * slope (Philips) means that the steps between acquired values are finer than 1: the factor is then its
 * inverse, which keeps them apart. A source whose own values would not fit 16 bits is scaled down to fit.
 *
 * @param slopes rescale slope of each source slice, 1 where it has none.
 * @param sourceRange of the source's real-world values.
 */
export function storedFactor(
  slopes: readonly number[],
  sourceRange: { readonly min: number; readonly max: number },
): number {
  const smallest = Math.min(
    ...slopes.map(Math.abs).filter((slope) => slope > 0 && Number.isFinite(slope)),
    1,
  );
  const factor = 1 / smallest;
  const highest = sourceRange.min < 0 ? HIGHEST_SIGNED : HIGHEST_UNSIGNED;
  const largest = Math.max(Math.abs(sourceRange.min), Math.abs(sourceRange.max));
  return largest * factor > highest ? highest / largest : factor;
}

/**
 * Format for a whole series, from all its values, one slice at a time. Unsigned where nothing is negative,
 * else signed; where neither holds everything, the one that clips fewer values. The window runs from the
 * 0.5th to the 99.5th percentile of the stored values, clipped ones as they are stored.
 */
export function chooseStoredFormat(slices: Iterable<Float32Array>, factor: number): StoredFormat {
  const histogram = new Uint32Array(HIGHEST_UNSIGNED - LOWEST + 1);
  let below = 0;
  let above = 0;
  let notNumbers = 0;
  for (const values of slices) {
    for (const value of values) {
      const stored = Math.round(value * factor);
      if (stored >= LOWEST && stored <= HIGHEST_UNSIGNED) histogram[stored - LOWEST]!++;
      else if (stored < LOWEST) below++;
      else if (stored > HIGHEST_UNSIGNED) above++;
      else notNumbers++;
    }
  }
  const count = (from: number, to: number) => {
    let sum = 0;
    for (let value = from; value <= to; value++) sum += histogram[value - LOWEST]!;
    return sum;
  };
  const clippedUnsigned = below + count(LOWEST, -1) + above;
  const clippedSigned = below + count(HIGHEST_SIGNED + 1, HIGHEST_UNSIGNED) + above;
  const signed = clippedUnsigned > clippedSigned;
  histogram[0]! += below;
  histogram[histogram.length - 1]! += above;
  const [lowest, highest] = rangeOf(signed);
  const stored = (share: number) => Math.max(lowest, Math.min(highest, quantile(histogram, share)));
  const [low, high] = [stored(0.005), stored(0.995)];
  return {
    factor,
    signed,
    window: { center: (low + high) / 2, width: Math.max(1, high - low) },
    clipped: (signed ? clippedSigned : clippedUnsigned) + notNumbers,
  };
}

/** A slice's pixels as 16-bit little-endian bytes, with their extremes. What is not a number becomes 0. */
export function encodeStoredValues(
  values: Float32Array,
  format: Pick<StoredFormat, 'factor' | 'signed'>,
): { readonly bytes: Uint8Array; readonly smallest: number; readonly largest: number } {
  const [lowest, highest] = rangeOf(format.signed);
  const bytes = new Uint8Array(values.length * 2);
  let smallest = highest;
  let largest = lowest;
  for (let n = 0; n < values.length; n++) {
    const exact = Math.round(values[n]! * format.factor);
    const stored = Number.isNaN(exact) ? 0 : Math.max(lowest, Math.min(highest, exact));
    if (stored < smallest) smallest = stored;
    if (stored > largest) largest = stored;
    bytes[2 * n] = stored & 0xff;
    bytes[2 * n + 1] = (stored >> 8) & 0xff;
  }
  return { bytes, smallest, largest };
}

function rangeOf(signed: boolean): readonly [lowest: number, highest: number] {
  return signed ? [LOWEST, HIGHEST_SIGNED] : [0, HIGHEST_UNSIGNED];
}

function quantile(histogram: Uint32Array, share: number): number {
  const total = histogram.reduce((sum, n) => sum + n, 0);
  let left = share * total;
  for (let bin = 0; bin < histogram.length; bin++) {
    left -= histogram[bin]!;
    if (left < 0) return bin + LOWEST;
  }
  return 0;
}
