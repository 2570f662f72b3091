import { batchNorm, type Graph, ONES, type Tensor, ZEROS } from '../../graph/index.ts';

/**
 * Batch normalisation of x [N, C, H, W] (see `batchNorm`). Parameters `<name>.weight` and `<name>.bias`,
 * buffers `<name>.running_mean` and `<name>.running_var`, each [C].
 */
export function batchNormLayer(graph: Graph, name: string, x: Tensor): Tensor {
  const shape = [x.shape[1] ?? 0];
  return graph.scope(name, () =>
    batchNorm(x, {
      gamma: graph.parameter('weight', shape, ONES),
      beta: graph.parameter('bias', shape, ZEROS),
      mean: graph.buffer('running_mean', shape, ZEROS),
      variance: graph.buffer('running_var', shape, ONES),
    }),
  );
}
