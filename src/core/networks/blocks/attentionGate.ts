import { add, type Graph, mul, relu, sigmoid, type Tensor } from '../../graph/index.ts';
import { batchNormLayer } from './batchNorm.ts';
import { convLayer } from './conv.ts';

/**
 * The additive attention gate of Oktay et al., "Attention U-Net: learning where to look for the pancreas",
 * MIDL 2018, eqs. 1 and 2, on one grid: x · α with α = σ(ψ(relu(W_x x + W_g g))), each W a convolution 1×1
 * followed by batch normalisation. x [N, C, H, W] is what the skip connection brings, g [N, G, H, W] the gating
 * signal already brought to the size of x; α [N, 1, H, W]. Parameters `W_x`, `W_g` and `psi`, each with `.0` the
 * convolution and `.1` the normalisation, below the open scope.
 */
export function attentionGate(
  graph: Graph,
  x: Tensor,
  g: Tensor,
  { channels }: { readonly channels: number },
): Tensor {
  const through = (name: string, input: Tensor, to: number): Tensor =>
    graph.scope(name, () =>
      batchNormLayer(graph, '1', convLayer(graph, '0', input, { channels: to, kernel: 1 })),
    );
  const joined = relu(add(through('W_x', x, channels), through('W_g', g, channels)));
  return mul(x, sigmoid(through('psi', joined, 1)));
}
