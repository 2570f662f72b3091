import { TandemError } from '../errors.ts';
import { nodesBehind } from './graph.ts';
import { add } from './operators/arithmetic.ts';
import { elementCount, formatShape, sameShape } from './shape.ts';
import type { Tensor } from './tensor.ts';

/**
 * Reverse-mode differentiation: adds to the graph dL/dt for each tensor `t` of `of`, where `loss` has one
 * element. Only what lies between them is differentiated; a tensor on which the loss does not depend gets
 * zeros. Gradients are graph like any other, so they can be exported, evaluated and differentiated again.
 */
export function gradients(loss: Tensor, of: readonly Tensor[]): Tensor[] {
  if (elementCount(loss.shape) !== 1) {
    throw new TandemError('bad-model', `A loss has one element, not the shape ${formatShape(loss.shape)}`);
  }
  const { graph } = loss;
  const nodes = nodesBehind([loss]);
  const needed = new Set<Tensor>(of);
  for (const node of nodes) {
    if (node.inputs.some((input) => needed.has(input))) for (const output of node.outputs) needed.add(output);
  }

  const found = new Map<Tensor, Tensor>([[loss, graph.constant([1], loss.shape)]]);
  for (const node of nodes.toReversed()) {
    const outputGradients = node.outputs.map((output) => found.get(output));
    const wanted = node.inputs.map((input) => needed.has(input));
    if (!wanted.includes(true) || outputGradients.every((gradient) => gradient === undefined)) continue;
    if (!node.differentiable) continue;
    const inputGradients = graph.scope(`gradient(${node.place})`, () =>
      node.gradient(outputGradients, wanted),
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
