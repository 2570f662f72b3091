import { describe, expect, it } from 'vitest';
import { volumeToStack } from '../../../src/core/volume/convert.ts';
import { cropToMultiple } from '../../../src/core/volume/crop.ts';
import { degradeSliceBySlice, degradeVolume } from '../../../src/core/volume/degrade.ts';
import type { Grid } from '../../../src/core/volume/grid.ts';
import { degradeStack } from '../../../src/core/volume/kspace.ts';
import { norm, subtract } from '../../../src/core/volume/vec.ts';
import { noiseVolume, obliqueAxes, stackAt } from './volumes.ts';

const grid: Grid = {
  size: [9, 12, 10],
  spacingMm: [0.5, 0.8, 2],
  originLps: [1, 2, 3],
  axesLps: obliqueAxes(),
};

describe('degradeVolume', () => {
  it.each([
    0, 1, 2,
  ] as const)('does to slices normal to axis %i what degrading the stack does, in place', (axis) => {
    const volume = noiseVolume(grid);
    const low = degradeVolume(volume, axis, 2);
    const expected = degradeStack(volumeToStack(volume, axis), 2);
    const found = volumeToStack(low, axis);
    expect([found.columns, found.rows]).toEqual([expected.columns, expected.rows]);
    found.spacingMm.forEach((mm, n) => {
      expect(mm).toBeCloseTo(expected.spacingMm[n]!, 12);
    });
    expect(found.slices.map((slice) => slice.pixels)).toEqual(expected.slices.map((slice) => slice.pixels));
    found.slices.forEach(({ positionLps }, n) => {
      expect(norm(subtract(positionLps, expected.slices[n]!.positionLps))).toBeLessThan(1e-9);
    });
    expect(low.grid.originLps).toEqual(grid.originLps);
    expect(low.grid.size[axis]).toBe(grid.size[axis]);
  });

  it('goes slice by slice where a caller wants to watch', () => {
    const volume = noiseVolume(grid);
    const steps = degradeSliceBySlice(volume, 2, 2);
    const seen: number[] = [];
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) seen.push(step.value);
    expect(seen).toEqual(Array.from({ length: grid.size[2] }, (_, n) => n));
    expect(step.value).toEqual(degradeVolume(volume, 2, 2));
  });
});

describe('cropToMultiple', () => {
  it('cuts rows and columns at their high end', () => {
    const stack = stackAt([0, 2], 10, 7);
    const pixels = Float32Array.from({ length: 70 }, (_, at) => at);
    const cropped = cropToMultiple({ ...stack, slices: [{ ...stack.slices[0]!, pixels }] }, 4);
    expect([cropped.columns, cropped.rows]).toEqual([8, 4]);
    expect([0, 7, 8, 31].map((at) => cropped.slices[0]!.pixels[at])).toEqual([0, 7, 10, 37]);
    expect(cropped.slices[0]!.positionLps).toEqual(stack.slices[0]!.positionLps);
    expect(cropped.spacingMm).toEqual(stack.spacingMm);
  });
  it('refuses slices that would vanish', () => {
    expect(() => cropToMultiple(stackAt([0], 10, 7), 8)).toThrow(
      expect.objectContaining({ code: 'bad-geometry' }),
    );
  });
});
