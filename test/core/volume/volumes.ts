import { createRandom } from '../../../src/core/random.ts';
import { type Grid, indexToLps } from '../../../src/core/volume/grid.ts';
import type { SliceStack } from '../../../src/core/volume/sliceStack.ts';
import { addScaled, cross, normalize, type Vec3 } from '../../../src/core/volume/vec.ts';
import type { Volume } from '../../../src/core/volume/volume.ts';

/** Three axes at right angles, none along a patient axis. */
export function obliqueAxes(): readonly [Vec3, Vec3, Vec3] {
  const i = normalize([0.9, 0.35, -0.2]);
  const k = normalize(cross(i, [-0.3, 0.9, 0.25]));
  return [i, cross(k, i), k];
}

export function fillVolume(grid: Grid, value: (index: Vec3, lps: Vec3) => number): Volume {
  const [nx, ny, nz] = grid.size;
  const voxels = new Float32Array(nx * ny * nz);
  let at = 0;
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++) voxels[at++] = value([i, j, k], indexToLps(grid, [i, j, k]));
    }
  }
  return { grid, voxels };
}

export function noiseVolume(grid: Grid, seed = 1): Volume {
  const random = createRandom(seed);
  return fillVolume(grid, () => random.uniform());
}

/** A stack of constant slices (slice n has the value n + 1) at the given positions along an oblique normal. */
export function stackAt(positionsMm: readonly number[], columns = 4, rows = 3): SliceStack {
  const [iAxisLps, jAxisLps, normal] = obliqueAxes();
  return {
    columns,
    rows,
    spacingMm: [0.5, 0.8],
    iAxisLps,
    jAxisLps,
    sliceThicknessMm: 2,
    slices: positionsMm.map((mm, n) => ({
      positionLps: addScaled([10, -20, 30], normal, mm),
      pixels: new Float32Array(rows * columns).fill(n + 1),
    })),
  };
}
