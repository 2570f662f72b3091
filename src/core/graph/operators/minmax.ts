import { applyOne } from '../graph.ts';
import { at, fromFunction } from '../ndarray.ts';
import type { Operator } from '../operator.ts';
import { broadcastShapes, float32, ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { add, mul, sub } from './arithmetic.ts';
import { equal, mask } from './compare.ts';
import { operand } from './operand.ts';
import { sign } from './pointwise.ts';
import { reduceToShape } from './reduce.ts';

/** The larger and the smaller of two, and values held between bounds. */

/** `chosen` is +1 where a is the result when it is the larger (maximum), −1 when it is the smaller. */
function extremum(onnxName: 'Max' | 'Min', chosen: 1 | -1): Operator<undefined> {
  const pick = chosen === 1 ? Math.max : Math.min;
  return {
    name: `${onnxName.toLowerCase()}imum`,
    infer: ([a, b]) => [float32(broadcastShapes(a!.shape, b!.shape))],
    onnx: (emit, inputs) => emit.node(onnxName, inputs),
    gradient: ({ inputs, outputGradients: [dy], needed }) => {
      const [a, b] = inputs as [Tensor, Tensor];
      if (dy === undefined) return [];
      // 1 where a is the result, 0 where b is, ½ on ties.
      const share = add(mul(sign(sub(a, b)), chosen / 2), 0.5);
      const ofA = mul(dy, share);
      return [
        needed[0] ? reduceToShape(ofA, a.shape) : undefined,
        needed[1] ? reduceToShape(sub(dy, ofA), b.shape) : undefined,
      ];
    },
    reference: ([a, b]) => [
      fromFunction(broadcastShapes(a!.shape, b!.shape), (index) => pick(at(a!, index), at(b!, index))),
    ],
  };
}

const MAXIMUM = extremum('Max', 1);
const MINIMUM = extremum('Min', -1);

/** The larger of a and b, element by element; shapes broadcast. On ties each gets half of the gradient, as in torch. */
export function maximum(a: Tensor, b: Tensor | number): Tensor {
  return applyOne(MAXIMUM, [a, operand(a, b)], undefined);
}

/** The smaller of a and b, element by element; shapes broadcast. On ties each gets half of the gradient, as in torch. */
export function minimum(a: Tensor, b: Tensor | number): Tensor {
  return applyOne(MINIMUM, [a, operand(a, b)], undefined);
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}

const CLAMP: Operator<Bounds> = {
  name: 'clamp',
  infer: ([x]) => [x!],
  onnx: (emit, [x], { low, high }) =>
    emit.node('Clip', [
      x!,
      Number.isFinite(low) ? emit.scalar(low) : '',
      ...(Number.isFinite(high) ? [emit.scalar(high)] : []),
    ]),
  // What is unchanged was inside: no bound need be compared.
  gradient: ({ inputs, outputs, outputGradients: [dy] }) =>
    dy === undefined ? [] : [mul(dy, mask(equal(inputs[0]!, outputs[0]!)))],
  reference: ([x], { low, high }) => [
    { shape: x!.shape, data: x!.data.map((value) => Math.min(Math.max(value, low), high)) },
  ],
};

/**
 * x held between `low` and `high` (torch.clamp); either may be infinite. The gradient passes where
 * low ≤ x ≤ high, bounds included. Throws `bad-model` where low > high.
 */
export function clamp(
  x: Tensor,
  { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY }: Partial<Bounds>,
): Tensor {
  x.graph.checked('clamp', [x], () => {
    if (!(low <= high)) throw new ShapeError(`nothing lies between ${low} and ${high}`);
  });
  // Bounds as float32 has them, so that the reference meets the same ones.
  return applyOne(CLAMP, [x], { low: Math.fround(low), high: Math.fround(high) });
}
