/**
 * How well two images of one slice tell each other: mutual information over the smaller of the two entropies,
 * from a joint histogram of 16 × 16 bins, less what chance alone gives with so few points (Miller, 1955): unrelated
 * images have about 0 whatever their number, 1 means that one image tells the other. Contrasts may be inverted
 * or not follow each other at all, as CSF and air do in T1 and T2: a correlation ratio, tried first, rises there
 * when the slice is moved.
 */

export const AGREEMENT_BINS = 16;

/** Fewer points than this tell nothing. */
export const LEAST_POINTS = 500;

/** Values that fall into the first and the last bin, and below and above them. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/**
 * The agreement of two lists of values at the same points, 0 to 1; null where there are too few points, or one
 * of the images has no contrast there.
 */
export function mutualAgreement(
  a: readonly number[],
  b: readonly number[],
  rangeA: ValueRange,
  rangeB: ValueRange,
): number | null {
  const count = a.length;
  if (count < LEAST_POINTS) return null;
  const joint = new Float64Array(AGREEMENT_BINS * AGREEMENT_BINS);
  const rows = new Float64Array(AGREEMENT_BINS);
  const columns = new Float64Array(AGREEMENT_BINS);
  for (let n = 0; n < count; n++) {
    const row = binOf(a[n]!, rangeA);
    const column = binOf(b[n]!, rangeB);
    const cell = row * AGREEMENT_BINS + column;
    joint[cell] = joint[cell]! + 1;
    rows[row] = rows[row]! + 1;
    columns[column] = columns[column]! + 1;
  }
  const [entropyA, entropyB] = [entropy(rows, count), entropy(columns, count)];
  const smaller = Math.min(entropyA, entropyB);
  if (!(smaller > 0)) return null;
  const chance = (occupied(joint) - occupied(rows) - occupied(columns) + 1) / (2 * count);
  const shared = entropyA + entropyB - entropy(joint, count) - chance;
  return Math.min(1, Math.max(0, shared / smaller));
}

function binOf(value: number, { low, high }: ValueRange): number {
  const bin = Math.floor(((value - low) / (high - low)) * AGREEMENT_BINS);
  return bin > 0 ? Math.min(bin, AGREEMENT_BINS - 1) : 0;
}

/** Nats. */
function entropy(counts: Float64Array, total: number): number {
  let sum = 0;
  for (const count of counts) if (count > 0) sum += count * Math.log(count);
  return Math.log(total) - sum / total;
}

function occupied(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
}

/** A slice is called out of line where it falls below this share of the median of its neighbours. */
const OUT_OF_LINE = 0.6;
const NEIGHBOURS = 3;

/**
 * The slices (by index) whose agreement falls clearly below that of the slices around them: what motion between
 * slices, or damage to one, looks like. A curve that falls slowly, as towards the crown, has none.
 */
export function outOfLine(curve: readonly (number | null)[]): number[] {
  return curve.flatMap((value, n) => {
    // At the ends tissue runs out: without neighbours on both sides there is nothing to compare with.
    if (value === null || n === 0 || n === curve.length - 1) return [];
    const around = curve
      .slice(Math.max(0, n - NEIGHBOURS), n + NEIGHBOURS + 1)
      .filter((other, at) => other !== null && at !== Math.min(n, NEIGHBOURS)) as number[];
    if (around.length < 2) return [];
    around.sort((a, b) => a - b);
    const median =
      (around[Math.floor((around.length - 1) / 2)]! + around[Math.ceil((around.length - 1) / 2)]!) / 2;
    return value < OUT_OF_LINE * median ? [n] : [];
  });
}
