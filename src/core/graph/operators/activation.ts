import { applyOne } from '../graph.ts';
import type { OnnxEmitter } from '../onnx/emitter.ts';
import type { Operator } from '../operator.ts';
import type { Tensor } from '../tensor.ts';
import { add, mul, sub } from './arithmetic.ts';
import { greater, mask } from './compare.ts';
import { erfReference } from './erf.ts';
import { erf, exp, pointwise, sigmoid } from './pointwise.ts';

/** Activations, element by element; ReLU, sigmoid and tanh are among the functions of pointwise.ts. */

const LEAKY_RELU: Operator<{ readonly slope: number }> = {
  name: 'leakyRelu',
  infer: ([x]) => [x!],
  onnx: (emit, [x], { slope }) => emit.node('LeakyRelu', [x!], { alpha: { float: slope } }),
  gradient: ({ inputs, outputs, attributes: { slope }, outputGradients: [dy] }) => {
    if (dy === undefined) return [];
    // y is positive where x is, unless the line turns upwards: x need not be kept.
    const signed = slope < 0 ? inputs[0]! : outputs[0]!;
    return [mul(dy, add(mul(mask(greater(signed, 0)), 1 - slope), slope))];
  },
  reference: ([x], { slope }) => [
    { shape: x!.shape, data: x!.data.map((value) => (value > 0 ? value : slope * value)) },
  ],
};

/** x where x > 0, slope · x elsewhere (torch.nn.LeakyReLU, negative_slope 0.01). At 0 the gradient is `slope`. */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  return applyOne(LEAKY_RELU, [x], { slope: Math.fround(slope) });
}

/**
 * The nodes of softplus. onnxruntime's own is scalar; with u = eˣ it is written as log(w) + (u − (w − 1))/w,
 * w = 1 + u rounded: what rounding took from u is put back, so that small values keep their digits. The
 * maximum with x is x above 20.
 */
export function emitSoftplus(emit: OnnxEmitter, x: string): readonly string[] {
  const [u] = emit.node('Exp', emit.node('Min', [x, emit.scalar(20)]));
  const [w] = emit.node('Add', [u!, emit.scalar(1)]);
  const [kept] = emit.node('Sub', [w!, emit.scalar(1)]);
  const [lost] = emit.node('Div', [...emit.node('Sub', [u!, kept!]), w!]);
  const [sum] = emit.node('Add', [...emit.node('Log', [w!]), lost!]);
  return emit.node('Max', [x, sum!]);
}

/** log(1 + eˣ) in float64; x itself above 20. */
export function softplusReference(x: number): number {
  return x > 20 ? x : Math.log1p(Math.exp(x));
}

/**
 * x · σ(x) (SiLU, swish). Written as Sigmoid and Mul, which onnxruntime joins where nothing else asks for
 * σ(x). The gradient σ + y·(1 − σ) makes σ(x) again: the engine merges it with the forward one.
 */
export const silu = pointwise(
  'silu',
  (emit, x) => emit.node('Mul', [x, ...emit.node('Sigmoid', [x])]),
  (x) => x / (1 + Math.exp(-x)),
  (x, y, dy) => {
    const s = sigmoid(x);
    return mul(dy, add(s, mul(y, sub(x.graph.constant(1), s))));
  },
);

/**
 * x · Φ(x) = x/2 · (1 + erf(x/√2)), Φ the normal distribution function: Hendrycks and Gimpel, "Gaussian
 * error linear units", 2016; the exact form, torch's default. dy/dx = Φ(x) + x·e^(−x²/2)/√(2π).
 */
export const gelu = pointwise(
  'gelu',
  'Gelu',
  (x) => (x / 2) * (1 + erfReference(x / Math.SQRT2)),
  (x, _y, dy) => {
    const u = mul(x, Math.SQRT1_2);
    const density = mul(mul(exp(mul(mul(u, u), -1)), u), 1 / Math.sqrt(Math.PI));
    return mul(dy, add(add(mul(erf(u), 0.5), 0.5), density));
  },
);

/** log(1 + eˣ); x itself above 20, as torch.nn.Softplus. */
export const softplus = pointwise(
  'softplus',
  emitSoftplus,
  softplusReference,
  (x, _y, dy) => mul(dy, sigmoid(x)),
  2,
);
