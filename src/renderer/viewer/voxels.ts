import type { Vec3 } from '../../core/volume/vec.ts';

/** Least and greatest value; values that are no number are passed over. */
export function rangeOf(voxels: Int16Array | Float32Array): readonly [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let n = 0; n < voxels.length; n++) {
    const value = voxels[n]!;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return least <= greatest ? [least, greatest] : [0, 0];
}

/**
 * Fills slices that were not acquired from their acquired neighbours, in place. The viewer covers them with
 * a hatch; without this, the screen's interpolation would darken the acquired slices beside them.
 */
export function fillGaps(
  voxels: Int16Array | Float32Array,
  size: Vec3,
  inventedSlices: readonly number[],
): void {
  const invented = new Set(inventedSlices);
  const [columns, rows, slices] = size;
  const length = columns * rows;
  const neighbour = (k: number, step: 1 | -1): number | undefined => {
    for (let n = k + step; n >= 0 && n < slices; n += step) if (!invented.has(n)) return n;
    return undefined;
  };
  for (const k of invented) {
    const below = neighbour(k, -1);
    const above = neighbour(k, 1);
    const a = below ?? above;
    const b = above ?? below;
    if (a === undefined || b === undefined) continue;
    const weight = a === b ? 0 : (k - a) / (b - a);
    for (let n = 0; n < length; n++) {
      const from = voxels[a * length + n]!;
      voxels[k * length + n] = from + (voxels[b * length + n]! - from) * weight;
    }
  }
}
