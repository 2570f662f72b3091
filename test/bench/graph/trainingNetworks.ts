import {
  add,
  Graph,
  initialValues,
  kaimingNormal,
  mseLoss,
  relu,
  type Tensor,
  type TrainingStep,
  trainingStep,
} from '../../../src/core/graph/index.ts';
import type { NamedTensor } from '../../../src/core/graph/safetensors.ts';
import { convLayer } from '../../../src/core/networks/blocks/conv.ts';
import { networkGraph } from '../../../src/core/networks/index.ts';
import { createRandom } from '../../../src/core/random.ts';

/** The networks whose training step is timed; torch_training.py has the same ones. */
export const TRAINING_NETWORKS = {
  plain: '8 convolutions 3×3 × 32 channels, 4 × 64×64',
  srcnn: 'srcnn-guided 9-5-5, 6 × 80×80',
  residual: 'residual CNN, 10 convolutions 3×3 × 48 channels, 4 × 64×64',
} as const;

export type TrainingNetwork = keyof typeof TRAINING_NETWORKS;

export const TRAINING_LEARNING_RATE = 1e-4;

export interface TrainingProblem {
  readonly step: TrainingStep;
  /** Values of the graph's inputs. */
  readonly data: ReadonlyMap<string, NamedTensor>;
  /** Starting values of the parameters, by path. */
  readonly weights: ReadonlyMap<string, Float32Array>;
}

/** The step, with data and weights drawn at random, the same at every call. */
export function trainingProblem(network: TrainingNetwork, blockedChannels?: number): TrainingProblem {
  const { graph, y } = BUILDERS[network]();
  const loss = mseLoss(y, graph.input('truth', y.shape));
  // What the optimiser adds are inputs as well.
  const inputs = graph.inputs.map(({ origin, shape }) => ({ name: nameOf(origin), shape }));
  const step = trainingStep(graph, loss, { name: network, blockedChannels });
  const random = createRandom(3);
  const data = new Map(
    inputs.map(({ name, shape }) => {
      const length = shape.reduce((a, b) => a * b, 1);
      return [name, { shape, data: Float32Array.from({ length }, () => random.uniform()) }] as const;
    }),
  );
  return { step, data, weights: initialValues(graph.parameters, 1) };
}

const BUILDERS: Readonly<Record<TrainingNetwork, () => { graph: Graph; y: Tensor }>> = {
  plain() {
    const graph = new Graph({ training: true });
    let y = graph.input('x', [4, 32, 64, 64]);
    for (let n = 0; n < 8; n++) {
      y = convLayer(graph, `${n}`, y, { channels: 32, kernel: 3 });
      if (n < 7) y = relu(y);
    }
    return { graph, y };
  },
  srcnn() {
    const size = { batch: 6, rows: 80, columns: 80 };
    const options = { kernels: [9, 5, 5] };
    const { graph, enhanced } = networkGraph('srcnn-guided', options, 2, size, { training: true });
    return { graph, y: enhanced };
  },
  residual() {
    const graph = new Graph({ training: true });
    const x = graph.input('x', [4, 1, 64, 64]);
    const wide = (name: string, input: Tensor) => convLayer(graph, name, input, { channels: 48, kernel: 3 });
    let features = wide('head', x);
    for (let n = 0; n < 4; n++) {
      features = add(features, wide(`${n}.1`, relu(wide(`${n}.0`, features))));
    }
    // The last starts small, as the first steps of a deep network would diverge otherwise.
    const shape = [1, 48, 3, 3];
    const correction = convLayer(graph, 'tail', features, {
      channels: 1,
      kernel: 3,
      initializer: kaimingNormal(shape, 0.1),
    });
    return { graph, y: add(x, correction) };
  },
};

function nameOf(origin: Tensor['origin']): string {
  if (origin.kind !== 'input') throw new Error(`A ${origin.kind} has no name`);
  return origin.name;
}
