import { applyOne } from '../graph.ts';
import { at, fromFunction } from '../ndarray.ts';
import type { Operator } from '../operator.ts';
import { elementCount, float32, formatShape, type Shape, ShapeError, sameShape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { axisOf } from './axis.ts';

/** The same elements in the same order under another shape. */
const RESHAPE: Operator<{ readonly shape: Shape }> = {
  name: 'reshape',
  infer: ([x], { shape }) => {
    if (elementCount(x!.shape) !== elementCount(shape)) {
      throw new ShapeError(`${elementCount(x!.shape)} elements do not fill ${formatShape(shape)}`);
    }
    return [float32(shape)];
  },
  onnx: (emit, [x], { shape }) => emit.node('Reshape', [x!, emit.int64(shape)]),
  gradient: ({ inputs, outputGradients: [dy] }) => (dy === undefined ? [] : [reshape(dy, inputs[0]!.shape)]),
  reference: ([x], { shape }) => [{ shape, data: x!.data }],
};

/** Axis n of the result is axis order[n] of the input. */
const TRANSPOSE: Operator<{ readonly order: readonly number[] }> = {
  name: 'transpose',
  infer: ([x], { order }) => {
    if (
      !sameShape(
        [...order].sort((a, b) => a - b),
        x!.shape.map((_, axis) => axis),
      )
    ) {
      throw new ShapeError(`${formatShape(order)} is not a permutation of its axes`);
    }
    return [float32(order.map((axis) => x!.shape[axis]!))];
  },
  onnx: (emit, [x], { order }) => emit.node('Transpose', [x!], { perm: { ints: order } }),
  gradient: ({ attributes: { order }, outputGradients: [dy] }) =>
    dy === undefined ? [] : [transpose(dy, inversePermutation(order))],
  reference: ([x], { order }) => {
    const inverse = inversePermutation(order);
    return [
      fromFunction(
        order.map((axis) => x!.shape[axis]!),
        (index) =>
          at(
            x!,
            inverse.map((axis) => index[axis]!),
          ),
      ),
    ];
  },
};

/** Reverses axes: element i of an axis of size n becomes element n − 1 − i. */
const FLIP: Operator<{ readonly axes: readonly number[] }> = {
  name: 'flip',
  infer: ([x]) => [x!],
  // A slice with step −1 runs from the last element (−1) to before the first; the end is clamped.
  onnx: (emit, [x], { axes }) =>
    emit.node('Slice', [
      x!,
      emit.int64(axes.map(() => -1)),
      emit.int64(axes.map(() => -(2 ** 31))),
      emit.int64(axes),
      emit.int64(axes.map(() => -1)),
    ]),
  gradient: ({ attributes: { axes }, outputGradients: [dy] }) => (dy === undefined ? [] : [flip(dy, axes)]),
  reference: ([x], { axes }) => [
    fromFunction(x!.shape, (index) =>
      at(
        x!,
        index.map((i, axis) => (axes.includes(axis) ? x!.shape[axis]! - 1 - i : i)),
      ),
    ),
  ],
};

/** The same elements in the same order, row by row, under another shape of as many (torch.reshape). */
export function reshape(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : applyOne(RESHAPE, [x], { shape });
}

/** Axes in another order: axis n of the result is axis `order[n]` of x (torch.permute). */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  return applyOne(TRANSPOSE, [x], { order });
}

/** x backwards along axes, which may be counted from either end (torch.flip). */
export function flip(x: Tensor, axes: readonly number[]): Tensor {
  const chosen = [...new Set(axes.map((axis) => axisOf('flip', x, axis)))];
  return chosen.length === 0 ? x : applyOne(FLIP, [x], { axes: chosen });
}

function inversePermutation(order: readonly number[]): number[] {
  return order.map((_, axis) => order.indexOf(axis));
}
