import { add, type Graph, globalAveragePool, mul, relu, sigmoid, type Tensor } from '../../graph/index.ts';
import { convLayer } from './conv.ts';

/**
 * The residual group of RCAN (Zhang, Li, Li, Wang, Zhong, Fu, "Image super-resolution using very deep
 * residual channel attention networks", ECCV 2018), as SANet and MINet use it: `blocks` residual channel
 * attention blocks and a convolution, + the input. [N, C, H, W] → the same. Parameters `body.<j>…` and
 * `body.<blocks>` in the scope that is open, as in the released code.
 */
export function residualGroup(graph: Graph, x: Tensor, blocks: number): Tensor {
  let y = x;
  for (let block = 0; block < blocks; block++) {
    y = graph.scope(`body.${block}`, () => residualChannelAttentionBlock(graph, y));
  }
  return add(convLayer(graph, `body.${blocks}`, y, { channels: x.shape[1]!, kernel: 3 }), x);
}

/** RCAB: x + CA(conv(relu(conv(x)))). Parameters `body.0`, `body.2`, `body.3.conv_du.0`, `body.3.conv_du.2`. */
export function residualChannelAttentionBlock(graph: Graph, x: Tensor): Tensor {
  const channels = x.shape[1]!;
  const hidden = relu(convLayer(graph, 'body.0', x, { channels, kernel: 3 }));
  const features = convLayer(graph, 'body.2', hidden, { channels, kernel: 3 });
  return add(
    graph.scope('body.3', () => channelAttention(graph, features, 16)),
    x,
  );
}

/** CA: x · σ(W₂ relu(W₁ mean(x))), the mean over all positions, C → C/reduction → C. Parameters `conv_du.0`, `conv_du.2`. */
export function channelAttention(graph: Graph, x: Tensor, reduction: number): Tensor {
  const channels = x.shape[1]!;
  const squeezed = convLayer(graph, 'conv_du.0', globalAveragePool(x), {
    channels: Math.floor(channels / reduction),
    kernel: 1,
  });
  return mul(x, sigmoid(convLayer(graph, 'conv_du.2', relu(squeezed), { channels, kernel: 1 })));
}
