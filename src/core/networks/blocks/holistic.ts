import {
  add,
  concat,
  conv3dSingle,
  type Graph,
  matmul,
  mul,
  reduceMax,
  reshape,
  sigmoid,
  softmax,
  sub,
  type Tensor,
  transpose,
  ZEROS,
} from '../../graph/index.ts';

/**
 * The two attentions of the holistic attention network (Niu et al., "Single image super-resolution via a
 * holistic attention network", ECCV 2020), as MINet and SANet use them.
 */

export interface LayerAttention {
  /** [N, S·F, H, W], stage by stage. */
  readonly output: Tensor;
  /** E and its softmax, [N, S, S]. */
  readonly energy: Tensor;
  readonly attention: Tensor;
}

/**
 * Layer attention (LAM): each of S stages [N, F, H, W] as one vector, E = X·Xᵀ, attention = softmax of
 * rowmax(E) − E (so that the least similar counts most), γ·(attention·X) + X. Parameter `<name>.gamma` [1],
 * which starts at 0.
 */
export function layerAttention(graph: Graph, name: string, stages: readonly Tensor[]): LayerAttention {
  const joined = concat(stages as [Tensor, ...Tensor[]], 1);
  const [images, , height, width] = joined.shape as [number, number, number, number];
  const vectors = reshape(joined, [
    images,
    stages.length,
    (joined.shape[1]! / stages.length) * height * width,
  ]);
  const energy = matmul(vectors, transpose(vectors, [0, 2, 1]));
  const attention = softmax(sub(reduceMax(energy, [2]), energy), 2);
  const gamma = graph.scope(name, () => graph.parameter('gamma', [1], ZEROS));
  const mixed = add(mul(matmul(attention, vectors), gamma), vectors);
  return { output: reshape(mixed, joined.shape), energy, attention };
}

/**
 * Channel-spatial attention (CSAM): the features as a volume of one channel, a 3×3×3 convolution over
 * channels, rows and columns, x + γ·σ(conv(x))·x. [N, C, H, W] → the same. Parameters `<name>.conv.weight`
 * [1, 1, 3, 3, 3], `<name>.conv.bias` and `<name>.gamma` [1], which starts at 0.
 */
export function channelSpatialAttention(graph: Graph, name: string, x: Tensor): Tensor {
  return graph.scope(name, () => {
    const map = graph.scope('conv', () => {
      const bound = 1 / Math.sqrt(27);
      const weight = graph.parameter('weight', [1, 1, 3, 3, 3], { kind: 'uniform', bound });
      const bias = graph.parameter('bias', [1], { kind: 'uniform', bound });
      return conv3dSingle(x, reshape(weight, [3, 3, 3]), bias);
    });
    const gamma = graph.parameter('gamma', [1], ZEROS);
    return add(mul(mul(sigmoid(map), gamma), x), x);
  });
}
