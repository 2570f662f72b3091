import {
  type Graph,
  linear,
  mul,
  reduceMean,
  relu,
  reshape,
  sigmoid,
  type Tensor,
} from '../../graph/index.ts';
import { fanInUniform } from './fanInUniform.ts';

/**
 * Channel attention of tokens [B, h, w, C]: every channel times σ(fc2(relu(fc1(its mean)))). Zhang et al.,
 * "Image super-resolution using very deep residual channel attention networks", ECCV 2018, section 3.3. The
 * two layers are 1×1 convolutions: parameters `fc1.weight` [hidden, C, 1, 1], `fc1.bias`, `fc2.weight` [C,
 * hidden, 1, 1], `fc2.bias`.
 */
export function channelAttention(graph: Graph, x: Tensor, { hidden }: { readonly hidden: number }): Tensor {
  const [batch = 1, , , channels = 1] = x.shape;
  const layer = (name: string, input: Tensor, features: number) =>
    graph.scope(name, () => {
      const size = input.shape[1]!;
      const initializer = fanInUniform(size);
      const weight = graph.parameter('weight', [features, size, 1, 1], initializer);
      return linear(
        input,
        reshape(weight, [features, size]),
        graph.parameter('bias', [features], initializer),
      );
    });
  const means = reshape(reduceMean(x, [1, 2]), [batch, channels]);
  const gates = sigmoid(layer('fc2', relu(layer('fc1', means, hidden)), channels));
  return mul(x, reshape(gates, [batch, 1, 1, channels]));
}
