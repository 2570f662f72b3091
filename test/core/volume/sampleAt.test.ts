import { describe, expect, it } from 'vitest';
import { type Grid, indexToLps } from '../../../src/core/volume/grid.ts';
import {
  latticeSpacing,
  planeLattice,
  sampleAt,
  sampleLattice,
  type VoxelGrid,
} from '../../../src/core/volume/sampleAt.ts';
import { addScaled, dot, norm, normalize, subtract, type Vec3 } from '../../../src/core/volume/vec.ts';

const tilt = 0.4;
const grid: Grid = {
  size: [6, 5, 4],
  spacingMm: [1, 2, 3],
  originLps: [-10, 4, 20],
  axesLps: [
    [1, 0, 0],
    [0, Math.cos(tilt), Math.sin(tilt)],
    [0, -Math.sin(tilt), Math.cos(tilt)],
  ],
};
/** Values that are linear in space are the same however they are interpolated. */
const slope: Vec3 = [2, -3, 0.5];
const linear = (point: Vec3): number => 7 + dot(slope, point);

function image(of: (point: Vec3) => number, invented: readonly number[] = []): VoxelGrid {
  const [nx, ny, nz] = grid.size;
  const voxels = new Float32Array(nx * ny * nz);
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++) voxels[i + nx * (j + ny * k)] = of(indexToLps(grid, [i, j, k]));
    }
  }
  return { grid, voxels, inventedSlices: new Set(invented) };
}

const along = { right: grid.axesLps[0], down: grid.axesLps[1], normal: grid.axesLps[2] };

describe('values at places of the patient', () => {
  it('are those of a linear field between the voxels of a tilted grid', () => {
    const field = image(linear);
    for (const index of [
      [1.3, 2.2, 0.7],
      [0, 0, 0],
      [4.9, 3.5, 2.99],
    ] as const) {
      const point = indexToLps(grid, index);
      expect(sampleAt(field, point, 'linear')).toBeCloseTo(linear(point), 4);
    }
  });

  it('are those of the voxel that the point lies in, as acquired', () => {
    const field = image(linear);
    const point = indexToLps(grid, [1.4, 2.6, 1.4]);
    expect(sampleAt(field, point, 'nearest')).toBeCloseTo(linear(indexToLps(grid, [1, 3, 1])), 4);
  });

  it('are no numbers outside the grid and where nothing was acquired', () => {
    const field = image(linear, [2]);
    expect(sampleAt(field, indexToLps(grid, [-0.6, 1, 1]), 'linear')).toBeNaN();
    expect(sampleAt(field, indexToLps(grid, [1, 1, 2.2]), 'linear')).toBeNaN();
    expect(sampleAt(field, indexToLps(grid, [1, 1, 2.2]), 'nearest')).toBeNaN();
    expect(sampleAt(field, indexToLps(grid, [1, 1, 1.2]), 'linear')).not.toBeNaN();
  });

  it('take whole numbers as they are', () => {
    const voxels = Int16Array.from({ length: 6 * 5 * 4 }, (_, n) => n);
    expect(sampleAt({ grid, voxels }, indexToLps(grid, [3, 2, 1]), 'nearest')).toBe(3 + 6 * (2 + 5));
  });
});

describe('the lattice of a plane', () => {
  it('is the nearest slice where the plane lies along it: its own voxels, to the last bit', () => {
    const field = image(linear);
    const lattice = planeLattice(grid, along, indexToLps(grid, [3, 3, 1.4]));
    expect(lattice?.slice).toEqual({ axis: 2, index: 1 });
    expect([lattice?.columns, lattice?.rows]).toEqual([6, 5]);
    const values = sampleLattice(field, lattice!, 'linear');
    expect([...values]).toEqual([...field.voxels.slice(30, 60)]);
  });

  it('is there for the other two directions too, and not beyond the grid', () => {
    const across = { right: grid.axesLps[1], down: grid.axesLps[2], normal: grid.axesLps[0] };
    const lattice = planeLattice(grid, across, indexToLps(grid, [4, 1, 1]));
    expect(lattice?.slice).toEqual({ axis: 0, index: 4 });
    expect(latticeSpacing(lattice!)).toEqual([expect.closeTo(2), expect.closeTo(3)]);
    expect(planeLattice(grid, along, indexToLps(grid, [3, 3, 4.2]))).toBeUndefined();
  });

  it('is as fine as the finest voxels on an oblique plane, and lies in that plane', () => {
    const normal = normalize([0.2, 0.5, 0.8]);
    const right = normalize([normal[2], 0, -normal[0]]);
    const down: Vec3 = [
      normal[1] * right[2] - normal[2] * right[1],
      normal[2] * right[0] - normal[0] * right[2],
      normal[0] * right[1] - normal[1] * right[0],
    ];
    const through = indexToLps(grid, [3, 2, 1.5]);
    const lattice = planeLattice(grid, { right, down, normal }, through)!;
    expect(lattice.slice).toBeUndefined();
    expect(latticeSpacing(lattice)[0]).toBeCloseTo(1);
    for (const [i, j] of [
      [0, 0],
      [lattice.columns - 1, lattice.rows - 1],
    ] as const) {
      const point = addScaled(addScaled(lattice.originLps, lattice.columnStepLps, i), lattice.rowStepLps, j);
      expect(dot(subtract(point, through), normal)).toBeCloseTo(0, 9);
    }
    const values = sampleLattice(image(linear), lattice, 'linear');
    const inside = [...values].filter((value) => !Number.isNaN(value));
    expect(inside.length).toBeGreaterThan(10);
    const [i, j] = [Math.floor(lattice.columns / 2), Math.floor(lattice.rows / 2)];
    const middle = addScaled(addScaled(lattice.originLps, lattice.columnStepLps, i), lattice.rowStepLps, j);
    expect(values[j * lattice.columns + i]).toBeCloseTo(linear(middle), 3);
    expect(norm(lattice.rowStepLps)).toBeCloseTo(1);
  });
});
