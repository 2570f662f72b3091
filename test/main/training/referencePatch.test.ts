import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { NO_AUGMENTATION } from '../../../src/main/training/augmentation.ts';
import { blur, varyReference } from '../../../src/main/training/referencePatch.ts';
import { imageOf } from './trainingCases.ts';

const SIDE = 33;
const middle = (SIDE - 1) / 2;

describe('blur', () => {
  it.each([0.5, 1, 2])('is a Gaussian of σ %f pixels along rows and columns alike', (sigma) => {
    const image = imageOf(SIDE, SIDE, (row, column) => (row === middle && column === middle ? 1 : 0));
    blur(image, SIDE, sigma);
    const moment = (of: (row: number, column: number) => number) =>
      image.reduce(
        (sum, value, n) => sum + value * of(Math.floor(n / SIDE) - middle, (n % SIDE) - middle),
        0,
      );
    expect(moment(() => 1)).toBeCloseTo(1, 5);
    expect(moment((row) => row)).toBeCloseTo(0, 6);
    expect(moment((_, column) => column)).toBeCloseTo(0, 6);
    expect(moment((row, column) => row * column)).toBeCloseTo(0, 6);
    // Cut off at about three standard deviations, the variance is up to 3 % less; of half a pixel, sampled, 14 %.
    for (const variance of [moment((row) => row ** 2), moment((_, column) => column ** 2)]) {
      expect(variance / sigma ** 2).toBeGreaterThan(sigma < 1 ? 0.85 : 0.97);
      expect(variance / sigma ** 2).toBeLessThan(sigma < 1 ? 0.87 : 1);
    }
    expect(moment((row, column) => row ** 2 * column ** 2)).toBeCloseTo(moment((row) => row ** 2) ** 2, 4);
    const ratio = image[middle * SIDE + middle + 1]! / image[middle * SIDE + middle]!;
    expect(ratio).toBeCloseTo(Math.exp(-1 / (2 * sigma ** 2)), 5);
  });

  it('changes nothing that is flat, up to the border', () => {
    const image = imageOf(SIDE, SIDE, () => 0.7);
    blur(image, SIDE, 2);
    for (const value of image) expect(value).toBeCloseTo(0.7, 6);
  });
});

describe('varyReference', () => {
  it('changes its own patch only, and nothing of it where nothing is to be varied', () => {
    const values = imageOf(3, 16, (row, column) => 0.1 + row + column / 20);
    const before = values.slice();
    varyReference(values, 16, 4, NO_AUGMENTATION, createRandom(1));
    expect(values).toEqual(before);
    const gain = { ...NO_AUGMENTATION, referenceGain: [3, 3] as [number, number] };
    varyReference(values, 16, 4, gain, createRandom(1));
    values.forEach((value, n) => {
      expect(value / before[n]!).toBeCloseTo(n >= 16 && n < 32 ? 3 : 1, 5);
    });
  });

  it('leaves what was cut away at exactly 0, where all else gets noise', () => {
    const values = imageOf(8, 8, (row) => (row < 4 ? 0 : 0.5));
    const noise = { ...NO_AUGMENTATION, referenceNoise: [0.1, 0.1] as [number, number] };
    varyReference(values, 0, 8, noise, createRandom(1));
    expect([...values.subarray(0, 32)]).toEqual(new Array(32).fill(0));
    expect(values.subarray(32).every((value) => value !== 0.5)).toBe(true);
  });

  it('takes what is below 0 for 0: it has no power', () => {
    const values = Float32Array.of(-1, 0, 0.25, 1);
    const gamma = { ...NO_AUGMENTATION, referenceGamma: [0.5, 0.5] as [number, number] };
    varyReference(values, 0, 2, gamma, createRandom(1));
    expect([...values]).toEqual([0, 0, 0.5, 1]);
  });
});
