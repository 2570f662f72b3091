import { applyOne } from '../graph.ts';
import { at, fromFunction } from '../ndarray.ts';
import type { Operator } from '../operator.ts';
import { broadcastShapes, float32 } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { operand } from './operand.ts';
import { reduceToShape } from './reduce.ts';

/** Comparisons, which give bool tensors, and what is done with those. Shapes broadcast by numpy's rule. */

function comparison(
  onnxName: string,
  compare: (a: number, b: number) => boolean,
): (a: Tensor, b: Tensor | number) => Tensor {
  const operator: Operator<undefined> = {
    name: `${onnxName.charAt(0).toLowerCase()}${onnxName.slice(1)}`,
    infer: ([a, b]) => [{ dataType: 'bool', shape: broadcastShapes(a!.shape, b!.shape) }],
    onnx: (emit, inputs) => emit.node(onnxName, inputs),
    reference: ([a, b]) => [
      fromFunction(broadcastShapes(a!.shape, b!.shape), (index) =>
        compare(at(a!, index), at(b!, index)) ? 1 : 0,
      ),
    ],
  };
  return (a, b) => applyOne(operator, [a, operand(a, b)], undefined);
}

/** a > b, element by element: a bool tensor, like those of the other comparisons. */
export const greater = comparison('Greater', (a, b) => a > b);
/** a ≥ b. */
export const greaterOrEqual = comparison('GreaterOrEqual', (a, b) => a >= b);
/** a < b. */
export const less = comparison('Less', (a, b) => a < b);
/** a ≤ b. */
export const lessOrEqual = comparison('LessOrEqual', (a, b) => a <= b);
/** a = b, exactly. */
export const equal = comparison('Equal', (a, b) => a === b);

/** TensorProto.DataType of float32, as ONNX attributes name it. */
const FLOAT = 1;

const MASK: Operator<undefined> = {
  name: 'mask',
  inputTypes: ['bool'],
  infer: ([x]) => [float32(x!.shape)],
  onnx: (emit, [x]) => emit.node('Cast', [x!], { to: { int: FLOAT } }),
  reference: ([x]) => [x!],
};

const WHERE: Operator<undefined> = {
  name: 'where',
  inputTypes: ['bool', 'float32'],
  infer: ([condition, a, b]) => [
    float32(broadcastShapes(condition!.shape, broadcastShapes(a!.shape, b!.shape))),
  ],
  onnx: (emit, inputs) => emit.node('Where', inputs),
  gradient: ({ inputs, outputGradients: [dy], needed }) => {
    const [condition, a, b] = inputs as [Tensor, Tensor, Tensor];
    if (dy === undefined) return [];
    return [
      undefined,
      needed[1] ? reduceToShape(where(condition, dy, 0), a.shape) : undefined,
      needed[2] ? reduceToShape(where(condition, 0, dy), b.shape) : undefined,
    ];
  },
  reference: ([condition, a, b]) => [
    fromFunction(broadcastShapes(condition!.shape, broadcastShapes(a!.shape, b!.shape)), (index) =>
      at(condition!, index) === 0 ? at(b!, index) : at(a!, index),
    ),
  ],
};

/** A bool tensor as float32: 1 where it is true, 0 elsewhere. */
export function mask(condition: Tensor): Tensor {
  return applyOne(MASK, [condition], undefined);
}

/** a where the bool tensor `condition` is true, b elsewhere (torch.where). */
export function where(condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor {
  return applyOne(WHERE, [condition, operand(condition, a), operand(condition, b)], undefined);
}
