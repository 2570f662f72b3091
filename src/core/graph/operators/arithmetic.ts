import { applyOne } from '../graph.ts';
import { at, fromFunction, type NdArray } from '../ndarray.ts';
import type { GradientCall, Operator } from '../operator.ts';
import { broadcastShapes, float32 } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { operand } from './operand.ts';
import { reduceToShape } from './reduce.ts';

/** a + b, a − b, a · b, a / b element by element; shapes broadcast by numpy's rule. */

type Binary = Operator<undefined>;

function binary(
  name: string,
  compute: (a: number, b: number) => number,
  gradient: (
    a: Tensor,
    b: Tensor,
    dy: Tensor,
    call: GradientCall<undefined>,
  ) => readonly [() => Tensor, () => Tensor],
): Binary {
  return {
    name: name.toLowerCase(),
    infer: (inputs) => [float32(broadcastShapes(inputs[0]!.shape, inputs[1]!.shape))],
    onnx: (emit, inputs) => emit.node(name, inputs),
    gradient: (call) => {
      const [a, b] = call.inputs as [Tensor, Tensor];
      const dy = call.outputGradients[0];
      if (dy === undefined) return [];
      const [da, db] = gradient(a, b, dy, call);
      return [
        call.needed[0] ? reduceToShape(da(), a.shape) : undefined,
        call.needed[1] ? reduceToShape(db(), b.shape) : undefined,
      ];
    },
    reference: ([a, b]: readonly NdArray[]) => [
      fromFunction(broadcastShapes(a!.shape, b!.shape), (index) => compute(at(a!, index), at(b!, index))),
    ],
  };
}

const ADD = binary(
  'Add',
  (a, b) => a + b,
  (_a, _b, dy) => [() => dy, () => dy],
);
const SUB = binary(
  'Sub',
  (a, b) => a - b,
  (_a, _b, dy) => [() => dy, () => negate(dy)],
);
const MUL = binary(
  'Mul',
  (a, b) => a * b,
  (a, b, dy) => [() => mul(dy, b), () => mul(dy, a)],
);
const DIV = binary(
  'Div',
  (a, b) => a / b,
  (_a, b, dy, call) => [() => div(dy, b), () => negate(div(mul(dy, call.outputs[0]!), b))],
);

/** a + b. */
export function add(a: Tensor, b: Tensor | number): Tensor {
  return applyOne(ADD, [a, operand(a, b)], undefined);
}

/** a − b. */
export function sub(a: Tensor, b: Tensor | number): Tensor {
  return applyOne(SUB, [a, operand(a, b)], undefined);
}

/** a · b, element by element. */
export function mul(a: Tensor, b: Tensor | number): Tensor {
  return applyOne(MUL, [a, operand(a, b)], undefined);
}

/** a / b. */
export function div(a: Tensor, b: Tensor | number): Tensor {
  return applyOne(DIV, [a, operand(a, b)], undefined);
}

/** −a. */
export function negate(a: Tensor): Tensor {
  return mul(a, -1);
}
