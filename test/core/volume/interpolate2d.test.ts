import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { mirrored, putSplineWeights, splineCoefficients } from '../../../src/core/volume/bspline.ts';
import { upsampleCubic } from '../../../src/core/volume/interpolate2d.ts';

const splineWeights = (t: number): number[] => {
  const out = new Float64Array(6).fill(9);
  putSplineWeights(out, 1, t);
  expect([out[0], out[5]]).toEqual([9, 9]);
  return [...out.slice(1, 5)];
};

describe('splineCoefficients', () => {
  it.each([2, 3, 5, 29, 31, 64])('are those whose spline goes through %i mirrored samples', (n) => {
    const random = createRandom(n);
    const samples = Float64Array.from({ length: n }, () => random.normal());
    const c = samples.slice();
    splineCoefficients(c, { lines: 1, lineStep: n, length: n, step: 1 });
    for (let i = 0; i < n; i++) {
      const value = (c[mirrored(i - 1, n)]! + 4 * c[i]! + c[mirrored(i + 1, n)]!) / 6;
      expect(value).toBeCloseTo(samples[i]!, 12);
    }
  });
  it('have weights that sum to 1 and meet at the samples', () => {
    for (const t of [0, 0.3, 1]) expect(splineWeights(t).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 14);
    const [left, right] = [splineWeights(0).slice(0, 3), splineWeights(1).slice(1)];
    left.forEach((weight, n) => {
      expect(weight).toBeCloseTo(right[n]!, 14);
    });
  });
  it('mirror indices any number of times', () => {
    expect([-3, -1, 0, 2, 3, 4, 7].map((i) => mirrored(i, 3))).toEqual([1, 1, 0, 2, 1, 0, 1]);
    expect([-2, 0, 5].map((i) => mirrored(i, 1))).toEqual([0, 0, 0]);
  });
});

describe('upsampleCubic', () => {
  it.each([2, 3, 4])('keeps sample i at i·%i', (factor) => {
    const random = createRandom(2);
    const pixels = Float32Array.from({ length: 7 * 5 }, () => random.uniform());
    const out = upsampleCubic(pixels, 7, 5, factor);
    expect(out.length).toBe(35 * factor * factor);
    for (let r = 0; r < 7; r++) {
      for (let c = 0; c < 5; c++) {
        expect(out[r * factor * 5 * factor + c * factor]).toBeCloseTo(pixels[r * 5 + c]!, 6);
      }
    }
  });

  it('follows a smooth image between the samples at i/s', () => {
    const wave = (r: number, c: number) => Math.cos(0.5 * r) + Math.sin(0.4 * c);
    const pixels = Float32Array.from({ length: 20 * 24 }, (_, at) => wave(Math.floor(at / 24), at % 24));
    const out = upsampleCubic(pixels, 20, 24, 4);
    for (let r = 20; r < 60; r++) {
      for (let c = 24; c < 72; c++)
        expect(Math.abs(out[r * 96 + c]! - wave(r / 4, c / 4))).toBeLessThan(2e-3);
    }
  });
});
