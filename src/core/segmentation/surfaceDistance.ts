import type { Masks } from './overlap.ts';

/** Where the voxels of masks lie: a stack whose slices are straight above each other. */
export interface MaskGrid {
  readonly rows: number;
  readonly columns: number;
  /** Between columns and between rows, mm. */
  readonly spacingMm: readonly [number, number];
  /** Of every slice along the normal, mm, ascending; they need not be even. */
  readonly positionsMm: readonly number[];
}

/**
 * 95 % Hausdorff distance of two masks, mm: of all distances from the surface of the one to the nearest point of
 * the other's surface the 95th percentile (linear between order statistics), in both directions; the larger of the
 * two. A surface is the marked voxels of which a neighbour, of the six that share a face, is not marked or lies
 * outside the image; distances are between voxel centres. Null where either mask is empty: there is no distance to
 * nothing.
 */
export function hausdorff95(a: Masks, b: Masks, grid: MaskGrid): number | null {
  const surfaces = [surfaceOf(a, grid), surfaceOf(b, grid)] as const;
  if (surfaces[0].length === 0 || surfaces[1].length === 0) return null;
  const box = boxOf([...surfaces], grid);
  const [ofA, ofB] = [squaredDistances(surfaces[0], box, grid), squaredDistances(surfaces[1], box, grid)];
  const directed = (from: Int32Array, to: Float64Array) =>
    percentile95(Float64Array.from(from, (at) => Math.sqrt(to[inBox(at, box, grid)]!)));
  return Math.max(directed(surfaces[0], ofB), directed(surfaces[1], ofA));
}

/** Indices of the surface voxels: column + columns · (row + rows · slice). */
function surfaceOf(masks: Masks, { rows, columns }: MaskGrid): Int32Array {
  const found: number[] = [];
  const inPlane = rows * columns;
  for (const [slice, mask] of masks.entries()) {
    const [below, above] = [masks[slice - 1], masks[slice + 1]];
    for (let at = 0; at < inPlane; at++) {
      if (mask[at] === 0) continue;
      const column = at % columns;
      const inside =
        column > 0 &&
        column < columns - 1 &&
        at >= columns &&
        at < inPlane - columns &&
        mask[at - 1] !== 0 &&
        mask[at + 1] !== 0 &&
        mask[at - columns] !== 0 &&
        mask[at + columns] !== 0 &&
        below !== undefined &&
        below[at] !== 0 &&
        above !== undefined &&
        above[at] !== 0;
      if (!inside) found.push(at + slice * inPlane);
    }
  }
  return Int32Array.from(found);
}

/** First index and length along columns, rows and slices: what holds all surfaces. */
interface Box {
  readonly first: readonly [number, number, number];
  readonly size: readonly [number, number, number];
}

function boxOf(surfaces: readonly Int32Array[], grid: MaskGrid): Box {
  const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const most = [0, 0, 0];
  for (const surface of surfaces) {
    for (const at of surface) {
      for (const [axis, index] of indicesOf(at, grid).entries()) {
        least[axis] = Math.min(least[axis]!, index);
        most[axis] = Math.max(most[axis]!, index);
      }
    }
  }
  const length = (axis: number) => most[axis]! - least[axis]! + 1;
  return { first: [least[0]!, least[1]!, least[2]!], size: [length(0), length(1), length(2)] };
}

function indicesOf(at: number, { rows, columns }: MaskGrid): readonly [number, number, number] {
  return [at % columns, Math.floor(at / columns) % rows, Math.floor(at / (rows * columns))];
}

function inBox(at: number, { first, size }: Box, grid: MaskGrid): number {
  const [i, j, k] = indicesOf(at, grid);
  return i - first[0] + size[0] * (j - first[1] + size[1] * (k - first[2]));
}

/**
 * Squared distance, mm², of every voxel of the box to the nearest of the points: the exact Euclidean transform of
 * Felzenszwalb and Huttenlocher (Theory of Computing 2012), axis by axis, with true positions along each.
 */
function squaredDistances(points: Int32Array, box: Box, grid: MaskGrid): Float64Array {
  const [nx, ny, nz] = box.size;
  const out = new Float64Array(nx * ny * nz).fill(Number.POSITIVE_INFINITY);
  for (const at of points) out[inBox(at, box, grid)] = 0;
  const along = (length: number, spacing: number) => Float64Array.from({ length }, (_, n) => n * spacing);
  const lower = new LowerEnvelope(Math.max(nx, ny, nz));
  const columns = along(nx, grid.spacingMm[0]);
  const rows = along(ny, grid.spacingMm[1]);
  const slices = Float64Array.from({ length: nz }, (_, n) => grid.positionsMm[box.first[2] + n]!);
  for (let line = 0; line < ny * nz; line++) lower.transform(out, line * nx, 1, columns);
  for (let k = 0; k < nz; k++) {
    for (let i = 0; i < nx; i++) lower.transform(out, i + k * nx * ny, nx, rows);
  }
  for (let line = 0; line < nx * ny; line++) lower.transform(out, line, nx * ny, slices);
  return out;
}

/** The lower envelope of parabolas that stand on samples of one line. */
class LowerEnvelope {
  private readonly vertex: Int32Array;
  private readonly from: Float64Array;
  private readonly values: Float64Array;

  constructor(longest: number) {
    this.vertex = new Int32Array(longest);
    this.from = new Float64Array(longest);
    this.values = new Float64Array(longest);
  }

  /** f(q) becomes min over p of f(p) + (x_q − x_p)², for samples at the positions x. */
  transform(out: Float64Array, start: number, step: number, x: Float64Array): void {
    const vertex = this.vertex;
    const from = this.from;
    const values = this.values;
    let count = 0;
    for (let q = 0; q < x.length; q++) {
      const value = out[start + q * step]!;
      values[q] = value;
      if (value === Number.POSITIVE_INFINITY) continue;
      let begins = Number.NEGATIVE_INFINITY;
      while (count > 0) {
        const p = vertex[count - 1]!;
        begins = (value + x[q]! ** 2 - values[p]! - x[p]! ** 2) / (2 * (x[q]! - x[p]!));
        if (begins > from[count - 1]!) break;
        count--;
      }
      if (count === 0) begins = Number.NEGATIVE_INFINITY;
      vertex[count] = q;
      from[count] = begins;
      count++;
    }
    if (count === 0) return;
    for (let q = 0, n = 0; q < x.length; q++) {
      while (n + 1 < count && from[n + 1]! <= x[q]!) n++;
      const p = vertex[n]!;
      out[start + q * step] = values[p]! + (x[q]! - x[p]!) ** 2;
    }
  }
}

function percentile95(values: Float64Array): number {
  values.sort();
  const at = 0.95 * (values.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, values.length - 1);
  return values[low]! + (at - low) * (values[high]! - values[low]!);
}
