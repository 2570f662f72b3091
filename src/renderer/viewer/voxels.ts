import type { Result } from '../../core/contract/operations.ts';
import { TandemError } from '../../core/errors.ts';
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

/** The voxels as numbers. Throws `failed` where they are not as many as the geometry says. */
export function typedVoxels({
  voxels,
  dataType,
  size,
}: Pick<Result<'volume'>, 'voxels' | 'dataType' | 'size'>): Int16Array | Float32Array {
  const { buffer, byteOffset, byteLength } = voxels;
  const bytesEach = dataType === 'int16' ? 2 : 4;
  const count = size[0] * size[1] * size[2];
  if (byteLength !== count * bytesEach) {
    throw new TandemError('failed', 'The image data that arrived is not of the size that was announced');
  }
  const aligned = byteOffset % bytesEach === 0 ? buffer : voxels.slice().buffer;
  const offset = aligned === buffer ? byteOffset : 0;
  return dataType === 'int16'
    ? new Int16Array(aligned as ArrayBuffer, offset, count)
    : new Float32Array(aligned as ArrayBuffer, offset, count);
}
