import { applyOne } from '../graph.ts';
import type { NdArray } from '../ndarray.ts';
import type { OnnxEmitter } from '../onnx/emitter.ts';
import type { Operator } from '../operator.ts';
import { elementCount } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { add, div, mul, sub } from './arithmetic.ts';
import { greater, mask } from './compare.ts';
import { erfReference } from './erf.ts';

/** Functions of one tensor, element by element. */

/**
 * An operator that computes each element of y from the same element of x.
 *
 * @param onnx the name of the ONNX operator, or what emits its form
 * @param gradient dL/dx from x, y and dL/dy; absent where it is piecewise constant
 * @param temporaries how many tensors of the size of y its ONNX form needs beside y at once
 */
export function pointwise(
  name: string,
  onnx: string | ((emit: OnnxEmitter, x: string) => readonly string[]),
  compute: (x: number) => number,
  gradient?: (x: Tensor, y: Tensor, dy: Tensor) => Tensor,
  temporaries = 0,
): (x: Tensor) => Tensor {
  const operator: Operator<undefined> = {
    name,
    infer: (inputs) => [inputs[0]!],
    onnx: (emit, [x]) => (typeof onnx === 'string' ? emit.node(onnx, [x!]) : onnx(emit, x!)),
    ...(gradient && {
      gradient: ({ inputs, outputs, outputGradients: [dy] }) =>
        dy === undefined ? [] : [gradient(inputs[0]!, outputs[0]!, dy)],
    }),
    reference: ([x]: readonly NdArray[]) => [{ shape: x!.shape, data: x!.data.map(compute) }],
    workspaceBytes: ([x]) => temporaries * 4 * elementCount(x!.shape),
  };
  return (x) => applyOne(operator, [x], undefined);
}

/** −1, 0 or 1; piecewise constant, so that nothing flows back through it. */
export const sign = pointwise(
  'sign',
  (emit, x) => {
    if (emit.device !== 'webgpu') return emit.node('Sign', [x]);
    // WebGPU has no Sign: (x > 0) − (x < 0).
    const toFloat = { to: { int: 1 } };
    const [above] = emit.node('Cast', emit.node('Greater', [x, emit.scalar(0)]), toFloat);
    const [below] = emit.node('Cast', emit.node('Less', [x, emit.scalar(0)]), toFloat);
    return emit.node('Sub', [above!, below!]);
  },
  Math.sign,
);

/** |x|; at 0 the gradient is 0. */
export const abs = pointwise('abs', 'Abs', Math.abs, (x, _y, dy) => mul(dy, sign(x)));

/**
 * max(x, 0). At 0 the gradient is 0; y is positive exactly where x is, so that x need not be kept. The
 * product with a mask took 0.65 × the time of that with sign(y), and 0.8 × that of ONNX's Where.
 */
export const relu = pointwise(
  'relu',
  'Relu',
  (x) => Math.max(x, 0),
  (_x, y, dy) => mul(dy, mask(greater(y, 0))),
);

/** √x. */
export const sqrt = pointwise('sqrt', 'Sqrt', Math.sqrt, (_x, y, dy) => div(dy, mul(y, 2)));

/** eˣ. */
export const exp = pointwise('exp', 'Exp', Math.exp, (_x, y, dy) => mul(dy, y));

/** The natural logarithm. */
export const log = pointwise('log', 'Log', Math.log, (x, _y, dy) => div(dy, x));

/** 1 / (1 + e⁻ˣ). */
export const sigmoid = pointwise(
  'sigmoid',
  'Sigmoid',
  (x) => 1 / (1 + Math.exp(-x)),
  (_x, y, dy) => mul(dy, mul(y, sub(y.graph.constant(1), y))),
);

/** (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ). */
export const tanh = pointwise('tanh', 'Tanh', Math.tanh, (_x, y, dy) =>
  mul(dy, sub(y.graph.constant(1), mul(y, y))),
);

/** The error function, 2/√π · ∫₀ˣ e^(−t²) dt. */
export const erf = pointwise('erf', 'Erf', erfReference, (x, _y, dy) =>
  mul(dy, mul(exp(mul(mul(x, x), -1)), 2 / Math.sqrt(Math.PI))),
);

const POWER: Operator<{ readonly exponent: number }> = {
  name: 'pow',
  infer: ([x]) => [x!],
  onnx: (emit, [x], { exponent }) => emit.node('Pow', [x!, emit.scalar(exponent)]),
  gradient: ({ inputs, attributes: { exponent }, outputGradients: [dy] }) =>
    dy === undefined ? [] : [mul(dy, mul(pow(inputs[0]!, exponent - 1), exponent))],
  reference: ([x], { exponent }) => [{ shape: x!.shape, data: x!.data.map((value) => value ** exponent) }],
};

/** x to a constant power. Whole powers up to 4 and the root are written without ONNX's Pow, which is slow. */
export function pow(x: Tensor, exponent: number): Tensor {
  switch (exponent) {
    case 0:
      return add(mul(x, 0), 1);
    case 0.5:
      return sqrt(x);
    case 1:
      return x;
    case 2:
      return mul(x, x);
    case 3:
      return mul(mul(x, x), x);
    case 4: {
      const square = mul(x, x);
      return mul(square, square);
    }
    default:
      return applyOne(POWER, [x], { exponent });
  }
}
