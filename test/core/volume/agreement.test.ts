import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { agreementOf } from '../../../src/core/volume/agreement.ts';
import { insideForeground } from '../../../src/core/volume/foreground.ts';
import type { Grid } from '../../../src/core/volume/grid.ts';
import { psnrVolume, ssimVolume } from '../../../src/core/volume/metrics.ts';
import { sameGeometry } from '../../../src/core/volume/sameGeometry.ts';
import type { VoxelGrid } from '../../../src/core/volume/sampleAt.ts';

const grid: Grid = {
  size: [40, 36, 5],
  spacingMm: [1, 1, 3],
  originLps: [0, 0, 0],
  axesLps: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
};
const LENGTH = 40 * 36;

/** A bright disc with texture in every slice, on dark noise. */
function head(seed: number, noise: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: LENGTH * 5 }, (_, n) => {
    const [x, y] = [(n % 40) - 20, (Math.floor(n / 40) % 36) - 18];
    const disc = Math.hypot(x, y) < 14 ? 600 + 200 * Math.sin(x) * Math.cos(y) : 0;
    return disc + noise * random.uniform();
  });
}

function run(truth: VoxelGrid, image: VoxelGrid) {
  const steps = agreementOf(truth, image);
  const done: number[] = [];
  let step = steps.next();
  while (step.done !== true) {
    done.push(step.value.done);
    step = steps.next();
  }
  return { done, agreement: step.value };
}

const slices = (voxels: Float32Array, which: readonly number[]): Float32Array[] =>
  which.map((k) => voxels.slice(k * LENGTH, (k + 1) * LENGTH));

describe('agreement with a ground truth', () => {
  const truth = head(1, 4);
  const image = head(2, 60);

  it('is what the metrics of the volume say, whole and inside', () => {
    const { agreement, done } = run({ grid, voxels: truth }, { grid, voxels: image });
    const [a, b] = [slices(truth, [0, 1, 2, 3, 4]), slices(image, [0, 1, 2, 3, 4])];
    const peak = Math.max(...truth);
    const masks = a.map((pixels) => insideForeground(pixels, 36, 40, { threshold: 0.02 * peak }));
    expect(agreement.whole.psnr).toBeCloseTo(psnrVolume(a, b), 8);
    expect(agreement.whole.ssim).toBeCloseTo(ssimVolume(a, b, 36, 40), 8);
    expect(agreement.inside.psnr).toBeCloseTo(psnrVolume(a, b, masks), 8);
    expect(agreement.inside.ssim).toBeCloseTo(ssimVolume(a, b, 36, 40, masks), 8);
    expect(done).toEqual([1, 2, 3, 4, 5]);
  });

  it('leaves out slices that were not acquired in either', () => {
    const gaps = run(
      { grid, voxels: truth, inventedSlices: new Set([1]) },
      { grid, voxels: image, inventedSlices: new Set([3]) },
    ).agreement;
    const [a, b] = [slices(truth, [0, 2, 4]), slices(image, [0, 2, 4])];
    expect(gaps.leftOut).toBe(2);
    expect(gaps.whole.psnr).toBeCloseTo(psnrVolume(a, b), 8);
    expect(gaps.whole.ssim).toBeCloseTo(ssimVolume(a, b, 36, 40), 8);
  });

  it('is without bounds for equal images', () => {
    const { whole } = run({ grid, voxels: truth }, { grid, voxels: truth }).agreement;
    expect(whole).toEqual({ psnr: Number.POSITIVE_INFINITY, ssim: expect.closeTo(1, 9) });
  });
});

describe('the same geometry', () => {
  it('forgives rounding and nothing more', () => {
    expect(sameGeometry(grid, { ...grid, originLps: [0.01, 0, 0] })).toBe(true);
    expect(sameGeometry(grid, { ...grid, originLps: [0.5, 0, 0] })).toBe(false);
    expect(sameGeometry(grid, { ...grid, spacingMm: [1, 1, 3.1] })).toBe(false);
    expect(sameGeometry(grid, { ...grid, size: [40, 36, 6] })).toBe(false);
    const turned = { ...grid, axesLps: [grid.axesLps[1], grid.axesLps[0], grid.axesLps[2]] } as Grid;
    expect(sameGeometry({ ...grid, size: [40, 40, 5] }, { ...turned, size: [40, 40, 5] })).toBe(false);
  });
});
