import { TandemError } from '../errors.ts';
import { nodesBehind } from './graph.ts';
import { type NdArray, ndarray } from './ndarray.ts';
import { formatShape, sameShape } from './shape.ts';
import type { Tensor } from './tensor.ts';

/**
 * The values of `outputs` in float64, computed by the operators' reference implementations: the truth that
 * the ONNX forms and the gradients are tested against. Slow.
 *
 * @param feeds values of the inputs (by name) and of the parameters (by path) that the outputs depend on
 */
export function evaluateReference(
  outputs: readonly Tensor[],
  feeds: ReadonlyMap<string, ArrayLike<number>>,
): NdArray[] {
  const values = new Map<Tensor, NdArray>();
  const read = (tensor: Tensor): NdArray => {
    let value = values.get(tensor);
    if (value === undefined) {
      value = sourceValue(tensor, feeds);
      values.set(tensor, value);
    }
    return value;
  };
  for (const node of nodesBehind(outputs)) {
    const results = node.reference(node.inputs.map(read));
    node.outputs.forEach((output, index) => {
      const result = results[index];
      if (result === undefined || !sameShape(result.shape, output.shape)) {
        throw new TandemError(
          'bad-model',
          `The reference of ${node.operator} gave ${formatShape(result?.shape ?? [])}, its shape rule ${formatShape(output.shape)}`,
        );
      }
      values.set(output, result);
    });
  }
  return outputs.map(read);
}

function sourceValue(tensor: Tensor, feeds: ReadonlyMap<string, ArrayLike<number>>): NdArray {
  const { origin } = tensor;
  if (origin.kind === 'constant') return ndarray(tensor.shape, origin.data);
  if (origin.kind === 'node') throw new TandemError('bad-model', `${origin.node.operator} was not evaluated`);
  const name = origin.kind === 'input' ? origin.name : origin.path;
  const feed = feeds.get(name);
  if (feed === undefined) throw new TandemError('bad-model', `No value was given for ${name}`);
  return ndarray(tensor.shape, feed);
}
