import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { FftPlan, fftPlan } from '../../../src/core/volume/fft.ts';

/** The definition, in O(n²), for one lane of `[length][lanes]`. */
function slowTransform(re: Float64Array, im: Float64Array, n: number, lanes: number, lane: number) {
  return Array.from({ length: n }, (_, k) => {
    let sumRe = 0;
    let sumIm = 0;
    for (let i = 0; i < n; i++) {
      const angle = (-2 * Math.PI * ((i * k) % n)) / n;
      const [r, m] = [re[i * lanes + lane]!, im[i * lanes + lane]!];
      sumRe += r * Math.cos(angle) - m * Math.sin(angle);
      sumIm += r * Math.sin(angle) + m * Math.cos(angle);
    }
    return [sumRe, sumIm] as const;
  });
}

function noise(size: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: size }, () => random.normal());
}

// Powers, mixed radices, primes on both sides of the largest radix, and everyday MR matrices.
const sizes = [
  ...Array.from({ length: 34 }, (_, n) => n + 1),
  49,
  91,
  109,
  121,
  128,
  169,
  182,
  218,
  240,
  241,
];

describe('fft', () => {
  it.each(sizes)('computes the discrete Fourier transform of length %i on every lane', (n) => {
    const lanes = 3;
    const re = noise(n * lanes, n);
    const im = noise(n * lanes, 1000 + n);
    const expected = [0, 1, 2].map((lane) => slowTransform(re, im, n, lanes, lane));
    const [outRe, outIm] = [re.slice(), im.slice()];
    fftPlan(n).forward(outRe, outIm, lanes);
    let worst = 0;
    expected.forEach((spectrum, lane) => {
      spectrum.forEach(([r, m], k) => {
        worst = Math.max(
          worst,
          Math.abs(outRe[k * lanes + lane]! - r),
          Math.abs(outIm[k * lanes + lane]! - m),
        );
      });
    });
    expect(worst).toBeLessThan(1e-11 * n);
  });

  it.each([1, 2, 12, 15, 109, 218, 1024])('comes back from length %i, n times larger', (n) => {
    const re = noise(n * 2, n);
    const im = noise(n * 2, n + 1);
    const [outRe, outIm] = [re.slice(), im.slice()];
    fftPlan(n).forward(outRe, outIm, 2);
    fftPlan(n).inverse(outRe, outIm, 2);
    const worst = Math.max(
      ...re.map((r, at) => Math.abs(outRe[at]! / n - r)),
      ...im.map((m, at) => Math.abs(outIm[at]! / n - m)),
    );
    expect(worst).toBeLessThan(1e-12);
  });

  it('does not depend on how many lanes run together', () => {
    const one = [noise(60, 1), noise(60, 2)] as const;
    const many = one.map((x) => Float64Array.from({ length: 60 * 5 }, (_, at) => x[Math.floor(at / 5)]!)) as [
      Float64Array,
      Float64Array,
    ];
    fftPlan(60).forward(many[0], many[1], 5);
    fftPlan(60).forward(one[0], one[1], 1);
    for (let k = 0; k < 60; k++) expect(many[0][k * 5 + 4]).toBe(one[0][k]);
  });

  it.each([0, -3, 2.5, Number.NaN])('refuses length %d', (n) => {
    expect(() => new FftPlan(n)).toThrow(RangeError);
  });
});
