import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import {
  changeBetween,
  changeOf,
  paintVoxels,
  putChange,
  type Stroke,
  sweptVoxels,
} from '../../../src/core/segmentation/paint.ts';
import { labelsOfSlice, sliceAxes, voxelStrides } from '../../../src/core/segmentation/planeLabels.ts';
import { type Grid, indexToLps } from '../../../src/core/volume/grid.ts';
import { planeLattice, sampleLattice } from '../../../src/core/volume/sampleAt.ts';
import { addScaled, dot, norm, normalize, scale, subtract, type Vec3 } from '../../../src/core/volume/vec.ts';

/** Oblique, with a slanted slice axis: nothing may lean on right angles with the patient or among the axes. */
const GRID: Grid = {
  size: [11, 9, 7],
  spacingMm: [0.8, 1.3, 3],
  originLps: [-3, 5, 20],
  axesLps: [normalize([1, 0.2, 0]), normalize([-0.2, 1, 0.1]), normalize([0.1, -0.15, 1])],
};
const NONE: ReadonlySet<number> = new Set();

const lpsOf = (voxel: number): Vec3 => {
  const [i, j] = [voxel % 11, Math.floor(voxel / 11) % 9];
  return indexToLps(GRID, [i, j, Math.floor(voxel / 99)]);
};

/** Distance in the patient from a point to a line between two others. */
const distance = (point: Vec3, from: Vec3, to: Vec3): number => {
  const way = subtract(to, from);
  const length2 = dot(way, way);
  const along = length2 === 0 ? 0 : Math.min(Math.max(dot(subtract(point, from), way) / length2, 0), 1);
  return norm(subtract(point, addScaled(from, way, along)));
};

describe('the voxels that a brush reaches', () => {
  it('are those of the slice whose centres lie within the radius of the line, in any of the three planes', () => {
    const random = createRandom(3);
    for (let round = 0; round < 60; round++) {
      const axis = random.integer(3) as 0 | 1 | 2;
      const index = random.integer(GRID.size[axis]);
      const [a, b] = sliceAxes(axis);
      const place = (): Vec3 => {
        const at: [number, number, number] = [index, index, index];
        for (const one of [a, b]) at[one] = random.uniform() * (GRID.size[one] + 4) - 2;
        return indexToLps(GRID, at);
      };
      const path = Array.from({ length: 1 + random.integer(4) }, place);
      const radius = 0.3 + 4 * random.uniform();
      const reached = new Set(sweptVoxels(GRID, NONE, { axis, index }, path, radius));
      const strides = voxelStrides(GRID);
      for (let voxel = 0; voxel < 11 * 9 * 7; voxel++) {
        const isOfSlice = Math.floor(voxel / strides[axis]) % GRID.size[axis] === index;
        const nearest = Math.min(
          ...path.map((point, n) => distance(lpsOf(voxel), point, path[n + 1] ?? path[Math.max(n, 0)]!)),
        );
        if (Math.abs(nearest - radius) < 1e-4) continue;
        expect(reached.has(voxel)).toBe(isOfSlice && nearest < radius);
      }
    }
  });

  it('do not depend on how far across the slice the line lies: the slice is seen from its middle', () => {
    const path: Vec3[] = [indexToLps(GRID, [2, 2, 3]), indexToLps(GRID, [7, 5, 3])];
    const beside = path.map((point) => addScaled(point, GRID.axesLps[2], 1.2));
    const slice = { axis: 2, index: 3 } as const;
    expect(sweptVoxels(GRID, NONE, slice, beside, 2)).toEqual(sweptVoxels(GRID, NONE, slice, path, 2));
  });

  it('of a line are those of its pieces together, so that a stroke may be drawn piece by piece', () => {
    const slice = { axis: 1, index: 4 } as const;
    const path = [
      [1, 4, 1],
      [5, 4, 2],
      [9, 4, 6],
    ].map((at) => indexToLps(GRID, at as unknown as Vec3));
    const pieces = [path.slice(0, 2), path.slice(1)].flatMap((piece) =>
      sweptVoxels(GRID, NONE, slice, piece, 1.9),
    );
    expect(sweptVoxels(GRID, NONE, slice, path, 1.9)).toEqual(
      [...new Set(pieces)].sort((one, other) => one - other),
    );
  });

  it('leave out slices that were not acquired, of their own plane and of those across', () => {
    const gap = new Set([3]);
    const middle = [indexToLps(GRID, [5, 4, 3])];
    expect(sweptVoxels(GRID, gap, { axis: 2, index: 3 }, middle, 5)).toEqual([]);
    const across = sweptVoxels(GRID, gap, { axis: 0, index: 5 }, middle, 5);
    expect(across.length).toBeGreaterThan(0);
    expect(across.map((voxel) => Math.floor(voxel / 99))).not.toContain(3);
    expect(across).toEqual(
      sweptVoxels(GRID, NONE, { axis: 0, index: 5 }, middle, 5).filter(
        (voxel) => Math.floor(voxel / 99) !== 3,
      ),
    );
  });
});

describe('a stroke', () => {
  it('can be taken back and made again, over other labels and over itself', () => {
    const random = createRandom(8);
    for (let round = 0; round < 40; round++) {
      const found = Int16Array.from({ length: 200 }, () => random.integer(3));
      const labels = found.slice();
      const stroke: Stroke = new Map();
      for (let n = 0; n < 5; n++) {
        const voxels = Array.from({ length: 30 }, () => random.integer(200));
        paintVoxels(labels, voxels, random.integer(3), stroke);
      }
      const painted = labels.slice();
      const change = changeOf(labels, stroke);
      expect(change?.voxels.length ?? 0).toBe(found.filter((label, n) => label !== painted[n]).length);
      if (change === undefined) continue;
      putChange(labels, change, 'before');
      expect(labels).toEqual(found);
      putChange(labels, change, 'after');
      expect(labels).toEqual(painted);
      expect(changeBetween(found, painted)).toEqual(change);
    }
  });

  it('that changes nothing is none', () => {
    const labels = Int16Array.from([1, 0, 1]);
    const stroke: Stroke = new Map();
    expect(paintVoxels(labels, [0, 2], 1, stroke)).toBe(false);
    expect(changeOf(labels, stroke)).toBeUndefined();
    paintVoxels(labels, [1], 1, stroke);
    paintVoxels(labels, [1], 0, stroke);
    expect(changeOf(labels, stroke)).toBeUndefined();
    expect(changeBetween(labels, labels)).toBeUndefined();
  });
});

describe('the labels of a slice', () => {
  it('are what sampling its voxel centres gives, nothing where a slice was not acquired', () => {
    const straight: Grid = {
      ...GRID,
      axesLps: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
    };
    const random = createRandom(4);
    const voxels = Int16Array.from({ length: 11 * 9 * 7 }, () => random.integer(4));
    const inventedSlices = new Set([2, 5]);
    for (const axis of [0, 1, 2] as const) {
      const normal = straight.axesLps[axis];
      const [right, down] = sliceAxes(axis).map((other) => straight.axesLps[other]) as [Vec3, Vec3];
      for (let index = 0; index < straight.size[axis]; index++) {
        const lps = addScaled(straight.originLps, normal, index * straight.spacingMm[axis]);
        const lattice = planeLattice(straight, { right, down, normal: scale(normal, 1) }, lps);
        expect(lattice?.slice).toEqual({ axis, index });
        const sampled = sampleLattice({ grid: straight, voxels, inventedSlices }, lattice!, 'nearest');
        expect([...labelsOfSlice(voxels, straight, inventedSlices, { axis, index })]).toEqual(
          [...sampled].map((value) => (Number.isNaN(value) ? 0 : value)),
        );
      }
    }
  });
});
