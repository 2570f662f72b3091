import { applyOne } from '../graph.ts';
import type { NdArray } from '../ndarray.ts';
import type { Operator } from '../operator.ts';
import type { Tensor } from '../tensor.ts';
import { div, mul } from './arithmetic.ts';

/** Functions of one tensor, element by element. */

function pointwise(
  onnxName: string,
  compute: (x: number) => number,
  gradient?: (x: Tensor, y: Tensor, dy: Tensor) => Tensor,
): Operator<undefined> {
  return {
    name: onnxName.toLowerCase(),
    infer: (inputs) => [inputs[0]!],
    onnx: (emit, inputs) => emit.node(onnxName, inputs),
    ...(gradient && {
      gradient: ({ inputs, outputs, outputGradients: [dy] }) =>
        dy === undefined ? [] : [gradient(inputs[0]!, outputs[0]!, dy)],
    }),
    reference: ([x]: readonly NdArray[]) => [{ shape: x!.shape, data: x!.data.map(compute) }],
  };
}

/** −1, 0 or 1; piecewise constant, so that nothing flows back through it. */
const SIGN = pointwise('Sign', Math.sign);
/** max(x, 0). At 0 the gradient is 0: sign(relu(x)) is 1 exactly where x is positive. */
const RELU = pointwise(
  'Relu',
  (x) => Math.max(x, 0),
  (_x, y, dy) => mul(dy, sign(y)),
);
const ABS = pointwise('Abs', Math.abs, (x, _y, dy) => mul(dy, sign(x)));
const SQRT = pointwise('Sqrt', Math.sqrt, (_x, y, dy) => div(dy, mul(y, 2)));

export function sign(x: Tensor): Tensor {
  return applyOne(SIGN, [x], undefined);
}

export function relu(x: Tensor): Tensor {
  return applyOne(RELU, [x], undefined);
}

/** |x|; at 0 the gradient is 0. */
export function abs(x: Tensor): Tensor {
  return applyOne(ABS, [x], undefined);
}

export function sqrt(x: Tensor): Tensor {
  return applyOne(SQRT, [x], undefined);
}
