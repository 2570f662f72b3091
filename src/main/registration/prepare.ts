import { throwIfCancelled } from '../../core/errors.ts';
import { type Grid, indexToLps, voxelCount } from '../../core/volume/grid.ts';
import { fillInventedSlices } from '../../core/volume/resample.ts';
import type { Vec3 } from '../../core/volume/vec.ts';
import type { Volume } from '../../core/volume/volume.ts';

/** What is done to volumes before they are registered: gaps filled, reduced in resolution, cropped. */

/** No axis is registered at finer voxels than this: accuracy is a small part of a voxel, cost is cubic. */
export const FINEST_REGISTERED_MM = 1;

/** Voxels of a volume given to elastix at most: 80 MB as float32, far from the 4 GB where it aborts. */
export const MAX_REGISTERED_VOXELS = 20_000_000;

/**
 * Integer factors by which each axis can be reduced so that its spacing stays at or below `stepMm` (within
 * 5 %), never below 1.
 */
export function shrinkFactors(grid: Grid, stepMm: number): Vec3 {
  const factor = (axis: 0 | 1 | 2) => {
    const wanted = Math.max(1, Math.floor((stepMm * 1.05) / grid.spacingMm[axis]));
    return Math.min(wanted, grid.size[axis]);
  };
  return [factor(0), factor(1), factor(2)];
}

/** Grid of blocks of voxels: voxel 0 is the centre of the first block; an incomplete last block is left out. */
function shrunkGrid(grid: Grid, factors: Vec3): Grid {
  return {
    size: [
      Math.floor(grid.size[0] / factors[0]),
      Math.floor(grid.size[1] / factors[1]),
      Math.floor(grid.size[2] / factors[2]),
    ],
    spacingMm: [
      grid.spacingMm[0] * factors[0],
      grid.spacingMm[1] * factors[1],
      grid.spacingMm[2] * factors[2],
    ],
    originLps: indexToLps(grid, [(factors[0] - 1) / 2, (factors[1] - 1) / 2, (factors[2] - 1) / 2]),
    axesLps: grid.axesLps,
  };
}

/** The volume reduced by averaging blocks of voxels to about `stepMm`; what is not finite counts as 0. */
export function shrink(volume: Volume, stepMm: number): Volume {
  const factors = shrinkFactors(volume.grid, stepMm);
  if (factors.every((f) => f === 1)) return volume;
  const grid = shrunkGrid(volume.grid, factors);
  const voxels = new Float32Array(voxelCount(grid));
  for (let k = 0; k < grid.size[2]; k++) shrinkSlice(volume, grid, factors, k, voxels);
  return { grid, voxels };
}

function shrinkSlice(volume: Volume, out: Grid, factors: Vec3, k: number, voxels: Float32Array): void {
  const [fx, fy, fz] = factors;
  const [nx, ny] = volume.grid.size;
  const [ox, oy] = out.size;
  const share = 1 / (fx * fy * fz);
  const sums = new Float64Array(ox * oy);
  for (let z = k * fz; z < (k + 1) * fz; z++) {
    for (let y = 0; y < oy * fy; y++) {
      const row = nx * (y + ny * z);
      const target = ox * Math.floor(y / fy);
      for (let x = 0; x < ox * fx; x++) {
        const value = volume.voxels[row + x]!;
        const cell = target + Math.floor(x / fx);
        if (Number.isFinite(value)) sums[cell] = sums[cell]! + value;
      }
    }
  }
  for (let n = 0; n < sums.length; n++) voxels[k * ox * oy + n] = sums[n]! * share;
}

/**
 * The volume as it goes to registration: gaps filled, finite, voxels of about FINEST_REGISTERED_MM or
 * more, and at most MAX_REGISTERED_VOXELS of them. Gives way to other work while it runs.
 */
export async function boundedVolume(source: Volume, signal: AbortSignal): Promise<Volume> {
  // elastix takes no mask, and a black slice in a head would be matched to something: every gap is bridged.
  const volume = fillInventedSlices(source, Number.POSITIVE_INFINITY);
  let step = FINEST_REGISTERED_MM;
  let factors = shrinkFactors(volume.grid, step);
  while (voxelCount(shrunkGrid(volume.grid, factors)) > MAX_REGISTERED_VOXELS) {
    step *= 1.1;
    factors = shrinkFactors(volume.grid, step);
  }
  const grid = shrunkGrid(volume.grid, factors);
  const voxels = new Float32Array(voxelCount(grid));
  let lastPause = performance.now();
  for (let k = 0; k < grid.size[2]; k++) {
    shrinkSlice(volume, grid, factors, k, voxels);
    if (performance.now() - lastPause > 100) {
      await new Promise((resolve) => setImmediate(resolve));
      throwIfCancelled(signal);
      lastPause = performance.now();
    }
  }
  return { grid, voxels };
}

/** The box of voxels [from, to) of a volume, along i, j, k. */
export function cropVolume(volume: Volume, from: Vec3, to: Vec3): Volume {
  const size: Vec3 = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const [nx, ny] = volume.grid.size;
  const voxels = new Float32Array(size[0] * size[1] * size[2]);
  let n = 0;
  for (let k = from[2]; k < to[2]; k++) {
    for (let j = from[1]; j < to[1]; j++) {
      const row = nx * (j + ny * k);
      voxels.set(volume.voxels.subarray(row + from[0], row + to[0]), n);
      n += size[0];
    }
  }
  return { grid: { ...volume.grid, size, originLps: indexToLps(volume.grid, from) }, voxels };
}
