import {
  ADAMW_DEFAULTS,
  add,
  Graph,
  l1Loss,
  mean,
  mseLoss,
  mul,
  type ShardedStep,
  shardedStep,
  type Tensor,
  type TrainingStep,
  type TrainingStepOptions,
  trainingStep,
} from '../../../src/core/graph/index.ts';
import type { NamedTensor } from '../../../src/core/graph/safetensors.ts';
import { elementCount } from '../../../src/core/graph/shape.ts';
import { networkGraph } from '../../../src/core/networks/index.ts';
import { createRandom } from '../../../src/core/random.ts';
import { blockedChannels } from '../../../src/main/runtime/blockedChannels.ts';

/** The same training step of a batch as one model and in shards. */
export interface Problem {
  readonly whole: TrainingStep;
  sharded(shards: number): ShardedStep;
  readonly data: ReadonlyMap<string, NamedTensor>;
}

interface Built {
  readonly graph: Graph;
  readonly loss: Tensor;
  readonly reports?: Readonly<Record<string, Tensor>>;
}

/** All that an optimiser can have: AdamW, clipping that clips, an average. */
const EVERYTHING: Omit<TrainingStepOptions, 'name'> = {
  adam: ADAMW_DEFAULTS,
  clip: { kind: 'norm', limit: 0.05 },
  average: { decay: 0.9, start: 1 },
};

/** A network on random images. */
export async function networkProblem(
  network: string,
  options: unknown,
  batch: number,
  patch: number,
  settings: Omit<TrainingStepOptions, 'name'> = EVERYTHING,
): Promise<Problem> {
  const channels = await blockedChannels();
  return problem(
    (images) => {
      const size = { batch: images, rows: patch, columns: patch };
      const { graph, enhanced } = networkGraph(network, options, 2, size, { training: true });
      const truth = graph.input('truth', enhanced.shape);
      const terms = { l1: l1Loss(enhanced, truth), mse: mseLoss(enhanced, truth) };
      return { graph, loss: add(terms.l1, terms.mse), reports: terms };
    },
    batch,
    { ...settings, blockedChannels: channels },
  );
}

/** w · x + s, where s goes a tenth of the way to the mean of x at each step; four images of two numbers. */
export function meanProblem(): Problem {
  return problem((images) => {
    const graph = new Graph({ training: true });
    const x = graph.input('x', [images, 2]);
    const w = graph.parameter('w', [2], { kind: 'constant', value: 0.5 });
    const seen = graph.buffer('seen', [], { kind: 'constant', value: 1 });
    const fixed = graph.buffer('fixed', [], { kind: 'constant', value: 0.25 });
    graph.update(seen, add(mul(seen, 0.9), mul(mean(x), 0.1)));
    return {
      graph,
      loss: mseLoss(mul(add(mul(x, w), seen), fixed), graph.input('truth', [images, 2])),
    };
  }, 4);
}

function problem(
  build: (images: number) => Built,
  batch: number,
  options: Omit<TrainingStepOptions, 'name'> = {},
): Problem {
  const { graph, loss, reports = {} } = build(batch);
  const whole = trainingStep(graph, loss, { name: 'step', ...options, reports });
  const random = createRandom(5);
  const data = new Map(
    whole.data.map(({ name, shape }) => {
      const values = Float32Array.from({ length: elementCount(shape) }, () => random.uniform());
      return [name, { shape, data: values }] as const;
    }),
  );
  const sharded = (shards: number) => {
    const part = build(batch / shards);
    return shardedStep(part.graph, part.loss, shards, {
      name: 'step',
      ...options,
      reports: part.reports ?? {},
    });
  };
  return { whole, sharded, data };
}
