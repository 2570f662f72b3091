import type { Affine } from './affine.ts';
import { type Grid, voxelCount } from './grid.ts';
import { type Interpolation, indexMap, lineSampler, stepLength } from './sampling.ts';
import { type SliceStack, stackNormal } from './sliceStack.ts';
import { addScaled, scale, type Vec3 } from './vec.ts';
import type { Volume } from './volume.ts';

export type { Interpolation } from './sampling.ts';

/**
 * A volume on another grid. `transform` takes LPS points of `grid` to LPS points of the volume (fixed to
 * moving). Voxels whose centre lies outside the volume become `outside` (0). No smoothing: sampling onto a
 * much coarser grid aliases.
 */
export function resampleVolume(
  volume: Volume,
  grid: Grid,
  options: {
    readonly interpolation: Interpolation;
    readonly transform?: Affine | undefined;
    readonly outside?: number | undefined;
  },
): Volume {
  const map = indexMap(grid, volume.grid, options.transform);
  const source = options.interpolation === 'nearest' ? volume : fillInventedSlices(volume);
  const sample = lineSampler(source, options.interpolation);
  const outside = options.outside ?? 0;
  const [nx, ny, nz] = grid.size;
  const voxels = new Float32Array(voxelCount(grid));
  const sums = new Float64Array(nx);
  const hits = new Float64Array(nx);
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      sums.fill(0);
      hits.fill(0);
      const start = addScaled(addScaled(map.origin, map.steps[1], j), map.steps[2], k);
      sample({ start, step: map.steps[0], count: nx }, sums, hits, 0);
      const row = nx * (j + ny * k);
      for (let i = 0; i < nx; i++) voxels[row + i] = hits[i] === 0 ? outside : sums[i]!;
    }
  }
  return { grid, voxels };
}

/** The geometry of a stack; a `SliceStack` is one. */
export type StackGeometry = Pick<SliceStack, 'columns' | 'rows' | 'spacingMm' | 'iAxisLps' | 'jAxisLps'> & {
  readonly slices: readonly { readonly positionLps: Vec3 }[];
};

export interface SliceSamplingOptions {
  /** LPS points of the stack to LPS points of the volume (fixed to moving). */
  readonly transform?: Affine | undefined;
  /** Thickness that one slice averages over, along its normal and centred on it; 0 for the plane alone. */
  readonly slabMm: number;
}

export interface SampledSlice {
  /** Row-major, `rows × columns`; 0 where nothing of the volume lies in the pixel's slab. */
  readonly pixels: Float32Array;
  /** Share of the samples that lie inside the volume, 0 to 1. */
  readonly coverage: number;
}

/** In-plane samples a pixel and axis: enough for a volume four times finer. */
const MOST_IN_PLANE = 4;
const MOST_THROUGH_SLAB = 64;

/**
 * Samples the slices of a stack from a volume, one at a time, so that memory does not grow with their
 * number. Each value is the mean of linear samples over the slab and, where the volume is finer than the
 * pixels, over the pixel: at least one sample a voxel of the volume, midpoint rule.
 */
export function sliceSampler(
  volume: Volume,
  stack: StackGeometry,
  options: SliceSamplingOptions,
): (sliceIndex: number) => SampledSlice {
  const sample = lineSampler(fillInventedSlices(volume), 'linear');
  const { columns, rows } = stack;
  const normal = stackNormal(stack);
  const sums = new Float64Array(columns);
  const hits = new Float64Array(columns);

  return (sliceIndex) => {
    const slice = stack.slices[sliceIndex];
    if (slice === undefined) throw new RangeError(`The stack has no slice ${sliceIndex}`);
    const map = indexMap(
      {
        originLps: slice.positionLps,
        axesLps: [stack.iAxisLps, stack.jAxisLps, normal],
        spacingMm: [stack.spacingMm[0], stack.spacingMm[1], 1],
      },
      volume.grid,
      options.transform,
    );
    const offsets = footprint(map.steps, options.slabMm);
    const pixels = new Float32Array(rows * columns);
    let inside = 0;
    for (let j = 0; j < rows; j++) {
      sums.fill(0);
      hits.fill(0);
      const rowStart = addScaled(map.origin, map.steps[1], j);
      for (const offset of offsets) {
        const start: Vec3 = [rowStart[0] + offset[0], rowStart[1] + offset[1], rowStart[2] + offset[2]];
        sample({ start, step: map.steps[0], count: columns }, sums, hits, 0);
      }
      for (let i = 0; i < columns; i++) {
        const hit = hits[i]!;
        inside += hit;
        pixels[j * columns + i] = hit === 0 ? 0 : sums[i]! / hit;
      }
    }
    return { pixels, coverage: inside / (rows * columns * offsets.length) };
  };
}

/** All slices of `sliceSampler` at once, and the share of samples inside the volume over all of them. */
export function resampleOntoStack(
  volume: Volume,
  stack: StackGeometry,
  options: SliceSamplingOptions,
): { readonly slices: Float32Array[]; readonly coverage: number } {
  const sample = sliceSampler(volume, stack, options);
  const sampled = stack.slices.map((_, n) => sample(n));
  const covered = sampled.reduce((sum, slice) => sum + slice.coverage, 0);
  return {
    slices: sampled.map((slice) => slice.pixels),
    coverage: sampled.length === 0 ? 0 : covered / sampled.length,
  };
}

/** Offsets, in voxels of the volume, of the samples that one pixel averages. */
function footprint(steps: readonly [Vec3, Vec3, Vec3], slabMm: number): Vec3[] {
  const inPlane = (step: Vec3): number => Math.min(MOST_IN_PLANE, Math.max(1, Math.round(stepLength(step))));
  const slab = scale(steps[2], slabMm);
  // Rounding noise must not add a sample where slab and voxels are equally thick.
  const through = Math.min(MOST_THROUGH_SLAB, Math.max(1, Math.ceil(stepLength(slab) - 1e-6)));
  const counts = [inPlane(steps[0]), inPlane(steps[1]), through] as const;
  const at = (n: number, count: number): number => (n + 0.5) / count - 0.5;
  const offsets: Vec3[] = [];
  for (let c = 0; c < counts[2]; c++) {
    for (let b = 0; b < counts[1]; b++) {
      for (let a = 0; a < counts[0]; a++) {
        let offset = scale(steps[0], at(a, counts[0]));
        offset = addScaled(offset, steps[1], at(b, counts[1]));
        offsets.push(addScaled(offset, slab, at(c, counts[2])));
      }
    }
  }
  return offsets;
}

/**
 * The volume with short gaps (at most `longestGap` missing slices) bridged by linear interpolation between
 * the acquired neighbours, so that resampling does not darken what lies beside a gap. Longer gaps stay
 * zero. Only for guidance and registration: what is shown and exported keeps the gap. The same volume
 * where nothing was invented.
 */
export function fillInventedSlices(volume: Volume, longestGap = 2): Volume {
  const invented = volume.inventedSlices;
  if (invented === undefined || !invented.includes(1)) return volume;
  const [nx, ny, nz] = volume.grid.size;
  const inPlane = nx * ny;
  const voxels = volume.voxels.slice();
  for (let k = 0; k < nz; ) {
    if (invented[k] === 0) {
      k++;
      continue;
    }
    let end = k;
    while (end < nz && invented[end] === 1) end++;
    if (k > 0 && end < nz && end - k <= longestGap) {
      const below = voxels.subarray((k - 1) * inPlane, k * inPlane);
      const above = voxels.subarray(end * inPlane, (end + 1) * inPlane);
      for (let at = k; at < end; at++) {
        const t = (at - k + 1) / (end - k + 1);
        const slice = voxels.subarray(at * inPlane, (at + 1) * inPlane);
        for (let n = 0; n < inPlane; n++) slice[n] = below[n]! + t * (above[n]! - below[n]!);
      }
    }
    k = end;
  }
  return { ...volume, voxels };
}
