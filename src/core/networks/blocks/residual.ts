import { add, type Graph, relu, type Tensor } from '../../graph/index.ts';
import { convLayer } from './conv.ts';

/**
 * `count` residual blocks x + conv(relu(conv(x))), 3×3, without batch norm, and a convolution after them:
 * the body of EDSR (Lim et al. 2017, figures 2c and 3). [N, C, H, W] → the same. Parameters
 * `body.<i>.conv1`, `body.<i>.conv2` and `body_end`.
 */
export function residualBody(graph: Graph, x: Tensor, count: number): Tensor {
  const channels = x.shape[1] ?? 0;
  const options = { channels, kernel: 3 };
  let y = x;
  for (let block = 0; block < count; block++) {
    y = graph.block(`body.${block}`, () =>
      add(y, convLayer(graph, 'conv2', relu(convLayer(graph, 'conv1', y, options)), options)),
    );
  }
  return convLayer(graph, 'body_end', y, options);
}
