import { nodesBehind } from './graph.ts';
import { elementCount } from './shape.ts';
import type { Tensor } from './tensor.ts';

/** Operators whose result onnxruntime writes over an input of the same shape that nobody needs any more. */
const IN_PLACE = new Set(['relu', 'abs', 'sqrt', 'sign', 'add', 'sub', 'mul', 'div']);

/**
 * The most bytes of tensors that are alive at the same time while `outputs` are computed node by node:
 * each from the node that makes it to the last node that uses it; inputs, parameters and outputs throughout.
 */
export function peakTensorBytes(outputs: readonly Tensor[]): number {
  const nodes = nodesBehind(outputs);
  const lastUse = new Map<Tensor, number>();
  nodes.forEach((node, n) => {
    for (const input of node.inputs) lastUse.set(input, n);
  });
  for (const output of outputs) lastUse.set(output, nodes.length);
  let alive = 0;
  for (const tensor of lastUse.keys()) if (tensor.origin.kind !== 'node') alive += bytesOf(tensor);
  let peak = alive;
  nodes.forEach((node, n) => {
    const ending = [...new Set(node.inputs)].filter(
      (input) => input.origin.kind === 'node' && lastUse.get(input) === n,
    );
    const made = sum(node.outputs);
    const reused = IN_PLACE.has(node.operator) && ending.some((input) => bytesOf(input) === made) ? made : 0;
    peak = Math.max(peak, alive + made - reused);
    const unused = node.outputs.filter((output) => !lastUse.has(output));
    alive += made - sum(ending) - sum(unused);
  });
  return peak;
}

function sum(tensors: readonly Tensor[]): number {
  return tensors.reduce((total, tensor) => total + bytesOf(tensor), 0);
}

function bytesOf(tensor: Tensor): number {
  return elementCount(tensor.shape) * (tensor.dataType === 'int64' ? 8 : 4);
}
