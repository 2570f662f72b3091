import { describe, expect, it } from 'vitest';
import type { Affine } from '../../../src/core/volume/affine.ts';
import { volumeToStack } from '../../../src/core/volume/convert.ts';
import type { Grid } from '../../../src/core/volume/grid.ts';
import {
  fillInventedSlices,
  resampleOntoStack,
  resampleVolume,
  sliceSampler,
} from '../../../src/core/volume/resample.ts';
import { add, type Vec3 } from '../../../src/core/volume/vec.ts';
import { fillVolume, noiseVolume, obliqueAxes } from './volumes.ts';

const grid: Grid = {
  size: [14, 12, 10],
  spacingMm: [1, 1.2, 2],
  originLps: [-5, 4, 9],
  axesLps: obliqueAxes(),
};
const STRAIGHT: Grid['axesLps'] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
const plain = (size: Vec3, spacingMm: Vec3 = [1, 1, 1], originLps: Vec3 = [0, 0, 0]): Grid => ({
  size,
  spacingMm,
  originLps,
  axesLps: STRAIGHT,
});

/** Linear in patient space, so that linear and cubic interpolation are exact away from the edges. */
const ramp = (lps: Vec3): number => 3 + 0.5 * lps[0] - 0.25 * lps[1] + 0.125 * lps[2];
/** 20° about z, then a shift. */
const motion: Affine = [
  [Math.cos(0.35), -Math.sin(0.35), 0, 3],
  [Math.sin(0.35), Math.cos(0.35), 0, -2],
  [0, 0, 1, 1.5],
];

describe('resampleVolume', () => {
  it.each([
    'linear',
    'cubic',
    'nearest',
  ] as const)('gives a volume back on its own grid (%s)', (interpolation) => {
    const volume = noiseVolume(grid);
    const same = resampleVolume(volume, grid, { interpolation });
    const worst = Math.max(...same.voxels.map((value, at) => Math.abs(value - volume.voxels[at]!)));
    expect(worst).toBeLessThan(interpolation === 'cubic' ? 1e-6 : 1e-12);
  });

  it('reproduces a ramp through a transform, in patient space', () => {
    const volume = fillVolume(plain([40, 40, 40], [1, 1, 1], [-20, -20, -20]), (_, lps) => ramp(lps));
    const target: Grid = {
      size: [5, 6, 4],
      spacingMm: [1.3, 0.7, 2.1],
      originLps: [-3, -2, -4],
      axesLps: obliqueAxes(),
    };
    for (const interpolation of ['linear', 'cubic'] as const) {
      const moved = resampleVolume(volume, target, { interpolation, transform: motion });
      const expected = fillVolume(target, (_, p) =>
        ramp([
          motion[0][0] * p[0] + motion[0][1] * p[1] + 3,
          motion[1][0] * p[0] + motion[1][1] * p[1] - 2,
          p[2] + 1.5,
        ]),
      );
      const worst = Math.max(...moved.voxels.map((value, at) => Math.abs(value - expected.voxels[at]!)));
      expect(worst).toBeLessThan(interpolation === 'linear' ? 1e-5 : 1e-3);
    }
  });

  it('interpolates cubically better than linearly, and exactly at the voxels', () => {
    const wave = (x: number): number => Math.sin(x * 0.9);
    const volume = fillVolume(plain([30, 1, 1]), ([i]) => wave(i));
    const target = plain([58, 1, 1], [0.5, 1, 1]);
    const error = (interpolation: 'linear' | 'cubic') =>
      Math.max(
        ...[...resampleVolume(volume, target, { interpolation }).voxels.slice(10, 48)].map((v, n) =>
          Math.abs(v - wave((n + 10) / 2)),
        ),
      );
    expect(error('cubic')).toBeLessThan(error('linear') / 10);
  });

  it('takes labels from the nearest voxel', () => {
    const volume = fillVolume(plain([3, 1, 1]), ([i]) => i + 1);
    const out = resampleVolume(volume, plain([9, 1, 1], [0.25, 1, 1]), { interpolation: 'nearest' });
    expect([...out.voxels]).toEqual([1, 1, 2, 2, 2, 2, 3, 3, 3]);
  });

  it('holds the edge for half a voxel and is `outside` beyond', () => {
    const volume = fillVolume(plain([2, 1, 1]), ([i]) => i + 1);
    const out = resampleVolume(volume, plain([9, 1, 1], [0.5, 1, 1], [-1, 0, 0]), {
      interpolation: 'linear',
      outside: -7,
    });
    expect([...out.voxels]).toEqual([-7, 1, 1, 1.5, 2, 2, -7, -7, -7]);
  });

  it('copes with volumes one or two voxels thick', () => {
    for (const size of [
      [1, 1, 1],
      [2, 2, 2],
      [3, 2, 1],
    ] as Vec3[]) {
      const volume = noiseVolume(plain(size));
      for (const interpolation of ['linear', 'cubic', 'nearest'] as const) {
        const out = resampleVolume(volume, plain(size, [0.9, 0.9, 0.9]), { interpolation });
        expect(out.voxels.every(Number.isFinite)).toBe(true);
      }
    }
  });
});

describe('resampleOntoStack', () => {
  const stack = { ...volumeToStack(noiseVolume(plain([8, 6, 3], [1, 1, 4], [6, 7, 10])), 2) };

  it('puts the volume under the slices, whatever the offset', () => {
    const volume = fillVolume(plain([30, 30, 40]), (_, lps) => ramp(lps));
    const { slices, coverage } = resampleOntoStack(volume, stack, { slabMm: 0 });
    expect(coverage).toBe(1);
    slices.forEach((pixels, n) => {
      const corner = stack.slices[n]!.positionLps;
      expect(pixels[0]).toBeCloseTo(ramp(corner), 4);
      expect(pixels[5 * 8 + 7]).toBeCloseTo(ramp(add(corner, [7, 5, 0])), 4);
    });
  });

  it('averages over the slab, centred on the slice', () => {
    const volume = fillVolume(plain([30, 30, 40]), ([, , k]) => (k === 14 ? 12 : 0));
    const mean = (slabMm: number) =>
      resampleOntoStack(volume, stack, { slabMm }).slices.map((pixels) => pixels[20]!);
    // The slices lie at z = 10, 14, 18.
    expect(mean(0)).toEqual([0, 12, 0]);
    expect(mean(3)).toEqual([0, 4, 0]);
    expect(mean(9).map((v) => Math.round(v * 9) / 9)).toEqual([
      expect.closeTo(12 / 9, 5),
      expect.closeTo(12 / 9, 5),
      expect.closeTo(12 / 9, 5),
    ]);
  });

  it('averages over the pixel where the volume is finer', () => {
    const fine = fillVolume(plain([64, 64, 40], [0.5, 0.5, 1], [-0.25, -0.25, 0]), ([i]) =>
      i % 2 === 0 ? 0 : 2,
    );
    const { slices } = resampleOntoStack(fine, stack, { slabMm: 0 });
    expect(slices[0]!.every((value) => Math.abs(value - 1) < 1e-6)).toBe(true);
  });

  it('says how much of the slices the volume covers, and dims nothing at its edge', () => {
    const half = fillVolume(plain([10, 30, 40]), () => 5);
    const { slices, coverage } = resampleOntoStack(half, stack, { slabMm: 2 });
    // Columns lie at x = 6 … 13; those to x = 9 (and half a voxel more) are covered.
    expect(coverage).toBeCloseTo(0.5, 12);
    expect([...slices[0]!.slice(0, 8)]).toEqual([5, 5, 5, 5, 0, 0, 0, 0]);
    const thin = fillVolume(plain([30, 30, 15]), () => 5);
    expect(resampleOntoStack(thin, stack, { slabMm: 4 }).slices[1]![0]).toBe(5);
  });

  it('goes through the transform from stack to volume', () => {
    const volume = fillVolume(plain([60, 60, 60], [1, 1, 1], [-30, -30, -20]), (_, lps) => ramp(lps));
    const { slices } = resampleOntoStack(volume, stack, { slabMm: 0, transform: motion });
    const [x, y, z] = stack.slices[2]!.positionLps;
    const moved: Vec3 = [
      motion[0][0] * x + motion[0][1] * y + 3,
      motion[1][0] * x + motion[1][1] * y - 2,
      z + 1.5,
    ];
    expect(slices[2]![0]).toBeCloseTo(ramp(moved), 4);
  });

  it('gives the same slices one by one', () => {
    const volume = noiseVolume(plain([30, 30, 40]));
    const all = resampleOntoStack(volume, stack, { slabMm: 3 });
    const sample = sliceSampler(volume, stack, { slabMm: 3 });
    expect(sample(2).pixels).toEqual(all.slices[2]);
    expect(sample(0).pixels).toEqual(all.slices[0]);
    expect(() => sample(3)).toThrow(RangeError);
  });
});

describe('fillInventedSlices', () => {
  const values = (invented: number[]) => {
    const volume = fillVolume(plain([1, 1, invented.length]), ([, , k]) => (invented[k] === 1 ? 0 : k));
    return [...fillInventedSlices({ ...volume, inventedSlices: Uint8Array.from(invented) }).voxels];
  };

  it('bridges short gaps between acquired slices', () => {
    expect(values([0, 1, 0, 1, 1, 0]).map((v) => Math.round(v * 1e6) / 1e6)).toEqual([0, 1, 2, 3, 4, 5]);
  });
  it('leaves long gaps and open ends', () => {
    expect(values([1, 0, 1, 1, 1, 0, 1])).toEqual([0, 1, 0, 0, 0, 5, 0]);
  });
  it('is used by resampling, so that a gap does not darken its neighbours', () => {
    const volume = {
      ...fillVolume(plain([1, 1, 3]), ([, , k]) => (k === 1 ? 0 : 8)),
      inventedSlices: Uint8Array.of(0, 1, 0),
    };
    const out = resampleVolume(volume, plain([1, 1, 5], [1, 1, 0.5]), { interpolation: 'linear' });
    expect([...out.voxels]).toEqual([8, 8, 8, 8, 8]);
  });
});
