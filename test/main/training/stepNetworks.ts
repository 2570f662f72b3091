import {
  ADAMW_DEFAULTS,
  add,
  conv2d,
  Graph,
  type GraphDevice,
  kaimingNormal,
  l1Loss,
  mseLoss,
  relu,
  type Shape,
  type Tensor,
  type TrainingStep,
  type TrainingStepOptions,
  trainingStep,
  ZEROS,
} from '../../../src/core/graph/index.ts';
import type { NamedTensor } from '../../../src/core/graph/safetensors.ts';
import { elementCount } from '../../../src/core/graph/shape.ts';
import { networkGraph } from '../../../src/core/networks/index.ts';
import { blockedChannels } from '../../../src/main/runtime/blockedChannels.ts';

export interface MeasuredStep {
  readonly step: TrainingStep;
  readonly data: ReadonlyMap<string, NamedTensor>;
}

type Policy = 'none' | 'blocks';

const channelsInABlock = await blockedChannels();

/** Training steps whose memory and gradients are looked at, by name. */
export const NETWORKS: Readonly<Record<string, (recompute: Policy) => MeasuredStep>> = {
  warmUp: () => srcnn([9, 1, 5], { batch: 1, patch: 16 }),
  'srcnn 9-5-5': () => srcnn([9, 5, 5], { batch: 3, patch: 160 }),
  'srcnn 9-1-5': () => srcnn([9, 1, 5], { batch: 4, patch: 160 }),
  'deep and narrow': (recompute) => residual({ blocks: 24, channels: 16, batch: 4, side: 128 }, recompute),
  'deep and wide': (recompute) => residual({ blocks: 10, channels: 64, batch: 2, side: 80 }, recompute),
  'many weights': (recompute) => residual({ blocks: 8, channels: 128, batch: 1, side: 24 }, recompute),
  'scans and deformable convolutions': (recompute) => {
    const size = { batch: 2, rows: 48, columns: 48 };
    const mode = { training: true, recompute };
    const { graph, enhanced } = networkGraph('glmamba', { channels: 32 }, 2, size, mode);
    return measured(graph, l1Loss(enhanced, graph.input('truth', enhanced.shape)));
  },
};

function srcnn(
  kernels: readonly number[],
  size: { readonly batch: number; readonly patch: number },
): MeasuredStep {
  const { batch, patch } = size;
  const { graph, enhanced } = networkGraph(
    'srcnn-guided',
    { kernels },
    2,
    { batch, rows: patch, columns: patch },
    { training: true },
  );
  return measured(graph, l1Loss(enhanced, graph.input('truth', enhanced.shape)));
}

/** Residual blocks of two convolutions, x + conv(relu(conv(x))), each computed again where that is asked for. */
export function residual(
  size: { readonly blocks: number; readonly channels: number; readonly batch: number; readonly side: number },
  recompute: Policy,
): MeasuredStep {
  const { blocks, channels, batch, side } = size;
  const graph = new Graph({ training: true, recompute });
  const x = graph.input('x', [batch, channels, side, side]);
  const conv = (input: Tensor, name: string) => {
    const shape = [channels, channels, 3, 3];
    return graph.scope(name, () =>
      conv2d(input, graph.parameter('weight', shape, kaimingNormal(shape, 0.5)), {
        bias: graph.parameter('bias', [channels], ZEROS),
        padding: 1,
      }),
    );
  };
  let y = x;
  for (let n = 0; n < blocks; n++) {
    const input = y;
    y = graph.block(`${n}`, () => add(input, conv(relu(conv(input, 'conv1')), 'conv2')));
  }
  return measured(graph, mseLoss(y, graph.input('truth', y.shape)));
}

/** A few convolutions with all that an optimiser can have: AdamW, clipping, an average. */
export function smallStep(device: GraphDevice): MeasuredStep {
  const size = { batch: 2, rows: 16, columns: 20 };
  const options = { features: [6, 4], kernels: [3, 1, 3] };
  const { graph, enhanced } = networkGraph('srcnn-guided', options, 2, size, { training: true });
  return measured(graph, mseLoss(enhanced, graph.input('truth', enhanced.shape)), {
    device,
    blockedChannels: device === 'cpu' ? channelsInABlock : undefined,
    adam: ADAMW_DEFAULTS,
    clip: { kind: 'norm', limit: 0.5 },
    average: { decay: 0.9, start: 5 },
  });
}

function measured(graph: Graph, loss: Tensor, options: Partial<TrainingStepOptions> = {}): MeasuredStep {
  const names = graph.inputs.map(
    ({ origin, shape }) => [origin.kind === 'input' ? origin.name : '', shape] as const,
  );
  const step = trainingStep(graph, loss, { name: 'step', blockedChannels: channelsInABlock, ...options });
  const filled = (shape: Shape) => ({ shape, data: new Float32Array(elementCount(shape)) });
  return { step, data: new Map(names.map(([name, shape]) => [name, filled(shape)])) };
}
