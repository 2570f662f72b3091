/**
 * Run by the test and the benchmark of memory in a process of its own: the real peak of some training steps,
 * beyond what the process held before them, and what was foretold. Arguments: a network's name in `NETWORKS`,
 * then `none` or `blocks`. Prints JSON.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { initialValues, STEP_LOSS } from '../../../src/core/graph/index.ts';
import { createRandom } from '../../../src/core/random.ts';
import { trainingMb } from '../../../src/main/runtime/memory.ts';
import { initialState } from '../../../src/main/training/state.ts';
import { StepSession } from '../../../src/main/training/stepSession.ts';
import { NETWORKS } from './stepNetworks.ts';

const STEPS = 6;

const [name = '', policy = 'none'] = process.argv.slice(2);
const { step, data } = NETWORKS[name]!(policy === 'blocks' ? 'blocks' : 'none');
// What the process holds anyway, the engine among it, is there before the count begins.
const { step: small, data: smallData } = NETWORKS.warmUp!('none');
const first = await StepSession.open(
  small,
  smallData,
  initialState(small.state, initialValues(small.parameters, 1)),
  0,
);
await first.run(1e-3);
await first.release();
const start = initialState(step.state, initialValues(step.parameters, 1));
const random = createRandom(1);
for (const { data: values } of data.values())
  for (let n = 0; n < values.length; n++) values[n] = random.uniform();

globalThis.gc?.();
writeFileSync('/proc/self/clear_refs', '5'); // Begins the peak anew.
const before = residentMb('VmRSS');
const session = await StepSession.open(step, data, start, 0);
const losses: number[] = [];
const begun = performance.now();
for (let n = 0; n < STEPS; n++) losses.push((await session.run(1e-4)).get(STEP_LOSS)!);
const ms = (performance.now() - begun) / STEPS;
console.log(
  JSON.stringify({
    peakMb: residentMb('VmHWM') - before,
    foretoldMb: trainingMb(step),
    ms,
    losses,
    memory: step.memory,
  }),
);
process.exit(0);

function residentMb(field: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024;
}
