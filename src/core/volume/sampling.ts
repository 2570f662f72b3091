import { type Affine, applyAffine, IDENTITY_AFFINE } from './affine.ts';
import { mirrored, putSplineWeights, splineCoefficients } from './bspline.ts';
import { type Grid, lpsToIndex } from './grid.ts';
import type { Vec3 } from './vec.ts';

/**
 * Sampling a volume along straight lines in its own index space, the inner loop of all resampling. A sample
 * within half a voxel of the outermost centres counts as inside and takes the edge's value, as in ITK.
 */

export type Interpolation = 'linear' | 'cubic' | 'nearest';

export interface SampledLine {
  readonly start: Vec3;
  readonly step: Vec3;
  readonly count: number;
}

/**
 * Adds the samples of a line to `sums` and counts them in `hits`, both from `offset` on; samples outside
 * the volume add nothing.
 */
export type LineSampler = (line: SampledLine, sums: Float64Array, hits: Float64Array, offset: number) => void;

/** A map from one index space to another: where (0, 0, 0) goes and where a step along each axis leads. */
export interface IndexMap {
  readonly origin: Vec3;
  readonly steps: readonly [Vec3, Vec3, Vec3];
}

/** From indices of `from` through `transform` (LPS of `from` to LPS of `to`) to continuous indices of `to`. */
export function indexMap(
  from: Pick<Grid, 'spacingMm' | 'originLps' | 'axesLps'>,
  to: Grid,
  transform: Affine = IDENTITY_AFFINE,
): IndexMap {
  const origin = lpsToIndex(to, applyAffine(transform, from.originLps));
  // The linear part alone, so that far-away origins cost no precision.
  const linear: Affine = [
    [transform[0][0], transform[0][1], transform[0][2], 0],
    [transform[1][0], transform[1][1], transform[1][2], 0],
    [transform[2][0], transform[2][1], transform[2][2], 0],
  ];
  const centred: Grid = { ...to, originLps: [0, 0, 0] };
  const step = (axis: 0 | 1 | 2): Vec3 => {
    const a = from.axesLps[axis];
    const mm = from.spacingMm[axis];
    return lpsToIndex(centred, applyAffine(linear, [a[0] * mm, a[1] * mm, a[2] * mm]));
  };
  return { origin: tidy(origin), steps: [tidy(step(0)), tidy(step(1)), tidy(step(2))] };
}

/** Numbers within rounding noise of a multiple of 1/16 become it, so that aligned grids resample exactly. */
function tidy(v: Vec3): Vec3 {
  const snap = (x: number): number => {
    const rounded = Math.round(x * 16) / 16;
    return Math.abs(x - rounded) < 1e-9 ? rounded : x;
  };
  return [snap(v[0]), snap(v[1]), snap(v[2])];
}

/** Voxels as files and viewers have them, i fastest. */
interface SampledVolume {
  readonly grid: Grid;
  readonly voxels: Float32Array | Int16Array;
}

/** The sampler of a volume. Slices of `inventedSlices` are sampled as they are: see `fillInventedSlices`. */
export function lineSampler(volume: SampledVolume, interpolation: Interpolation): LineSampler {
  const sample = SAMPLERS[interpolation];
  const voxels = interpolation === 'cubic' ? splineVoxels(volume) : volume.voxels;
  const [nx, ny, nz] = volume.grid.size;
  return ({ start, step, count }, sums, hits, offset) => {
    const [first, end] = insideRange(start, step, count, volume.grid.size);
    for (let n = first; n < end; n++) {
      const x = Math.min(nx - 1, Math.max(0, start[0] + n * step[0]));
      const y = Math.min(ny - 1, Math.max(0, start[1] + n * step[1]));
      const z = Math.min(nz - 1, Math.max(0, start[2] + n * step[2]));
      sums[offset + n] = sums[offset + n]! + sample(voxels, nx, ny, nz, x, y, z);
      hits[offset + n] = hits[offset + n]! + 1;
    }
  };
}

const EDGE = 0.5 + 1e-6;

/** Half-open range of the samples of a line that lie inside the volume (a convex body, so one range). */
function insideRange(start: Vec3, step: Vec3, count: number, size: Vec3): readonly [number, number] {
  let first = 0;
  let end = count;
  for (const axis of [0, 1, 2] as const) {
    const low = -EDGE - start[axis];
    const high = size[axis] - 1 + EDGE - start[axis];
    const d = step[axis];
    if (Math.abs(d) < 1e-12) {
      if (!(low <= 0 && high >= 0)) return [0, 0];
      continue;
    }
    const from = Math.ceil(Math.min(low / d, high / d));
    const to = Math.floor(Math.max(low / d, high / d));
    first = Math.max(first, from);
    end = Math.min(end, to + 1);
  }
  return end > first ? [first, end] : [0, 0];
}

type Sampler = (
  voxels: Float32Array | Int16Array,
  nx: number,
  ny: number,
  nz: number,
  x: number,
  y: number,
  z: number,
) => number;

const SAMPLERS: Readonly<Record<Interpolation, Sampler>> = { linear, cubic, nearest };

function nearest(
  voxels: Float32Array | Int16Array,
  nx: number,
  ny: number,
  _nz: number,
  x: number,
  y: number,
  z: number,
): number {
  return voxels[Math.round(x) + nx * (Math.round(y) + ny * Math.round(z))]!;
}

function linear(
  voxels: Float32Array | Int16Array,
  nx: number,
  ny: number,
  nz: number,
  x: number,
  y: number,
  z: number,
): number {
  const i = Math.floor(x);
  const j = Math.floor(y);
  const k = Math.floor(z);
  const fx = x - i;
  const fy = y - j;
  const fz = z - k;
  const at = i + nx * (j + ny * k);
  // Coordinates are clamped, so a neighbour beyond the edge always has weight 0.
  const di = i + 1 < nx ? 1 : 0;
  const dj = j + 1 < ny ? nx : 0;
  const dk = k + 1 < nz ? nx * ny : 0;
  const a = voxels[at]! + fx * (voxels[at + di]! - voxels[at]!);
  const b = voxels[at + dj]! + fx * (voxels[at + dj + di]! - voxels[at + dj]!);
  const c = voxels[at + dk]! + fx * (voxels[at + dk + di]! - voxels[at + dk]!);
  const d = voxels[at + dk + dj]! + fx * (voxels[at + dk + dj + di]! - voxels[at + dk + dj]!);
  const near = a + fy * (b - a);
  return near + fz * (c + fy * (d - c) - near);
}

/** Weights along x, y and z of the sample at hand. */
const weights = new Float64Array(12);

/** Interpolating cubic B-spline: `coefficients` come from `splineVoxels`. */
function cubic(
  coefficients: Float32Array | Int16Array,
  nx: number,
  ny: number,
  nz: number,
  x: number,
  y: number,
  z: number,
): number {
  const i = Math.floor(x);
  const j = Math.floor(y);
  const k = Math.floor(z);
  putSplineWeights(weights, 0, x - i);
  putSplineWeights(weights, 4, y - j);
  putSplineWeights(weights, 8, z - k);
  const a0 = weights[0]!;
  const a1 = weights[1]!;
  const a2 = weights[2]!;
  const a3 = weights[3]!;
  const i0 = mirrored(i - 1, nx);
  const i2 = mirrored(i + 1, nx);
  const i3 = mirrored(i + 2, nx);
  let sum = 0;
  for (let c = 0; c < 4; c++) {
    const plane = mirrored(k + c - 1, nz) * ny;
    for (let b = 0; b < 4; b++) {
      const row = (plane + mirrored(j + b - 1, ny)) * nx;
      sum +=
        weights[8 + c]! *
        weights[4 + b]! *
        (a0 * coefficients[row + i0]! +
          a1 * coefficients[row + i]! +
          a2 * coefficients[row + i2]! +
          a3 * coefficients[row + i3]!);
    }
  }
  return sum;
}

function splineVoxels({ grid, voxels }: SampledVolume): Float32Array {
  const [nx, ny, nz] = grid.size;
  const out = Float32Array.from(voxels);
  splineCoefficients(out, { lines: ny * nz, lineStep: nx, length: nx, step: 1 });
  for (let k = 0; k < nz; k++) {
    splineCoefficients(out, { offset: k * nx * ny, lines: nx, lineStep: 1, length: ny, step: nx });
  }
  splineCoefficients(out, { lines: nx * ny, lineStep: 1, length: nz, step: nx * ny });
  return out;
}

/** How many voxels of the volume one step leads past. */
export function stepLength(step: Vec3): number {
  return Math.hypot(step[0], step[1], step[2]);
}
