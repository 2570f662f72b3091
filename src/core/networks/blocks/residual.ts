import * as z from 'zod';
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

/**
 * The option `refinement`: so many residual blocks on a network's features before the image is made of them, at
 * the features' own size. Mamba blocks normalise their tokens, and with few channels and steps too little of how
 * bright things are comes through them; convolutions without normalisation give it back. Not in the papers, whose
 * depth is 0.
 */
export const refinementOption = z.int().min(0).max(32).default(0);

/** features + `refinement` residual blocks of them, under `refine`, [N, C, H, W] → the same; 0: the features. */
export function refined(graph: Graph, features: Tensor, refinement: number): Tensor {
  if (refinement === 0) return features;
  return add(
    graph.scope('refine', () => residualBody(graph, features, refinement)),
    features,
  );
}
