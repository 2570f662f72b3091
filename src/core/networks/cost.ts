import { nodesBehind } from '../graph/graph.ts';
import type { GraphNode, Tensor } from '../graph/tensor.ts';

/** Multiply-accumulate operations of a network for one image. */
export interface NetworkCost {
  /**
   * As the papers count them (a profiler that looks at layers): convolutions and linear layers; not the scan,
   * nor its projections of a token to Δ, B and C (raw parameters, no layers), nor products of two activations.
   */
  readonly asInPapers: number;
  /** All of them: with the scan's recurrence and projections, and attention. */
  readonly all: number;
  /** All of them by operator, the largest first; those without any are left out. */
  readonly byOperator: readonly { readonly operator: string; readonly multiplyAccumulates: number }[];
}

const LAYERS = new Set(['conv2d', 'convTranspose2d', 'deformConv2d', 'conv3dSingle', 'linear']);

/** Where a scan's own parameters and operators stand (`gatedScan`). */
const INSIDE_SCAN = /(^|\.)scan$/;

/** What it costs to compute `outputs` once. */
export function networkCost(outputs: readonly Tensor[]): NetworkCost {
  const nodes = nodesBehind(outputs);
  const total = (some: readonly GraphNode[]) => some.reduce((sum, node) => sum + node.multiplyAccumulates, 0);
  const byOperator = [...new Set(nodes.map(({ operator }) => operator))]
    .map((operator) => ({
      operator,
      multiplyAccumulates: total(nodes.filter((node) => node.operator === operator)),
    }))
    .filter(({ multiplyAccumulates }) => multiplyAccumulates > 0)
    .sort((a, b) => b.multiplyAccumulates - a.multiplyAccumulates);
  return {
    asInPapers: total(
      nodes.filter(({ operator, place }) => LAYERS.has(operator) && !INSIDE_SCAN.test(place)),
    ),
    all: total(nodes),
    byOperator,
  };
}
