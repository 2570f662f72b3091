import { describe, expect, it } from 'vitest';
import { type Grid, indexToLps } from '../../../src/core/volume/grid.ts';
import { reorientToRas } from '../../../src/core/volume/reorient.ts';
import type { Vec3 } from '../../../src/core/volume/vec.ts';
import type { Volume } from '../../../src/core/volume/volume.ts';
import { noiseVolume, obliqueAxes } from './volumes.ts';

/** Voxel values by position, as text that rounding noise does not change. */
function byPosition({ grid, voxels }: Volume): Map<string, number> {
  const found = new Map<string, number>();
  const [nx, ny, nz] = grid.size;
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++) {
        const key = indexToLps(grid, [i, j, k])
          .map((x) => (Math.round(x * 1000) / 1000 + 0).toFixed(3))
          .join();
        found.set(key, voxels[i + nx * (j + ny * k)]!);
      }
    }
  }
  return found;
}

const axes: Vec3[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

describe('reorientToRas', () => {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ] as const;
  const cases = orders.flatMap((order) =>
    Array.from({ length: 8 }, (_, bits) => {
      const axis = (n: 0 | 1 | 2): Vec3 =>
        axes[order[n]]!.map((x) => (bits & (1 << n) ? -x : x) + 0) as unknown as Vec3;
      return { name: `${order.join('')} reversed ${bits}`, axesLps: [axis(0), axis(1), axis(2)] as const };
    }),
  );

  it.each(cases)('moves no voxel in patient space: $name', ({ axesLps }) => {
    const grid: Grid = { size: [2, 3, 4], spacingMm: [1, 2, 3], originLps: [5, 6, 7], axesLps };
    const volume = noiseVolume(grid);
    const ras = reorientToRas(volume);
    expect(byPosition(ras)).toEqual(byPosition(volume));
    expect(ras.grid.axesLps.map((a) => a.map(Math.round).map((x) => x + 0))).toEqual([
      [-1, 0, 0],
      [0, -1, 0],
      [0, 0, 1],
    ]);
  });

  it('takes the nearest axes of an oblique grid and keeps its obliquity', () => {
    const [i, j, k] = obliqueAxes();
    const volume = noiseVolume({
      size: [2, 3, 4],
      spacingMm: [1, 2, 3],
      originLps: [5, 6, 7],
      axesLps: [k, i, j],
    });
    const ras = reorientToRas(volume);
    expect(byPosition(ras)).toEqual(byPosition(volume));
    const [a, b, c] = ras.grid.axesLps;
    expect(a[0] < -0.7 && b[1] < -0.7 && c[2] > 0.7).toBe(true);
  });
});
