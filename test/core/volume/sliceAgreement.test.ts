import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { LEAST_POINTS, mutualAgreement, outOfLine } from '../../../src/core/volume/sliceAgreement.ts';

const RANGE = { low: 0, high: 1 };
const random = createRandom(5);
const uniform = (count: number) => Array.from({ length: count }, () => random.uniform());

describe('the agreement of two images', () => {
  const guide = uniform(4000);

  it('is 1 where one image tells the other, by whatever function', () => {
    const folded = guide.map((value) => (Math.floor(value * 16) % 4) + 0.5);
    expect(mutualAgreement(folded, guide, { low: 0, high: 4 }, RANGE)).toBeGreaterThan(0.98);
    const inverted = guide.map((value) => 100 - 40 * value);
    expect(mutualAgreement(inverted, guide, { low: 60, high: 100 }, RANGE)).toBeGreaterThan(0.95);
    expect(mutualAgreement(guide, folded, RANGE, { low: 0, high: 4 })).toBe(
      mutualAgreement(folded, guide, { low: 0, high: 4 }, RANGE),
    );
  });

  it('is about 0 where they are unrelated, however few the points', () => {
    for (const count of [LEAST_POINTS, 4000]) {
      const values = Array.from(
        { length: 30 },
        () => mutualAgreement(uniform(count), guide.slice(0, count), RANGE, RANGE)!,
      );
      // Uncorrected, 500 points in 16 × 16 bins would have 0.09 on average.
      expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeLessThan(0.06);
    }
  });

  it('falls with the noise between them', () => {
    const noisy = (share: number) => guide.map((value) => (1 - share) * value + share * random.uniform());
    const found = [0, 0.1, 0.3, 0.6, 1].map((share) => mutualAgreement(noisy(share), guide, RANGE, RANGE)!);
    expect(found).toEqual([...found].sort((a, b) => b - a));
    expect(found[1]! - found[2]!).toBeGreaterThan(0.15);
  });

  it('counts what lies beyond the ranges to their ends', () => {
    const wide = guide.map((value) => (value < 0.5 ? -1e6 : 1e6));
    expect(mutualAgreement(wide, guide, RANGE, RANGE)).toBeGreaterThan(0.98);
  });

  it('has no answer for too few points, or where an image is blank', () => {
    const few = guide.slice(0, LEAST_POINTS - 1);
    expect(mutualAgreement(few, few, RANGE, RANGE)).toBeNull();
    expect(
      mutualAgreement(
        guide.map(() => 0.3),
        guide,
        RANGE,
        RANGE,
      ),
    ).toBeNull();
    expect(
      mutualAgreement(
        guide,
        guide.map(() => 0.3),
        RANGE,
        RANGE,
      ),
    ).toBeNull();
    expect(mutualAgreement(guide, guide, { low: 3, high: 3 }, RANGE)).toBeNull();
  });
});

describe('slices out of line', () => {
  it('are those clearly below their neighbours', () => {
    expect(outOfLine([0.5, 0.52, 0.5, 0.2, 0.51, 0.5, 0.49])).toEqual([3]);
    expect(outOfLine([0.5, 0.1, 0.5, 0.5])).toEqual([1]);
  });
  it('are not those of a curve that falls slowly, nor those without a value', () => {
    expect(outOfLine([0.6, 0.58, 0.55, 0.5, 0.45, 0.4, 0.34, 0.28])).toEqual([]);
    expect(outOfLine([null, 0.5, null, 0.5, 0.5, null])).toEqual([]);
    expect(outOfLine([0.5, 0.1])).toEqual([]);
    expect(outOfLine([0.1, 0.5, 0.5, 0.5, 0.1])).toEqual([]);
    expect(outOfLine([])).toEqual([]);
  });
});
