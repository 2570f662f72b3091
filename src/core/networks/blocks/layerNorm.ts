import { type Graph, layerNorm, ONES, type Tensor, ZEROS } from '../../graph/index.ts';

/** Layer normalisation over the last axis, ε 1e-5. Parameters `<name>.weight` and `<name>.bias` [C]. */
export function layerNormLayer(graph: Graph, name: string, x: Tensor): Tensor {
  const shape = [x.shape.at(-1) ?? 1];
  return graph.scope(name, () =>
    layerNorm(x, graph.parameter('weight', shape, ONES), graph.parameter('bias', shape, ZEROS)),
  );
}
