import { indexToLps, lpsToIndex } from './grid.ts';
import { type PlanarRegion, planePointLps } from './planarRegion.ts';
import type { VoxelGrid } from './sampleAt.ts';
import { dot, subtract, type Vec3 } from './vec.ts';

/** Of the values of the voxels in a region. */
export interface RegionStatistics {
  /** Voxels of this image; 0 leaves the rest NaN. */
  readonly count: number;
  readonly mean: number;
  /** Of a sample: divided by count − 1; NaN for a single voxel. */
  readonly sd: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Statistics of an image's own voxels in a region, nothing interpolated. The plane of the region goes through
 * the image in one layer of voxels: of every line of voxels along the axis nearest to the plane's normal, the
 * voxel that the plane passes through. It counts where the line meets the plane within the region. On a plane
 * along the image's slices these are the voxels of one slice whose centres lie in the region. Voxels of slices
 * that were not acquired, and values that are no numbers, do not count.
 */
export function regionStatistics(image: VoxelGrid, region: PlanarRegion): RegionStatistics {
  const values = regionValues(image, region);
  const count = values.length;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (count === 0) return { count, mean: Number.NaN, sd: Number.NaN, min: Number.NaN, max: Number.NaN };
  const mean = sum / count;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { count, mean, sd: count > 1 ? Math.sqrt(squares / (count - 1)) : Number.NaN, min, max };
}

type Axis = 0 | 1 | 2;

/** The values that `regionStatistics` is of, line by line. */
export function regionValues(image: VoxelGrid, region: PlanarRegion): number[] {
  const { grid, voxels, inventedSlices } = image;
  const { plane, originLps } = region;
  const through = ([0, 1, 2] as const).map((axis) => Math.abs(dot(grid.axesLps[axis], plane.normal)));
  const axis = through.indexOf(Math.max(...through)) as Axis;
  const [a, b] = ([0, 1, 2] as const).filter((other) => other !== axis) as [Axis, Axis];
  const corners = region.outline.map((point) => lpsToIndex(grid, planePointLps(region, point)));
  const range = (along: Axis): readonly [number, number] => {
    const places = corners.map((corner) => corner[along]);
    const first = Math.max(Math.floor(Math.min(...places)), 0);
    return [first, Math.min(Math.ceil(Math.max(...places)), grid.size[along] - 1)];
  };
  const [firstA, lastA] = range(a);
  const [firstB, lastB] = range(b);
  // How far from the plane the voxel (ia, ib, 0) lies, and how much nearer one step through comes.
  const depth = (index: Vec3): number => dot(subtract(indexToLps(grid, index), originLps), plane.normal);
  const step = dot(grid.axesLps[axis], plane.normal) * grid.spacingMm[axis];
  const [nx, ny] = grid.size;
  const values: number[] = [];
  for (let ib = firstB; ib <= lastB; ib++) {
    for (let ia = firstA; ia <= lastA; ia++) {
      const foot = at(a, ia, b, ib, axis, 0);
      const through = -depth(foot) / step;
      const n = Math.round(through);
      if (n < 0 || n >= grid.size[axis]) continue;
      const meets = subtract(indexToLps(grid, at(a, ia, b, ib, axis, through)), originLps);
      if (!region.contains(dot(meets, plane.right), dot(meets, plane.down))) continue;
      const [i, j, k] = at(a, ia, b, ib, axis, n);
      if (inventedSlices?.has(k) === true) continue;
      const value = voxels[i + nx * (j + ny * k)]!;
      if (!Number.isNaN(value)) values.push(value);
    }
  }
  return values;
}

function at(a: Axis, ia: number, b: Axis, ib: number, c: Axis, ic: number): Vec3 {
  const index: [number, number, number] = [0, 0, 0];
  index[a] = ia;
  index[b] = ib;
  index[c] = ic;
  return index;
}
