import { type Graph, type Initializer, linear, type Tensor, ZEROS } from '../../graph/index.ts';

/** How the Swin and Mamba families start their linear layers. */
const TRUNCATED_NORMAL: Initializer = { kind: 'truncatedNormal', standardDeviation: 0.02 };

export interface LinearLayerOptions {
  readonly features: number;
  /** True where absent. */
  readonly bias?: boolean;
  /** Truncated normal of 0.02 where absent. */
  readonly initializer?: Initializer;
}

/**
 * A linear layer along the last axis, [..., C] → [..., features]. Parameters `<name>.weight` [features, C]
 * and, unless told otherwise, `<name>.bias`.
 */
export function linearLayer(graph: Graph, name: string, x: Tensor, options: LinearLayerOptions): Tensor {
  const { features, bias = true, initializer = TRUNCATED_NORMAL } = options;
  return graph.scope(name, () =>
    linear(
      x,
      graph.parameter('weight', [features, x.shape.at(-1) ?? 1], initializer),
      bias ? graph.parameter('bias', [features], ZEROS) : undefined,
    ),
  );
}
