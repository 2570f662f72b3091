import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import {
  agreementOfMasks,
  finerSlices,
  maskOnSlices,
  sliceCentres,
} from '../../../src/core/segmentation/compare.ts';
import { countMarked, diceOfVolume } from '../../../src/core/segmentation/overlap.ts';
import { indexToLps } from '../../../src/core/volume/grid.ts';
import { sampleAt } from '../../../src/core/volume/sampleAt.ts';
import type { SliceStack } from '../../../src/core/volume/sliceStack.ts';
import { addScaled, type Vec3 } from '../../../src/core/volume/vec.ts';

const [C, S] = [Math.cos(0.3), Math.sin(0.3)];
const AXES: readonly [Vec3, Vec3, Vec3] = [
  [C, S, 0],
  [-S, C, 0],
  [0, 0, 1],
];
/** Coarse voxels of 2 × 2 × 5 mm; fine ones are a half of them in the plane, slices the same. */
const COARSE = { size: [8, 6, 4], spacingMm: [2, 2, 5], originLps: [-7, 3, 11], axesLps: AXES } as const;

function fineStack(): SliceStack {
  const corner = addScaled(addScaled(COARSE.originLps, AXES[0], -0.5), AXES[1], -0.5);
  return {
    columns: 16,
    rows: 12,
    spacingMm: [1, 1],
    iAxisLps: AXES[0],
    jAxisLps: AXES[1],
    sliceThicknessMm: 5,
    slices: [0, 1, 2, 3].map((k) => ({
      positionLps: addScaled(corner, AXES[2], 5 * k),
      pixels: new Float32Array(16 * 12),
    })),
  };
}

describe('a labelmap on the slices of another image', () => {
  const random = createRandom(7);
  const voxels = Int16Array.from({ length: 8 * 6 * 4 }, () => random.integer(3));
  const labels = { grid: COARSE, voxels };

  it('marks the four pixels that lie in a voxel as that voxel is', () => {
    const masks = maskOnSlices(labels, fineStack());
    for (const [k, mask] of masks.entries()) {
      for (let at = 0; at < mask.length; at++) {
        const [i, j] = [(at % 16) >> 1, Math.floor(at / 16) >> 1];
        expect(mask[at]).toBe(Number(voxels[i + 8 * (j + 6 * k)] !== 0));
      }
    }
    expect(countMarked(masks)).toBe(4 * voxels.filter((value) => value !== 0).length);
  });

  it('marks the labels that are asked for alone, and nothing in gaps and outside', () => {
    const [one, all] = [maskOnSlices(labels, fineStack(), new Set([2])), maskOnSlices(labels, fineStack())];
    expect(countMarked(one)).toBe(4 * voxels.filter((value) => value === 2).length);
    expect(countMarked(one)).toBeLessThan(countMarked(all));
    const gap = maskOnSlices({ ...labels, inventedSlices: new Set([1]) }, fineStack());
    expect(countMarked([gap[1]!])).toBe(0);
    expect(countMarked([gap[2]!])).toBe(countMarked([all[2]!]));
    const stack = fineStack();
    const away = stack.slices.map((slice) => ({
      ...slice,
      positionLps: addScaled(slice.positionLps, AXES[0], 400),
    }));
    expect(countMarked(maskOnSlices(labels, { ...stack, slices: away }))).toBe(0);
  });

  it('takes the label of the voxel that a pixel’s centre lies in, wherever that is', () => {
    const stack = fineStack();
    const moved = {
      ...stack,
      slices: stack.slices.map((slice) => ({
        ...slice,
        positionLps: addScaled(slice.positionLps, [0.36, 0.48, 0.8], 1.7),
      })),
    };
    const masks = maskOnSlices(labels, moved);
    for (const [n, at] of [
      [0, 40],
      [1, 77],
      [2, 100],
      [3, 131],
    ] as const) {
      const column = addScaled(moved.slices[n]!.positionLps, AXES[0], at % 16);
      const value = sampleAt(labels, addScaled(column, AXES[1], Math.floor(at / 16)), 'nearest');
      expect(masks[n]![at]).toBe(Number(value > 0));
    }
  });
});

describe('grids that share their first sample', () => {
  it('are compared without a shift: a voxel covers as much of the finer slices on either side of its centre', () => {
    const stack = {
      ...fineStack(),
      slices: fineStack().slices.map((slice, k) => ({
        ...slice,
        positionLps: addScaled(COARSE.originLps, AXES[2], 5 * k),
      })),
    };
    const voxels = new Int16Array(8 * 6 * 4);
    voxels[3 + 8 * (2 + 6)] = 1;
    const finer = finerSlices(stack);
    expect([finer.columns, finer.rows, ...finer.spacingMm]).toEqual([32, 24, 0.5, 0.5]);
    const [, mask] = maskOnSlices({ grid: COARSE, voxels }, finer) as [Uint8Array, Uint8Array];
    const marked = [...mask].flatMap((value, n) =>
      value === 1 ? [[n % 32, Math.floor(n / 32)] as const] : [],
    );
    // Four by four quarters: the voxel's own area.
    expect(marked).toHaveLength(16);
    const middle = [0, 1].map((axis) => marked.reduce((sum, at) => sum + at[axis]!, 0) / 16);
    // Finer point n lies at (n − 0.5) / 2 of the stack's pixels, which are halves of the voxels.
    expect(middle.map((n) => (n - 0.5) / 4)).toEqual([3, 2]);
    expect(sliceCentres(finer)[1]!.map((mm) => mm.toFixed(9))).toEqual(
      sliceCentres(stack)[1]!.map((mm) => mm.toFixed(9)),
    );
  });
});

describe('two masks', () => {
  it('agree by Dice, slice by slice and over all, and by the distance of their surfaces with true positions', () => {
    const stack = fineStack();
    const empty = () => stack.slices.map(() => new Uint8Array(16 * 12));
    const [a, b] = [empty(), empty()];
    a[1]![5 + 16 * 5] = 1;
    a[2]![5 + 16 * 5] = 1;
    b[2]![8 + 16 * 5] = 1;
    b[2]![5 + 16 * 5] = 1;
    const found = agreementOfMasks(a, b, stack);
    expect(found.dice).toBe(diceOfVolume(a, b));
    expect(found.curve).toEqual([null, 0, 2 / 3, null]);
    expect(found.diceSlices).toBeCloseTo(1 / 3, 12);
    // Distances 5 mm and 0 of the one, 3 mm and 0 of the other: the 95th percentile between 0 and 5.
    expect(found.hd95Mm).toBeCloseTo(0.95 * 5, 12);
    expect(agreementOfMasks(a, empty(), stack)).toMatchObject({ dice: 0, hd95Mm: null });
    expect(agreementOfMasks(empty(), empty(), stack)).toMatchObject({ dice: 1, diceSlices: null });
  });

  it('lie on slices whose middles are those of their grid', () => {
    const middle = indexToLps(COARSE, [3.5, 2.5, 2]);
    const found = sliceCentres(fineStack())[2]!;
    for (const axis of [0, 1, 2] as const) expect(found[axis]).toBeCloseTo(middle[axis], 9);
  });
});
