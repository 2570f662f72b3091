import { fileURLToPath } from 'node:url';
import { type BenchResult, measureRatesInTurns } from '../measure.ts';
import { StepProcess } from '../torch.ts';
import { PROBLEMS, type ProblemName, WAYS, type Way } from './problems.ts';

/** Steps in one turn, and turns. */
const STEPS = 3;
const TURNS = 7;
/** How far the losses may be apart after all steps: all ways start from the same weights and see the same data. */
const LOSS_TOLERANCE = 1e-3;

/**
 * What a second core brings to training steps: steps a second and the memory of each way to use two cores,
 * each in a process of its own, in turns.
 */
export async function benchTrainingCores(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const network of Object.keys(PROBLEMS) as ProblemName[])
    results.push(...(await benchNetwork(network)));
  return results;
}

async function benchNetwork(network: ProblemName): Promise<BenchResult[]> {
  const { batch, patch } = PROBLEMS[network];
  const script = fileURLToPath(new URL('./stepsProcess.ts', import.meta.url));
  const ways = (Object.keys(WAYS) as Way[]).map((way) => ({
    name: `${network}, ${batch} × ${patch}×${patch}: ${WAYS[way]}`,
    process: new StepProcess(process.execPath, [script, network, way]),
  }));
  try {
    const measured = ways.map(({ name, process: one }) => ({
      name,
      run: () => one.steps(STEPS),
      release: async () => {},
    }));
    const rates = await measureRatesInTurns(measured as [(typeof measured)[0]], TURNS, STEPS);
    const last = [];
    for (const { name, process: one } of ways) last.push({ name, ...(await one.steps(1)) });
    const [base] = last as [(typeof last)[0]];
    const apart = last.find(({ loss }) => !(Math.abs(loss / base.loss - 1) < LOSS_TOLERANCE));
    if (apart !== undefined) {
      throw new Error(
        `${apart.name} has the loss ${apart.loss}, ${base.name} ${base.loss}: not the same training`,
      );
    }
    const memory = last.map(({ name, grown }) => ({
      name: `${name}: memory`,
      value: grown / 1e6,
      unit: 'MB',
      against: name === base.name ? null : `${base.name}: memory`,
      ratio: name === base.name ? null : grown / base.grown,
      runs: 1,
    }));
    return [...rates, ...memory];
  } finally {
    for (const { process: one } of ways) await one.end();
  }
}
