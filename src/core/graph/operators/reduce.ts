import { applyOne } from '../graph.ts';
import { at, fromFunction, ndarray } from '../ndarray.ts';
import type { Operator } from '../operator.ts';
import {
  broadcastShapes,
  elementCount,
  float32,
  normalizeAxis,
  type Shape,
  ShapeError,
  sameShape,
  stridesOf,
} from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { mul } from './arithmetic.ts';
import { reshape } from './shapes.ts';

/** Sum over axes, which stay with size 1. */
const REDUCE_SUM: Operator<{ readonly axes: readonly number[] }> = {
  name: 'reduceSum',
  infer: ([x], { axes }) => [float32(reducedShape(x!.shape, axes))],
  onnx: (emit, [x], { axes }) => emit.node('ReduceSum', [x!, emit.int64(axes)], { keepdims: { int: 1 } }),
  gradient: ({ inputs, outputGradients: [dy] }) => (dy === undefined ? [] : [expand(dy, inputs[0]!.shape)]),
  reference: ([x], { axes }) => {
    const result = ndarray(reducedShape(x!.shape, axes));
    const strides = stridesOf(result.shape);
    fromFunction(x!.shape, (index) => {
      const value = at(x!, index);
      const offset = index.reduce((sum, i, axis) => sum + (axes.includes(axis) ? 0 : i * strides[axis]!), 0);
      result.data[offset] = result.data[offset]! + value;
      return value;
    });
    return [result];
  },
};

/** Repeats axes of size 1, and adds leading ones, up to a shape. */
const EXPAND: Operator<{ readonly shape: Shape }> = {
  name: 'expand',
  infer: ([x], { shape }) => {
    if (!sameShape(broadcastShapes(x!.shape, shape), shape))
      throw new ShapeError('cannot expand to a smaller shape');
    return [float32(shape)];
  },
  onnx: (emit, [x], { shape }) => emit.node('Expand', [x!, emit.int64(shape)]),
  gradient: ({ inputs, outputGradients: [dy] }) =>
    dy === undefined ? [] : [reduceToShape(dy, inputs[0]!.shape)],
  reference: ([x], { shape }) => [fromFunction(shape, (index) => at(x!, index))],
};

/** Sum over `axes` (all where left out), which are kept with size 1. */
export function reduceSum(x: Tensor, axes: readonly number[] = x.shape.map((_, axis) => axis)): Tensor {
  const positive = [...new Set(axes.map((axis) => normalizeAxis(axis, x.shape.length)))].sort(
    (a, b) => a - b,
  );
  return positive.length === 0 ? x : applyOne(REDUCE_SUM, [x], { axes: positive });
}

/** Mean of all elements: a scalar. */
export function mean(x: Tensor): Tensor {
  return mul(reshape(reduceSum(x), []), 1 / elementCount(x.shape));
}

/** `x` repeated along axes of size 1 (and new leading ones) until it has `shape`. */
export function expand(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : applyOne(EXPAND, [x], { shape });
}

/** The transpose of broadcasting: sums `x` over the axes along which `shape` was repeated. */
export function reduceToShape(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const added = x.shape.length - shape.length;
  const axes = x.shape.flatMap((size, axis) =>
    axis < added || (shape[axis - added] === 1 && size !== 1) ? [axis] : [],
  );
  return reshape(reduceSum(x, axes), shape);
}

function reducedShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
}
