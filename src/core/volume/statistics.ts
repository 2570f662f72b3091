import { createRandom } from '../random.ts';

/** Statistics of repeated and paired measurements. */

/** A number measured several times. */
export interface Spread {
  /** Finite values; others were left out. */
  readonly n: number;
  /** Null where there is no value. */
  readonly mean: number | null;
  /** Sample standard deviation (n − 1); null for fewer than two values. */
  readonly sd: number | null;
}

/** Mean and sample standard deviation (n − 1) of the finite values. */
export function spreadOf(values: readonly number[]): Spread {
  const finite = values.filter(Number.isFinite);
  const n = finite.length;
  if (n === 0) return { n, mean: null, sd: null };
  const mean = meanOf(finite);
  if (n === 1) return { n, mean, sd: null };
  const squares = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, sd: Math.sqrt(squares / (n - 1)) };
}

export interface WilcoxonResult {
  /** Differences other than 0: those that count (Wilcoxon's own treatment of zeros). */
  readonly n: number;
  /** Sums of the ranks of positive and of negative differences; ties share their mean rank. */
  readonly wPlus: number;
  readonly wMinus: number;
  /** Two-sided. */
  readonly p: number;
  readonly method: 'exact' | 'normal';
}

/** Up to so many differences every assignment of signs is counted. */
const MOST_EXACT = 25;

/**
 * Wilcoxon's signed-rank test of paired differences against a median of 0, two-sided (Wilcoxon 1945). Up to
 * 25 differences the null distribution is exact, with ties too: all 2ⁿ signs over the ranks as they are.
 * Beyond, the normal approximation with the correction for ties and for continuity (Hollander, Wolfe &
 * Chicken, Nonparametric Statistical Methods, 3rd ed., § 3.1).
 */
export function wilcoxonSignedRank(differences: readonly number[]): WilcoxonResult {
  const counted = differences.filter((d) => d !== 0 && Number.isFinite(d));
  const n = counted.length;
  const { ranks, tieTerm } = midRanks(counted.map(Math.abs));
  let wPlus = 0;
  let wMinus = 0;
  for (const [at, rank] of ranks.entries()) {
    if (counted[at]! > 0) wPlus += rank;
    else wMinus += rank;
  }
  if (n <= MOST_EXACT) {
    return { n, wPlus, wMinus, p: exactP(ranks, Math.min(wPlus, wMinus)), method: 'exact' };
  }
  const middle = (n * (n + 1)) / 4;
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - tieTerm / 48;
  const distance = Math.max(0, Math.abs(wPlus - middle) - 0.5);
  const p = Math.min(1, erfc(distance / Math.sqrt(2 * variance)));
  return { n, wPlus, wMinus, p, method: 'normal' };
}

/**
 * Percentile bootstrap interval of a mean (Efron & Tibshirani, An Introduction to the Bootstrap, 1993): the
 * same values and seed give the same interval. Null for fewer than two finite values.
 */
export function bootstrapMeanInterval(
  values: readonly number[],
  options: {
    readonly seed: number;
    readonly resamples?: number | undefined;
    readonly level?: number | undefined;
  },
): [number, number] | null {
  const { seed, resamples = 5000, level = 0.95 } = options;
  const finite = Float64Array.from(values.filter(Number.isFinite));
  const n = finite.length;
  if (n < 2) return null;
  const random = createRandom(seed);
  const means = new Float64Array(resamples);
  for (let at = 0; at < resamples; at++) {
    let sum = 0;
    for (let draw = 0; draw < n; draw++) sum += finite[random.integer(n)]!;
    means[at] = sum / n;
  }
  means.sort();
  const quantile = (q: number): number => {
    const rank = q * (resamples - 1);
    const low = Math.floor(rank);
    const high = Math.min(resamples - 1, low + 1);
    return means[low]! + (rank - low) * (means[high]! - means[low]!);
  };
  return [quantile((1 - level) / 2), quantile((1 + level) / 2)];
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Ranks from 1, equal values sharing their mean rank, and Σ(t³ − t) over the groups of t equal values. */
function midRanks(values: readonly number[]): { ranks: number[]; tieTerm: number } {
  const order = values.map((_, at) => at).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length).fill(0);
  let tieTerm = 0;
  for (let first = 0; first < order.length; ) {
    let end = first + 1;
    while (end < order.length && values[order[end]!] === values[order[first]!]) end++;
    const ties = end - first;
    for (let at = first; at < end; at++) ranks[order[at]!] = (first + 1 + end) / 2;
    tieTerm += ties ** 3 - ties;
    first = end;
  }
  return { ranks, tieTerm };
}

/** P(smaller rank sum ≤ `least`) · 2 over all assignments of signs to the ranks, which are multiples of ½. */
function exactP(ranks: readonly number[], least: number): number {
  const total = ranks.reduce((sum, rank) => sum + 2 * rank, 0);
  const ways = new Float64Array(total + 1);
  ways[0] = 1;
  for (const rank of ranks) {
    for (let sum = total; sum >= 2 * rank; sum--) ways[sum]! += ways[sum - 2 * rank]!;
  }
  let atMost = 0;
  for (let sum = 0; sum <= 2 * least; sum++) atMost += ways[sum]!;
  return Math.min(1, (2 * atMost) / 2 ** ranks.length);
}

/**
 * Complementary error function for x ≥ 0, relative error below 1.2e-7 (Press et al., Numerical Recipes in C,
 * 2nd ed., § 6.2, `erfcc`).
 */
function erfc(x: number): number {
  const t = 1 / (1 + 0.5 * x);
  const coefficients = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
    -0.82215223, 0.17087277,
  ];
  const polynomial = coefficients.reduceRight((sum, c) => sum * t + c, 0);
  return t * Math.exp(-x * x + polynomial);
}
