import { applyOne } from '../graph.ts';
import { at, fromFunction } from '../ndarray.ts';
import type { Operator } from '../operator.ts';
import { float32, ShapeError, type TensorType } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { axisOf } from './axis.ts';
import { slice } from './pad.ts';

/** Inputs of any number, one after another along an axis. */
const CONCAT: Operator<{ readonly axis: number }> = {
  name: 'concat',
  infer: (inputs, { axis }) => {
    const first = inputs[0]!.shape;
    const fits = (type: TensorType) =>
      type.shape.length === first.length && type.shape.every((size, n) => n === axis || size === first[n]);
    if (!inputs.every(fits)) throw new ShapeError(`the shapes differ outside axis ${axis}`);
    const total = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    return [float32([...first].with(axis, total))];
  },
  onnx: (emit, inputs, { axis }) => emit.node('Concat', inputs, { axis: { int: axis } }),
  gradient: ({ inputs, attributes: { axis }, outputGradients: [dy], needed }) => {
    if (dy === undefined) return [];
    let offset = 0;
    return inputs.map((input, n) => {
      const start = input.shape.map((_, m) => (m === axis ? offset : 0));
      offset += input.shape[axis]!;
      return needed[n] ? slice(dy, start, input.shape) : undefined;
    });
  },
  reference: (inputs, { axis }) => {
    const total = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    return [
      fromFunction([...inputs[0]!.shape].with(axis, total), (index) => {
        let position = index[axis]!;
        for (const input of inputs) {
          if (position < input.shape[axis]!) return at(input, [...index].with(axis, position));
          position -= input.shape[axis]!;
        }
        return Number.NaN;
      }),
    ];
  },
};

/** Tensors one after another along an axis: their shapes are equal but for that axis (torch.cat). */
export function concat(tensors: readonly [Tensor, ...Tensor[]], axis: number): Tensor {
  const along = axisOf('concat', tensors[0], axis);
  return tensors.length === 1 ? tensors[0] : applyOne(CONCAT, tensors, { axis: along });
}
