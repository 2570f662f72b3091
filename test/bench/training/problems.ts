import {
  type Graph,
  initialValues,
  l1Loss,
  shardedStep,
  type Tensor,
  trainingStep,
} from '../../../src/core/graph/index.ts';
import type { NamedTensor } from '../../../src/core/graph/safetensors.ts';
import { elementCount } from '../../../src/core/graph/shape.ts';
import { networkGraph } from '../../../src/core/networks/index.ts';
import { createRandom } from '../../../src/core/random.ts';
import { blockedChannels } from '../../../src/main/runtime/blockedChannels.ts';
import { openSession, sessionOptions } from '../../../src/main/runtime/session.ts';
import { ParallelStepSession } from '../../../src/main/training/parallelStepSession.ts';
import { initialState } from '../../../src/main/training/state.ts';
import type { StepRunner } from '../../../src/main/training/stepRunner.ts';
import { StepSession } from '../../../src/main/training/stepSession.ts';
import { MultiThreadedSteps } from './multiThreadedSteps.ts';

export const LEARNING_RATE = 1e-4;
const SCALE = 2;
const CORES = 2;

/** The networks whose steps are timed, at the sizes at which two cores train them. */
export const PROBLEMS = {
  'edsr-guided': { options: {}, batch: 8, patch: 64 },
  glmamba: { options: { channels: 32, N: 8 }, batch: 4, patch: 48 },
  'srcnn-guided': { options: {}, batch: 8, patch: 64 },
} as const;

export type ProblemName = keyof typeof PROBLEMS;

/** How a step may use two cores; the first is what the others are compared with. */
export const WAYS = {
  one: 'one session, 1 thread',
  'intra-op': 'one session, 2 threads in each operator',
  threads: '2 shards in 2 threads, the caller waits',
  caller: '2 shards, the caller computes one',
} as const;

export type Way = keyof typeof WAYS;

/** The L1 training step of a problem, from the same weights and on the same data whichever way it is run. */
export async function openWay(network: ProblemName, way: Way): Promise<StepRunner> {
  const { batch } = PROBLEMS[network];
  const blocked = { name: network, blockedChannels: await blockedChannels() };
  if (way === 'one' || way === 'intra-op') {
    const { graph, loss } = lossGraph(network, batch);
    const step = trainingStep(graph, loss, blocked);
    const start = initialState(step.state, initialValues(step.parameters, 1));
    if (way === 'one') return StepSession.open(step, dataOf(step), start, 0);
    const settings = { ...sessionOptions('cpu'), intraOpNumThreads: CORES };
    return new MultiThreadedSteps(await openSession(step.onnx, settings), step, dataOf(step), start);
  }
  const { graph, loss } = lossGraph(network, batch / CORES);
  const step = shardedStep(graph, loss, CORES, blocked);
  const start = initialState(step.state, initialValues(step.parameters, 1));
  const options = { workers: CORES, callerComputes: way === 'caller' };
  return ParallelStepSession.open(step, dataOf(step), start, 0, options);
}

function lossGraph(network: ProblemName, images: number): { graph: Graph; loss: Tensor } {
  const { options, patch } = PROBLEMS[network];
  const size = { batch: images, rows: patch, columns: patch };
  const { graph, enhanced } = networkGraph(network, options, SCALE, size, { training: true });
  return { graph, loss: l1Loss(enhanced, graph.input('truth', enhanced.shape)) };
}

function dataOf(step: { readonly data: readonly { name: string; shape: readonly number[] }[] }) {
  const random = createRandom(3);
  return new Map<string, NamedTensor>(
    step.data.map(({ name, shape }) => {
      const data = Float32Array.from({ length: elementCount(shape) }, () => random.uniform());
      return [name, { shape, data }] as const;
    }),
  );
}
