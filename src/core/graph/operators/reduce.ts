import { applyOne } from '../graph.ts';
import { at, fromFunction, ndarray } from '../ndarray.ts';
import type { Operator } from '../operator.ts';
import {
  broadcastShapes,
  elementCount,
  float32,
  type Shape,
  ShapeError,
  sameShape,
  stridesOf,
} from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { div, mul } from './arithmetic.ts';
import { axisOf } from './axis.ts';
import { equal, mask } from './compare.ts';
import { reshape } from './shapes.ts';

interface Over {
  readonly axes: readonly number[];
}

/** A reduction over axes, which stay with size 1. `join` folds the values of x into one, from `start` on. */
function reduction(
  name: string,
  onnxName: string,
  start: number,
  join: (sum: number, value: number, count: number) => number,
  gradient: (x: Tensor, y: Tensor, dy: Tensor, axes: readonly number[]) => Tensor,
): Operator<Over> {
  return {
    name,
    infer: ([x], { axes }) => [float32(reducedShape(x!.shape, axes))],
    onnx: (emit, [x], { axes }) => emit.node(onnxName, [x!, emit.int64(axes)], { keepdims: { int: 1 } }),
    gradient: ({ inputs, outputs, attributes: { axes }, outputGradients: [dy] }) =>
      dy === undefined ? [] : [gradient(inputs[0]!, outputs[0]!, dy, axes)],
    reference: ([x], { axes }) => {
      const result = ndarray(reducedShape(x!.shape, axes));
      result.data.fill(start);
      const count = x!.data.length / result.data.length;
      const strides = stridesOf(result.shape);
      fromFunction(x!.shape, (index) => {
        const value = at(x!, index);
        const offset = index.reduce((sum, i, n) => sum + (axes.includes(n) ? 0 : i * strides[n]!), 0);
        result.data[offset] = join(result.data[offset]!, value, count);
        return value;
      });
      return [result];
    },
  };
}

const REDUCE_SUM = reduction(
  'reduceSum',
  'ReduceSum',
  0,
  (sum, value) => sum + value,
  (x, _y, dy) => expand(dy, x.shape),
);

const REDUCE_MEAN = reduction(
  'reduceMean',
  'ReduceMean',
  0,
  (sum, value, count) => sum + value / count,
  (x, y, dy) => expand(mul(dy, elementCount(y.shape) / elementCount(x.shape)), x.shape),
);

const REDUCE_MAX = reduction(
  'reduceMax',
  'ReduceMax',
  Number.NEGATIVE_INFINITY,
  (largest, value) => Math.max(largest, value),
  (x, y, dy, axes) => {
    const largest = mask(equal(x, y));
    return mul(largest, div(dy, reduceSum(largest, axes)));
  },
);

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
export function reduceSum(x: Tensor, axes?: readonly number[]): Tensor {
  return reduce(REDUCE_SUM, x, axes);
}

/** Mean over `axes` (all where left out), which are kept with size 1. */
export function reduceMean(x: Tensor, axes?: readonly number[]): Tensor {
  return reduce(REDUCE_MEAN, x, axes);
}

/**
 * Maximum over `axes` (all where left out), which are kept with size 1 (torch.amax). Where several elements
 * are the largest, they share the gradient equally.
 */
export function reduceMax(x: Tensor, axes?: readonly number[]): Tensor {
  return reduce(REDUCE_MAX, x, axes);
}

function reduce(operator: Operator<Over>, x: Tensor, axes: readonly number[] | undefined): Tensor {
  const chosen = axes?.map((axis) => axisOf(operator.name, x, axis)) ?? x.shape.map((_, axis) => axis);
  const ordered = [...new Set(chosen)].sort((a, b) => a - b);
  return ordered.length === 0 ? x : applyOne(operator, [x], { axes: ordered });
}

/** Mean of all elements: a scalar. */
export function mean(x: Tensor): Tensor {
  return reshape(reduceMean(x), []);
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
