import type { SliceStack } from './sliceStack.ts';

/** Percentiles without a sorted copy: two passes of 16 bits over the values, exact. */

/**
 * The p-th percentile (0 to 100) with linear interpolation between ranks, as numpy has it. Values that are
 * not finite, or not above `above`, are left out.
 *
 * @returns undefined where no value is left.
 */
export function percentile(
  values: ArrayLike<number> | readonly Float32Array[],
  p: number,
  options: { readonly above?: number | undefined } = {},
): number | undefined {
  const parts = partsOf(values);
  const above = options.above ?? Number.NEGATIVE_INFINITY;
  const high = new Uint32Array(65536);
  let count = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at++) {
      const value = part[at]!;
      if (!(value > above) || !Number.isFinite(value)) continue;
      const bin = orderedBits(value) >>> 16;
      high[bin] = high[bin]! + 1;
      count++;
    }
  }
  if (count === 0) return undefined;
  const rank = (Math.min(100, Math.max(0, p)) / 100) * (count - 1);
  const lower = valueOfRank(parts, above, high, Math.floor(rank));
  const fraction = rank - Math.floor(rank);
  if (fraction === 0) return lower;
  return lower + fraction * (valueOfRank(parts, above, high, Math.floor(rank) + 1) - lower);
}

/**
 * `percentile` of 16-bit integers, for several at once: one pass over the values.
 * @returns undefined where there is no value
 */
export function percentilesOfIntegers(
  parts: readonly Int16Array[],
  ps: readonly number[],
): number[] | undefined {
  const counts = new Uint32Array(65536);
  let count = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at++) counts[part[at]! + 32768]!++;
    count += part.length;
  }
  if (count === 0) return undefined;
  return ps.map((p) => {
    const rank = (Math.min(100, Math.max(0, p)) / 100) * (count - 1);
    const lower = integerOfRank(counts, Math.floor(rank));
    const fraction = rank - Math.floor(rank);
    if (fraction === 0) return lower;
    return lower + fraction * (integerOfRank(counts, Math.floor(rank) + 1) - lower);
  });
}

function integerOfRank(counts: Uint32Array, rank: number): number {
  let before = 0;
  let bin = 0;
  while (before + counts[bin]! <= rank) before += counts[bin++]!;
  return bin - 32768;
}

/**
 * The divisor that takes an image to about [0, 1]: the 99.9th percentile of its voxels above 0 (1 where
 * there are none). Nothing is clipped; multiplying gives the image's own units back.
 */
export function scaleOf(image: SliceStack | ArrayLike<number> | readonly Float32Array[]): number {
  const values = 'slices' in image ? image.slices.map((slice) => slice.pixels) : image;
  return percentile(values, 99.9, { above: 0 }) ?? 1;
}

/** Values divided by `scale`, clipped to [0, 1]: what evaluation does to the truth. */
export function scaledAndClipped(values: Float32Array, scale: number): Float32Array {
  return values.map((value) => Math.min(1, Math.max(0, value / scale)));
}

function partsOf(values: ArrayLike<number> | readonly Float32Array[]): readonly ArrayLike<number>[] {
  const list = values as ArrayLike<number | Float32Array>;
  if (list.length > 0 && typeof list[0] === 'number') return [values as ArrayLike<number>];
  return values as readonly Float32Array[];
}

const floatView = new Float32Array(1);
const bitView = new Uint32Array(floatView.buffer);

/** Bits of a 32-bit float, mapped so that they sort as the values do. */
function orderedBits(value: number): number {
  // Adding 0 turns −0 into +0.
  floatView[0] = value + 0;
  const bits = bitView[0]!;
  return (bits & 0x80000000) === 0 ? (bits | 0x80000000) >>> 0 : ~bits >>> 0;
}

function fromOrderedBits(ordered: number): number {
  bitView[0] = (ordered & 0x80000000) === 0 ? ~ordered >>> 0 : (ordered & 0x7fffffff) >>> 0;
  return floatView[0]!;
}

function valueOfRank(
  parts: readonly ArrayLike<number>[],
  above: number,
  high: Uint32Array,
  rank: number,
): number {
  let before = 0;
  let bin = 0;
  while (before + high[bin]! <= rank) before += high[bin++]!;
  const low = new Uint32Array(65536);
  for (const part of parts) {
    for (let at = 0; at < part.length; at++) {
      const value = part[at]!;
      if (!(value > above) || !Number.isFinite(value)) continue;
      const ordered = orderedBits(value);
      if (ordered >>> 16 !== bin) continue;
      low[ordered & 0xffff] = low[ordered & 0xffff]! + 1;
    }
  }
  let rest = 0;
  while (before + low[rest]! <= rank) before += low[rest++]!;
  return fromOrderedBits(bin * 65536 + rest);
}
