import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BenchResult, measureInTurns } from '../measure.ts';
import { SCAN_PROBLEMS, type ScanProblem, scanMeasured } from './selectiveScanProblems.ts';
import { RUNS, yardstick } from './yardstick.ts';

/**
 * The 2-D selective scan of a 120×120 map (14 400 tokens, 192 channels, 16 states, four directions), against
 * the convolution; its gradient against the forward pass of the same; and the memory of both.
 */
export async function benchSelectiveScan(): Promise<BenchResult[]> {
  const forward = await measureInTurns(
    [
      await yardstick(),
      await scanMeasured('recurrence'),
      await scanMeasured('ss2d'),
      await scanMeasured('quadrants'),
    ],
    RUNS,
  );
  const recurrence = await measureInTurns(
    [await scanMeasured('recurrence'), await scanMeasured('recurrenceGradient')],
    RUNS,
  );
  const whole = await measureInTurns([await scanMeasured('ss2d'), await scanMeasured('ss2dTraining')], RUNS);
  return [
    ...forward.slice(1),
    ...recurrence.slice(1),
    ...whole.slice(1),
    ...(await memoryOf('ss2d', 'ss2dTraining')),
  ];
}

/** What a process grows by when it computes each problem, in a process of its own. */
async function memoryOf(...problems: readonly [ScanProblem, ...ScanProblem[]]): Promise<BenchResult[]> {
  const entry = fileURLToPath(new URL('./selectiveScanProcess.ts', import.meta.url));
  const results: BenchResult[] = [];
  for (const problem of problems) {
    const { stdout } = await promisify(execFile)(process.execPath, [entry, problem]);
    const base = results[0];
    const value = Number(stdout) / 1e6;
    results.push({
      name: `${SCAN_PROBLEMS[problem]}: memory`,
      value,
      unit: 'MB',
      against: base === undefined ? null : base.name,
      ratio: base === undefined ? null : value / base.value,
      runs: 1,
    });
  }
  return results;
}
