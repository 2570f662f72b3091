import { indexToLps } from '../../core/volume/grid.ts';
import { percentile } from '../../core/volume/intensity.ts';
import {
  type FixedSamples,
  type MovingImage,
  movingImage,
  toBins,
} from '../../core/volume/mutualInformation.ts';
import type { Vec3 } from '../../core/volume/vec.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { cropVolume, shrink } from './prepare.ts';

/** Where the body is in a volume, and the points at which two images are compared. */

/** The intensities that bound what counts: the 1st and 99.5th percentiles. */
export interface IntensityRange {
  readonly low: number;
  readonly high: number;
}

/** The robust range of a volume's intensities; `high === low` where it is blank. */
export function robustRange(volume: Volume): IntensityRange {
  const low = percentile(volume.voxels, 1) ?? 0;
  // Where the head fills less than 1 % of the field of view, the upper percentile may still be air.
  const high = percentile(volume.voxels, 99.5) ?? 0;
  return high > low ? { low, high } : { low, high: percentile(volume.voxels, 100) ?? low };
}

/** One byte per voxel, 1 where the value is over a tenth of the robust range: body, not air. */
export function foregroundMask(volume: Volume, range: IntensityRange): Uint8Array {
  const threshold = range.low + 0.1 * (range.high - range.low);
  const mask = new Uint8Array(volume.voxels.length);
  if (range.high <= range.low) return mask;
  for (let n = 0; n < mask.length; n++) if (volume.voxels[n]! > threshold) mask[n] = 1;
  return mask;
}

/** The mask grown by one voxel along every axis. */
function grow(mask: Uint8Array, size: Vec3): Uint8Array {
  let current = mask;
  const steps = [1, size[0], size[0] * size[1]];
  for (const [axis, step] of steps.entries()) {
    const next = current.slice();
    const length = size[axis]!;
    for (let n = 0; n < mask.length; n++) {
      if (current[n] === 0) continue;
      const at = Math.floor(n / step) % length;
      if (at > 0) next[n - step] = 1;
      if (at < length - 1) next[n + step] = 1;
    }
    current = next;
  }
  return current;
}

/**
 * Points at about `stepMm` over the foreground and one voxel beyond (its outline against air tells most
 * about a motion), with the values there averaged over a voxel of that size. At most `limit` points, thinned
 * evenly. The whole grid where there is no foreground.
 */
export function fixedSamples(
  volume: Volume,
  range: IntensityRange,
  stepMm: number,
  limit: number,
): FixedSamples {
  const small = shrink(volume, stepMm);
  const [nx, ny, nz] = small.grid.size;
  let mask = grow(foregroundMask(small, range), small.grid.size);
  if (!mask.includes(1)) mask = new Uint8Array(mask.length).fill(1);
  let total = 0;
  for (const m of mask) total += m;
  // An irrational stride, so that thinning falls on no line or plane of the grid.
  const stride = total > limit ? total / limit : 1;
  const points: number[] = [];
  const values: number[] = [];
  let seen = 0;
  let next = 0;
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++) {
        const n = i + nx * (j + ny * k);
        if (mask[n] === 0) continue;
        if (seen >= next) {
          points.push(...indexToLps(small.grid, [i, j, k]));
          values.push(small.voxels[n]!);
          next += stride;
        }
        seen++;
      }
    }
  }
  return {
    points: Float32Array.from(points),
    bins: toBins(Float32Array.from(values), range.low, range.high),
  };
}

/**
 * The moving image for comparison at points `stepMm` apart: reduced to two thirds of that, so that its
 * voxels never coincide with the points (coinciding ones are sharper and would favour the headers' position).
 */
export function movingFor(volume: Volume, range: IntensityRange, stepMm: number): MovingImage {
  return movingImage(shrink(volume, (stepMm * 2) / 3), range.low, range.high);
}

/** Mean position of the foreground, LPS mm; the mean of all points where there is none. */
export function centreOf(points: Float32Array): Vec3 {
  let [x, y, z] = [0, 0, 0];
  for (let n = 0; n < points.length; n += 3) {
    x += points[n]!;
    y += points[n + 1]!;
    z += points[n + 2]!;
  }
  const count = Math.max(1, points.length / 3);
  return [x / count, y / count, z / count];
}

/** The volume cropped to its foreground and `marginMm` around it; whole where there is none. */
export function cropToForeground(volume: Volume, range: IntensityRange, marginMm: number): Volume {
  const [nx, ny, nz] = volume.grid.size;
  const mask = foregroundMask(volume, range);
  const low = [nx, ny, nz];
  const high = [0, 0, 0];
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++) {
        if (mask[i + nx * (j + ny * k)] === 0) continue;
        for (const [axis, at] of [i, j, k].entries()) {
          if (at < low[axis]!) low[axis] = at;
          if (at + 1 > high[axis]!) high[axis] = at + 1;
        }
      }
    }
  }
  if (high[0] === 0) return volume;
  const from = ([0, 1, 2] as const).map((axis) =>
    Math.max(0, low[axis]! - Math.ceil(marginMm / volume.grid.spacingMm[axis])),
  );
  const to = ([0, 1, 2] as const).map((axis) =>
    Math.min(volume.grid.size[axis], high[axis]! + Math.ceil(marginMm / volume.grid.spacingMm[axis])),
  );
  return cropVolume(volume, [from[0]!, from[1]!, from[2]!], [to[0]!, to[1]!, to[2]!]);
}
