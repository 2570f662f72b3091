import { describe, expect, it } from 'vitest';
import { chooseSliceAxis, stackToVolume, volumeToStack } from '../../../src/core/volume/convert.ts';
import { type Grid, indexToLps } from '../../../src/core/volume/grid.ts';
import { slicePositionsMm, stackNormal } from '../../../src/core/volume/sliceStack.ts';
import { add, dot, norm, scale, subtract, type Vec3 } from '../../../src/core/volume/vec.ts';
import { noiseVolume, obliqueAxes, stackAt } from './volumes.ts';

const distance = (a: Vec3, b: Vec3): number => norm(subtract(a, b));

describe('stackToVolume', () => {
  it('puts every slice at its true place and value', () => {
    const stack = stackAt([0, 2.5, 5, 7.5]);
    const volume = stackToVolume(stack);
    expect(volume.grid.size).toEqual([4, 3, 4]);
    expect(volume.grid.spacingMm[2]).toBeCloseTo(2.5, 9);
    expect(volume.inventedSlices).toBeUndefined();
    stack.slices.forEach((slice, k) => {
      expect(distance(indexToLps(volume.grid, [0, 0, k]), slice.positionLps)).toBeLessThan(1e-9);
      expect(volume.voxels[k * 12]).toBe(k + 1);
    });
  });

  it('shows a missing slice as an invented one of zeros', () => {
    const volume = stackToVolume(stackAt([0, 2.5, 7.5, 10]));
    expect(volume.grid.size[2]).toBe(5);
    expect([...volume.inventedSlices!]).toEqual([0, 0, 1, 0, 0]);
    expect([0, 12, 24, 36, 48].map((at) => volume.voxels[at])).toEqual([1, 2, 0, 3, 4]);
    expect(volume.grid.spacingMm[2]).toBeCloseTo(2.5, 9);
  });

  it('keeps the planes near the slices though the step is a little uneven', () => {
    const positions = Array.from({ length: 40 }, (_, n) => n * 2.503 + (n % 2 === 0 ? 0.1 : -0.1));
    const stack = stackAt(positions);
    const { grid } = stackToVolume(stack);
    stack.slices.forEach((slice, k) => {
      expect(distance(indexToLps(grid, [0, 0, k]), slice.positionLps)).toBeLessThan(0.15);
    });
  });

  it('falls back on the smallest step where most gaps are multiples of it', () => {
    const volume = stackToVolume(stackAt([0, 4, 6, 10, 14]));
    expect([...volume.inventedSlices!]).toEqual([0, 1, 0, 0, 1, 0, 1, 0]);
  });

  it('follows slices that drift in their plane', () => {
    const stack = stackAt([0, 2, 4]);
    const sheared = {
      ...stack,
      slices: stack.slices.map((slice, n) => ({
        ...slice,
        positionLps: add(slice.positionLps, scale(stack.iAxisLps, n * 0.7)),
      })),
    };
    const { grid } = stackToVolume(sheared);
    sheared.slices.forEach((slice, k) => {
      expect(distance(indexToLps(grid, [0, 0, k]), slice.positionLps)).toBeLessThan(1e-9);
    });
  });

  it('refuses a slice shifted sideways by more than the others, instead of moving it in silence', () => {
    const stack = stackAt([0, 2, 4, 6, 8]);
    const shifted = (byMm: number) => ({
      ...stack,
      slices: stack.slices.map((slice, n) =>
        n === 2 ? { ...slice, positionLps: add(slice.positionLps, scale(stack.jAxisLps, byMm)) } : slice,
      ),
    });
    expect(() => stackToVolume(shifted(10))).toThrow(/unevenly/);
    expect(stackToVolume(shifted(0.2)).grid.size[2]).toBe(5);
  });

  it('takes the thickness as the step of a single slice', () => {
    const { grid } = stackToVolume(stackAt([3]));
    expect(grid.size[2]).toBe(1);
    expect(grid.spacingMm[2]).toBeCloseTo(2, 9);
  });

  it.each([
    ['two slices at one position', [0, 2, 2, 4], /same position/],
    ['no regular spacing', [0, 1, 2.5, 4.2, 4.9, 9.3], /unevenly/],
    ['a slice so far away that the grid would be nearly all invented', [0, 2, 4, 10_000], /unevenly/],
    ['no slices', [], /without slices/],
  ])('refuses %s', (_, positions, message) => {
    expect(() => stackToVolume(stackAt(positions))).toThrow(
      expect.objectContaining({ code: 'bad-geometry' }),
    );
    expect(() => stackToVolume(stackAt(positions))).toThrow(message);
  });
});

describe('volumeToStack', () => {
  const grid: Grid = {
    size: [4, 3, 5],
    spacingMm: [0.5, 0.8, 2],
    originLps: [1, 2, 3],
    axesLps: obliqueAxes(),
  };

  it('gives the stack back that a volume came from, gap and all', () => {
    const stack = stackAt([0, 2.5, 7.5, 10]);
    const back = volumeToStack(stackToVolume(stack), 2);
    expect(back.slices.map((slice) => [...slice.pixels])).toEqual(
      stack.slices.map((slice) => [...slice.pixels]),
    );
    back.slices.forEach((slice, n) => {
      expect(distance(slice.positionLps, stack.slices[n]!.positionLps)).toBeLessThan(1e-9);
    });
  });

  it.each([0, 1, 2] as const)('keeps every voxel in its place along axis %i', (axis) => {
    const volume = noiseVolume(grid);
    const stack = volumeToStack(volume, axis);
    const positions = slicePositionsMm(stack);
    expect(positions.every((p, n) => n === 0 || p > positions[n - 1]!)).toBe(true);
    expect(stack.sliceThicknessMm).toBe(grid.spacingMm[axis]);
    // The first slice's pixel (column 2, row 1) found again in the volume by its position.
    for (const slice of stack.slices) {
      const lps = add(
        slice.positionLps,
        add(scale(stack.iAxisLps, 2 * stack.spacingMm[0]), scale(stack.jAxisLps, stack.spacingMm[1])),
      );
      const matches: number[] = [];
      for (let k = 0; k < 5; k++) {
        for (let j = 0; j < 3; j++) {
          for (let i = 0; i < 4; i++) {
            if (distance(indexToLps(grid, [i, j, k]), lps) < 1e-6)
              matches.push(volume.voxels[i + 4 * (j + 3 * k)]!);
          }
        }
      }
      expect(matches).toEqual([slice.pixels[stack.columns + 2]]);
    }
  });

  it('orders slices along the normal where the axis runs against it', () => {
    const [i, j, k] = obliqueAxes();
    const volume = noiseVolume({ ...grid, axesLps: [i, j, scale(k, -1)] });
    const stack = volumeToStack(volume, 2);
    expect(dot(stackNormal(stack), k)).toBeCloseTo(1, 9);
    expect([...stack.slices[0]!.pixels]).toEqual([...volume.voxels.slice(48)]);
  });

  it('refuses skewed slices', () => {
    const skewed: Grid = {
      ...grid,
      axesLps: [
        [1, 0, 0],
        [Math.SQRT1_2, Math.SQRT1_2, 0],
        [0, 0, 1],
      ],
    };
    expect(() => volumeToStack(noiseVolume(skewed), 2)).toThrow(/right angles/);
  });
});

describe('chooseSliceAxis', () => {
  const grid = (spacingMm: Vec3, axesLps: Grid['axesLps']): Grid => ({
    size: [2, 2, 2],
    spacingMm,
    originLps: [0, 0, 0],
    axesLps,
  });
  // i runs front to back, j head to foot, k left to right: a sagittal acquisition.
  const sagittal: Grid['axesLps'] = [
    [0, 1, 0],
    [0, 0, -1],
    [1, 0, 0],
  ];

  it('is normal to the largest spacing', () => {
    expect(chooseSliceAxis(grid([1, 1, 3], sagittal))).toBe(2);
    expect(chooseSliceAxis(grid([1, 1.2, 1], sagittal))).toBe(1);
  });
  it('is nearest to inferior–superior where spacings are equal, noise in them set aside', () => {
    expect(chooseSliceAxis(grid([1, 1, 1], sagittal))).toBe(1);
    expect(chooseSliceAxis(grid([1, 1, 1.0000001], sagittal))).toBe(1);
  });
  it('takes two equal spacings for the square pixels of a slice, coarser than its thickness or not', () => {
    expect(chooseSliceAxis(grid([0.5, 1, 1], sagittal))).toBe(0);
    expect(chooseSliceAxis(grid([1, 0.9, 1.000001], sagittal))).toBe(1);
    expect(chooseSliceAxis(grid([4, 155 / 38, 1], sagittal))).toBe(2);
    expect(chooseSliceAxis(grid([2, 2.1, 1], sagittal))).toBe(1);
    expect(chooseSliceAxis(grid([2, 2, 3], sagittal))).toBe(2);
  });
  it('is the axis of a single slice, however thin that is', () => {
    expect(chooseSliceAxis({ ...grid([2, 2, 1], sagittal), size: [9, 9, 1] })).toBe(2);
  });
  it('obeys a plane that is asked for', () => {
    expect(
      (['sagittal', 'coronal', 'axial'] as const).map((plane) =>
        chooseSliceAxis(grid([1, 1, 3], sagittal), plane),
      ),
    ).toEqual([2, 0, 1]);
  });
});
