import { createInterface } from 'node:readline';
import { STEP_LOSS } from '../../../src/core/graph/index.ts';
import { peakBytes } from '../peakMemory.ts';
import type { StepsDone } from '../torch.ts';
import { LEARNING_RATE, openWay, type ProblemName, type Way } from './problems.ts';

/** Makes training steps as its parent asks (see `StepProcess`): stepsProcess.ts NETWORK WAY. */

const before = peakBytes();
const runner = await openWay(process.argv[2] as ProblemName, process.argv[3] as Way);
for await (const line of createInterface({ input: process.stdin })) {
  let loss = Number.NaN;
  for (let n = 0; n < Number(line); n++) loss = (await runner.run(LEARNING_RATE)).get(STEP_LOSS) ?? loss;
  console.log(JSON.stringify({ loss, grown: peakBytes() - before } satisfies StepsDone));
}
await runner.release();
