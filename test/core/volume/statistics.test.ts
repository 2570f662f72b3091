import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { bootstrapMeanInterval, spreadOf, wilcoxonSignedRank } from '../../../src/core/volume/statistics.ts';

describe('spreadOf', () => {
  it('has the sample standard deviation, and leaves out what is not finite', () => {
    expect(spreadOf([2, 4, 4, 4, 5, 5, 7, 9, Number.POSITIVE_INFINITY, Number.NaN])).toEqual({
      n: 8,
      mean: 5,
      sd: Math.sqrt(32 / 7),
    });
    expect(spreadOf([3])).toEqual({ n: 1, mean: 3, sd: null });
    expect(spreadOf([Number.NaN])).toEqual({ n: 0, mean: null, sd: null });
  });
});

/** Two-sided p by its definition: every assignment of signs to the absolute differences. */
function enumeratedP(differences: readonly number[]): number {
  const sizes = differences.map(Math.abs);
  const rank = (d: number) =>
    sizes.filter((other) => other < d).length + (sizes.filter((other) => other === d).length + 1) / 2;
  const ranks = sizes.map(rank);
  const total = ranks.reduce((a, b) => a + b, 0);
  const smaller = (positive: (at: number) => boolean) => {
    const plus = ranks.reduce((sum, value, at) => sum + (positive(at) ? value : 0), 0);
    return Math.min(plus, total - plus);
  };
  const seen = smaller((at) => differences[at]! > 0);
  let atMost = 0;
  for (let signs = 0; signs < 2 ** ranks.length; signs++) {
    if (smaller((at) => (signs & (1 << at)) !== 0) <= seen) atMost++;
  }
  return atMost / 2 ** ranks.length;
}

describe('wilcoxonSignedRank', () => {
  it('gives the published and scipy’s exact p', () => {
    // Hollander & Wolfe, table 3.1: Hamilton depression scale before and after a tranquilliser.
    const depression = [-0.952, 0.147, -1.022, -0.43, -0.62, -0.59, -0.49, 0.08, -0.01];
    expect(wilcoxonSignedRank(depression)).toEqual({
      n: 9,
      wPlus: 5,
      wMinus: 40,
      p: 0.0390625,
      method: 'exact',
    });
    // Darwin's maize, the example of scipy.stats.wilcoxon.
    const maize = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75];
    const { p, wMinus } = wilcoxonSignedRank(maize);
    expect(wMinus).toBe(24);
    expect(p).toBeCloseTo(0.041259765625, 12);
  });

  it('counts all signs where there are ties, as scipy’s permutation does', () => {
    const tied = [1, 1, -2, 3, 3, 3, -4, 5];
    expect(wilcoxonSignedRank(tied)).toMatchObject({ wMinus: 10, p: 0.3125 });
    const random = createRandom(5);
    for (let trial = 0; trial < 8; trial++) {
      const values = Array.from({ length: 9 }, () => random.integer(9) - 4).filter((d) => d !== 0);
      expect(wilcoxonSignedRank(values).p).toBeCloseTo(Math.min(1, enumeratedP(values)), 12);
    }
  });

  it('approximates beyond 25, with ties, zeros and continuity as scipy does', () => {
    const sines = Array.from({ length: 30 }, (_, at) => Math.sin((at + 1) * 1.7) * 3 + 0.8 + (at + 1) * 0.01);
    const smooth = wilcoxonSignedRank(sines);
    expect(smooth).toMatchObject({ n: 30, wMinus: 121, method: 'normal' });
    expect(smooth.p / 0.02242532259039111).toBeCloseTo(1, 5);
    const steps = Array.from({ length: 40 }, (_, at) => (((at + 1) * 7) % 11) - 3);
    const tied = wilcoxonSignedRank(steps);
    expect(tied).toMatchObject({ n: 36, wMinus: 103 });
    expect(tied.p / 0.0002981925139634512).toBeCloseTo(1, 5);
    const rising = wilcoxonSignedRank(Array.from({ length: 60 }, (_, at) => at * 0.5 + 1));
    expect(rising.p / 1.671328569652654e-11).toBeCloseTo(1, 5);
  });

  it('is symmetrical, and sure of nothing where nothing differs', () => {
    const values = [0.3, -1, 2, 5, 4.5, -0.2];
    expect(wilcoxonSignedRank(values.map((d) => -d)).p).toBe(wilcoxonSignedRank(values).p);
    expect(wilcoxonSignedRank([0, 0, Number.NaN])).toMatchObject({ n: 0, p: 1 });
    expect(wilcoxonSignedRank([1, 2, 3, 4, 5, 6]).p).toBe(2 / 64);
  });
});

describe('bootstrapMeanInterval', () => {
  const random = createRandom(3);
  const values = Array.from({ length: 200 }, () => random.normal(4, 2));

  it('is about two standard errors to either side of the mean', () => {
    const { mean, sd } = spreadOf(values);
    const [low, high] = bootstrapMeanInterval(values, { seed: 1 })!;
    const margin = (1.96 * sd!) / Math.sqrt(200);
    expect(Math.abs(low - (mean! - margin))).toBeLessThan(0.03);
    expect(Math.abs(high - (mean! + margin))).toBeLessThan(0.03);
    const [narrowLow, narrowHigh] = bootstrapMeanInterval(values, { seed: 1, level: 0.5 })!;
    expect((narrowHigh - narrowLow) / (high - low)).toBeCloseTo(0.6745 / 1.96, 1);
  });

  it('follows its seed, and needs two values', () => {
    expect(bootstrapMeanInterval(values, { seed: 7 })).toEqual(bootstrapMeanInterval(values, { seed: 7 }));
    expect(bootstrapMeanInterval(values, { seed: 8 })).not.toEqual(
      bootstrapMeanInterval(values, { seed: 7 }),
    );
    expect(bootstrapMeanInterval([2, Number.NaN], { seed: 1 })).toBeNull();
    expect(bootstrapMeanInterval([2, 2, 2], { seed: 1 })).toEqual([2, 2]);
  });
});
