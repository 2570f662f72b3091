import { describe, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { type Grid, gridCentre, indexToLps, voxelCount } from '../../../src/core/volume/grid.ts';
import type { Vec3 } from '../../../src/core/volume/vec.ts';
import type { Volume } from '../../../src/core/volume/volume.ts';
import {
  cropToForeground,
  fixedSamples,
  foregroundMask,
  robustRange,
} from '../../../src/main/registration/foreground.ts';
import {
  boundedVolume,
  MAX_REGISTERED_VOXELS,
  shrink,
  shrinkFactors,
} from '../../../src/main/registration/prepare.ts';

const oblique: Grid['axesLps'] = [
  [0, 0.6, 0.8],
  [1, 0, 0],
  [0, 0.8, -0.6],
];

function gridOf(size: Vec3, spacingMm: Vec3): Grid {
  return { size, spacingMm, originLps: [10, -20, 30], axesLps: oblique };
}

/** A linear function of position: what averaging leaves as it is. */
function ramp(grid: Grid): Volume {
  const voxels = new Float32Array(voxelCount(grid));
  let n = 0;
  for (let k = 0; k < grid.size[2]; k++) {
    for (let j = 0; j < grid.size[1]; j++) {
      for (let i = 0; i < grid.size[0]; i++) {
        const [x, y, z] = indexToLps(grid, [i, j, k]);
        voxels[n++] = 100 + x + 2 * y - 3 * z;
      }
    }
  }
  return { grid, voxels };
}

describe('a volume reduced for registration', () => {
  it('keeps every position: the reduced ramp is the ramp of the reduced grid', () => {
    const small = shrink(ramp(gridOf([21, 18, 7], [0.5, 0.9, 3])), 2);
    expect(small.grid.size).toEqual([5, 9, 7]);
    expect(small.grid.spacingMm).toEqual([2, 1.8, 3]);
    const expected = ramp(small.grid);
    for (let n = 0; n < expected.voxels.length; n++) {
      expect(small.voxels[n]!).toBeCloseTo(expected.voxels[n]!, 3);
    }
  });

  it('is not reduced along axes that are coarse already, nor by less than half of what is asked', () => {
    expect(shrinkFactors(gridOf([256, 256, 30], [0.43, 1, 5]), 1)).toEqual([2, 1, 1]);
    expect(shrinkFactors(gridOf([256, 256, 2], [1, 1, 1]), 8)).toEqual([8, 8, 2]);
  });

  it('has about 1 mm voxels and a bounded number of them', async () => {
    const fine = await boundedVolume(ramp(gridOf([64, 64, 10], [0.3, 0.5, 2])), QUIET_JOB.signal);
    expect(fine.grid.size).toEqual([21, 32, 10]);
    const large = gridOf([400, 400, 160], [1, 1, 1]);
    const bounded = await boundedVolume(
      { grid: large, voxels: new Float32Array(voxelCount(large)) },
      QUIET_JOB.signal,
    );
    expect(voxelCount(bounded.grid)).toBeLessThanOrEqual(MAX_REGISTERED_VOXELS);
  });

  it('has its gaps bridged and no value that is not finite', async () => {
    const grid = gridOf([8, 8, 9], [1, 1, 4]);
    const whole = ramp(grid);
    const voxels = whole.voxels.slice();
    voxels.fill(0, 3 * 64, 6 * 64);
    voxels[0] = Number.NaN;
    const inventedSlices = Uint8Array.of(0, 0, 0, 1, 1, 1, 0, 0, 0);
    const filled = await boundedVolume({ grid, voxels, inventedSlices }, QUIET_JOB.signal);
    expect(filled.voxels[0]).toBe(0);
    for (let n = 64; n < voxels.length; n++) expect(filled.voxels[n]!).toBeCloseTo(whole.voxels[n]!, 3);
  });

  it('stops when cancelled', async () => {
    const grid = gridOf([500, 500, 80], [1, 1, 1]);
    const controller = new AbortController();
    const work = boundedVolume({ grid, voxels: new Float32Array(voxelCount(grid)) }, controller.signal);
    controller.abort();
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('the foreground of a volume', () => {
  const grid = gridOf([40, 40, 20], [2, 2, 4]);
  const ball: Volume = {
    grid,
    voxels: Float32Array.from({ length: voxelCount(grid) }, (_, n) => {
      const at = [n % 40, Math.floor(n / 40) % 40, Math.floor(n / 1600)];
      const r = Math.hypot((at[0]! - 24) * 2, (at[1]! - 17) * 2, (at[2]! - 11) * 4);
      return r < 24 ? 500 + at[0]! : 7 + (n % 5);
    }),
  };
  const range = robustRange(ball);

  it('is the body, not the noise around it', () => {
    const mask = foregroundMask(ball, range);
    for (let n = 0; n < mask.length; n++) expect(mask[n]).toBe(ball.voxels[n]! > 100 ? 1 : 0);
    expect(foregroundMask({ grid, voxels: new Float32Array(32000) }, { low: 3, high: 3 })).not.toContain(1);
  });

  it('is found where it is a hundredth of the field of view', () => {
    const voxels = new Float32Array(voxelCount(grid));
    voxels[5000] = 900;
    expect(robustRange({ grid, voxels })).toEqual({ low: 0, high: 900 });
  });

  it('is what is sampled, one voxel beyond included, thinned evenly to the limit', () => {
    const all = fixedSamples(ball, range, 2, 1e6);
    const body = ball.voxels.filter((v) => v > 100).length;
    expect(all.bins.length).toBeGreaterThan(body);
    expect(all.bins.length).toBeLessThan(3.5 * body);
    const some = fixedSamples(ball, range, 2, 500);
    expect(Math.abs(some.bins.length - 500)).toBeLessThanOrEqual(1);
    const mean = [0, 1, 2].map((axis) => {
      let sum = 0;
      for (let n = axis; n < some.points.length; n += 3) sum += some.points[n]!;
      return sum / some.bins.length;
    });
    const centre = indexToLps(grid, [24, 17, 11]);
    for (const axis of [0, 1, 2] as const) expect(Math.abs(mean[axis]! - centre[axis])).toBeLessThan(2);
  });

  it('is what is kept by cropping, with a margin, at its place in the patient', () => {
    const cropped = cropToForeground(ball, range, 6);
    expect(cropped.grid.size[0]).toBeLessThan(32);
    expect(cropped.grid.size[2]).toBeLessThan(17);
    expect(cropped.voxels.filter((v) => v > 100)).toEqual(ball.voxels.filter((v) => v > 100));
    const middle = gridCentre(cropped.grid);
    const centre = indexToLps(grid, [24, 17, 11]);
    for (const axis of [0, 1, 2] as const) expect(Math.abs(middle[axis] - centre[axis])).toBeLessThan(4);
  });
});
