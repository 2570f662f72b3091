import { createInterface } from 'node:readline';
import { blockedChannels } from '../../../src/main/runtime/blockedChannels.ts';
import { initialState } from '../../../src/main/training/state.ts';
import { StepSession } from '../../../src/main/training/stepSession.ts';
import { peakBytes } from '../peakMemory.ts';
import type { StepsDone } from '../torch.ts';
import { TRAINING_LEARNING_RATE, type TrainingNetwork, trainingProblem } from './trainingNetworks.ts';

/** Makes training steps as its parent asks (see `StepProcess`): trainingProcess.ts NETWORK. */

const before = peakBytes();
const { step, data, weights } = trainingProblem(process.argv[2] as TrainingNetwork, await blockedChannels());
const session = await StepSession.open(step, data, initialState(step.state, weights), 0);
for await (const line of createInterface({ input: process.stdin })) {
  let loss = Number.NaN;
  for (let n = 0; n < Number(line); n++)
    loss = (await session.run(TRAINING_LEARNING_RATE)).get('loss') ?? loss;
  console.log(JSON.stringify({ loss, grown: peakBytes() - before } satisfies StepsDone));
}
await session.release();
