/** One line of a benchmark. Ratios are what counts: machines differ, and this one may be busy. */
export interface BenchResult {
  readonly name: string;
  /** Median over the runs. */
  readonly value: number;
  readonly unit: string;
  /** The name of what it is compared with, measured in the same run, alternating with it. */
  readonly against: string | null;
  /** Median over the runs of value / value of `against`; null where it is compared with nothing. */
  readonly ratio: number | null;
  readonly runs: number;
}

export interface Measured {
  readonly name: string;
  readonly run: () => Promise<unknown>;
  /** Frees what it holds. */
  readonly release: () => Promise<void>;
}

/**
 * Times several things in milliseconds, in turns, so that what else the machine does falls on all of them
 * alike. The first is what the others are compared with. One run of each goes before, unmeasured.
 * Afterwards all of them are released.
 */
export async function measureInTurns(
  things: readonly [Measured, ...Measured[]],
  runs: number,
): Promise<BenchResult[]> {
  return compare(things, await timesInTurns(things, runs), 'ms');
}

/** The same in steps a second, where one run makes `steps` of them: more is better, of the ratio as well. */
export async function measureRatesInTurns(
  things: readonly [Measured, ...Measured[]],
  runs: number,
  steps: number,
): Promise<BenchResult[]> {
  const times = await timesInTurns(things, runs);
  const rates = times.map((list) => list.map((time) => (1000 * steps) / time));
  return compare(things, rates, 'steps/s');
}

/** Milliseconds of each run of each thing. */
async function timesInTurns(things: readonly Measured[], runs: number): Promise<number[][]> {
  for (const { run } of things) await run();
  const times = things.map(() => [] as number[]);
  for (let n = 0; n < runs; n++) {
    for (const [index, { run }] of things.entries()) {
      const start = performance.now();
      await run();
      times[index]!.push(performance.now() - start);
    }
  }
  for (const { release } of things) await release();
  return times;
}

/** Medians, and the medians of the ratios to the first, run by run. */
function compare(
  things: readonly [Measured, ...Measured[]],
  values: readonly (readonly number[])[],
  unit: string,
): BenchResult[] {
  const base = values[0]!;
  return things.map(({ name }, index) => ({
    name,
    value: median(values[index]!),
    unit,
    against: index === 0 ? null : things[0].name,
    ratio: index === 0 ? null : median(values[index]!.map((value, n) => value / base[n]!)),
    runs: base.length,
  }));
}

/** What was measured once, as a multiple of something. */
export function shareOf(name: string, value: number, of: number): BenchResult {
  return { name, value: value / of, unit: '×', against: null, ratio: null, runs: 1 };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
