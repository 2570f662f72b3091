import { initialValues, trainingStep } from '../../../src/core/graph/index.ts';
import type { NamedTensor } from '../../../src/core/graph/safetensors.ts';
import { networkGraph, paperLoss } from '../../../src/core/networks/index.ts';
import { createRandom } from '../../../src/core/random.ts';
import { blockedChannels } from '../../../src/main/runtime/blockedChannels.ts';
import { initialState } from '../../../src/main/training/state.ts';
import { StepSession } from '../../../src/main/training/stepSession.ts';
import { median } from '../measure.ts';
import { SCALE } from './problem.ts';

const BATCH = 4;
const PATCH = 64;
const RUNS = 3;

/** Seconds of one training step with the loss of the network's paper, on one thread: the median of some, after one. */
export async function secondsOfTrainingStep(network: string): Promise<number> {
  const size = { batch: BATCH, rows: PATCH, columns: PATCH };
  const made = networkGraph(network, {}, SCALE, size, { training: true });
  const { loss } = paperLoss(made);
  const random = createRandom(3);
  const data = new Map<string, NamedTensor>();
  // Before the optimiser adds inputs of its own.
  for (const { origin, shape } of made.graph.inputs) {
    if (origin.kind !== 'input') continue;
    const length = shape.reduce((a, b) => a * b, 1);
    data.set(origin.name, { shape, data: Float32Array.from({ length }, () => random.uniform()) });
  }
  const step = trainingStep(made.graph, loss, { name: network, blockedChannels: await blockedChannels() });
  const session = await StepSession.open(
    step,
    data,
    initialState(step.state, initialValues(step.parameters, 1)),
    0,
  );
  const times: number[] = [];
  for (let n = 0; n <= RUNS; n++) {
    const start = performance.now();
    await session.run(1e-4);
    if (n > 0) times.push((performance.now() - start) / 1000);
  }
  await session.release();
  return median(times);
}
