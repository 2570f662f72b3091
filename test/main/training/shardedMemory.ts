/**
 * Run by the test of memory in a process of its own: the real peak of some sharded steps, beyond what the
 * process held before them, and what was foretold. Arguments: a network, its options as JSON, the images of a
 * batch, the side of a patch, shards, workers. Prints JSON.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { initialValues } from '../../../src/core/graph/index.ts';
import { shardedTrainingMb } from '../../../src/main/runtime/memory.ts';
import { ParallelStepSession } from '../../../src/main/training/parallelStepSession.ts';
import { initialState } from '../../../src/main/training/state.ts';
import { meanProblem, networkProblem, type Problem } from './shardedProblems.ts';

const STEPS = 6;

const [network = '', options = '{}', batch, patch, shards, workers] = process.argv.slice(2);
// What the process holds anyway, the engine among it, is there before the count begins.
await run(meanProblem(), 2, 1);
const problem = await networkProblem(network, JSON.parse(options), Number(batch), Number(patch));
globalThis.gc?.();
writeFileSync('/proc/self/clear_refs', '5'); // Begins the peak anew.
const before = residentMb('VmRSS');
const step = await run(problem, Number(shards), Number(workers));
console.log(
  JSON.stringify({
    peakMb: residentMb('VmHWM') - before,
    foretoldMb: shardedTrainingMb(step, Number(workers)),
    memory: step.memory,
  }),
);

async function run({ sharded, data }: Problem, parts: number, threads: number) {
  const model = sharded(parts);
  const start = initialState(model.state, initialValues(model.parameters, 1));
  const session = await ParallelStepSession.open(model, data, start, 0, { workers: threads });
  for (let n = 0; n < STEPS; n++) await session.run(1e-4);
  await session.release();
  return model;
}

function residentMb(field: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024;
}
