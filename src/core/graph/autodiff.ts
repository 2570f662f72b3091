import { TandemError } from '../errors.ts';
import { nodesBehind } from './graph.ts';
import { after } from './operators/after.ts';
import { add } from './operators/arithmetic.ts';
import { elementCount, formatShape, sameShape } from './shape.ts';
import type { GraphNode, Tensor } from './tensor.ts';

/**
 * Reverse-mode differentiation: adds to the graph dL/dt for each tensor `t` of `of`, where `loss` has one
 * element. Only what lies between them is differentiated; a tensor on which the loss does not depend gets
 * zeros. Gradients are graph like any other, so they can be exported, evaluated and differentiated again.
 * Blocks made under `Graph.recompute` are computed once more, from their inputs, when their turn comes.
 * Throws `bad-model` where the loss has more elements or is no float32, or a tensor of `of` is of another graph.
 */
export function gradients(loss: Tensor, of: readonly Tensor[]): Tensor[] {
  const { graph, dataType } = loss;
  if (elementCount(loss.shape) !== 1 || dataType !== 'float32') {
    const found = `${dataType} ${formatShape(loss.shape)}`;
    throw new TandemError('bad-model', `A loss has one float32 element, not ${found}`);
  }
  if (of.some((tensor) => tensor.graph !== graph)) {
    throw new TandemError('bad-model', 'A loss has no gradient of a tensor of another graph');
  }
  const nodes = nodesBehind([loss]);
  const needed = new Set<Tensor>(of);
  for (const node of nodes) {
    if (node.inputs.some((input) => needed.has(input))) for (const output of node.outputs) needed.add(output);
  }

  const found = new Map<Tensor, Tensor>([[loss, graph.constant([1], loss.shape)]]);
  const recomputed = new RecomputedBlocks(nodes);
  for (const node of nodes.toReversed()) {
    const outputGradients = node.outputs.map((output) => found.get(output));
    const wanted = node.inputs.map((input) => needed.has(input));
    const first = outputGradients.find((gradient) => gradient !== undefined);
    if (!wanted.includes(true) || first === undefined) continue;
    if (!node.differentiable) continue;
    const seen = recomputed.nodeFor(node, first);
    const inputGradients = graph.scope(`gradient(${node.place})`, () =>
      seen.gradient(outputGradients, wanted),
    );
    node.inputs.forEach((input, index) => {
      const gradient = inputGradients[index];
      if (gradient === undefined || !wanted[index]) return;
      if (!sameShape(gradient.shape, input.shape)) {
        throw new TandemError(
          'bad-model',
          `The gradient of ${node.operator} at ${node.place} has the shape ${formatShape(gradient.shape)}, its input ${formatShape(input.shape)}`,
        );
      }
      const sum = found.get(input);
      found.set(input, sum === undefined ? gradient : add(sum, gradient));
    });
  }
  return of.map(
    (tensor) =>
      found.get(tensor) ?? graph.constant(new Float32Array(elementCount(tensor.shape)), tensor.shape),
  );
}

/** The nodes of recomputed blocks, made once more when the way back reaches the end of their block. */
class RecomputedBlocks {
  private readonly nodes: readonly GraphNode[];
  private readonly copies = new Map<symbol, ReadonlyMap<GraphNode, GraphNode>>();

  constructor(nodes: readonly GraphNode[]) {
    this.nodes = nodes;
  }

  /**
   * The node whose values the gradient of `node` may use: itself, or its copy.
   *
   * @param reached a gradient that the way back has reached: the copies are not computed before it
   */
  nodeFor(node: GraphNode, reached: Tensor): GraphNode {
    const block = node.recomputed;
    if (block === undefined) return node;
    let copies = this.copies.get(block);
    if (copies === undefined) {
      copies = this.copy(block, reached);
      this.copies.set(block, copies);
    }
    return copies.get(node) ?? node;
  }

  private copy(block: symbol, reached: Tensor): ReadonlyMap<GraphNode, GraphNode> {
    const copies = new Map<GraphNode, GraphNode>();
    const tensors = new Map<Tensor, Tensor>();
    const copyOf = (tensor: Tensor): Tensor => {
      const known = tensors.get(tensor);
      if (known !== undefined) return known;
      // Weights are there anyway; only what is computed could be, or be merged with, what was done before.
      // Indices do not wait: what is computed from them has other inputs that do.
      const { origin, dataType } = tensor;
      const waits = dataType === 'float32' && (origin.kind === 'node' || origin.kind === 'input');
      const copy = waits ? after(tensor, reached) : tensor;
      tensors.set(tensor, copy);
      return copy;
    };
    const { graph } = reached;
    for (const node of this.nodes) {
      if (node.recomputed !== block) continue;
      const outputs = graph.scope(`again(${node.place})`, () => node.again(node.inputs.map(copyOf)));
      node.outputs.forEach((output, n) => {
        tensors.set(output, outputs[n]!);
      });
      const { origin } = outputs[0]!;
      if (origin.kind === 'node') copies.set(node, origin.node);
    }
    return copies;
  }
}
