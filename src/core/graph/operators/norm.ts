import { type NdArray, ndarray } from '../ndarray.ts';
import type { GradientCall, Operator } from '../operator.ts';
import { elementCount, float32, ShapeError, type TensorType } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { add, mul, sub } from './arithmetic.ts';
import { matmul } from './matmul.ts';
import { expand, reduceSum } from './reduce.ts';
import { reshape } from './shapes.ts';

interface LayerNorm {
  readonly epsilon: number;
}

/**
 * Rows x [R, C], γ [C], β [C] → y, μ [R, 1] and r = 1/√(σ² + ε) [R, 1] with y = (x − μ)·r·γ + β, where μ and
 * σ² are the mean and the variance (over C, not C − 1) of a row: Ba, Kiros, Hinton, "Layer normalization",
 * 2016, eq. 3 and 4.
 */
const LAYER_NORM: Operator<LayerNorm> = {
  name: 'layerNorm',
  infer: ([x, gamma, beta]) => {
    const rows = x!.shape[0]!;
    checkChannels(x!.shape[1]!, gamma, beta);
    return [float32(x!.shape), float32([rows, 1]), float32([rows, 1])];
  },
  onnx: (emit, inputs, { epsilon }) =>
    emit.node('LayerNormalization', inputs, { axis: { int: -1 }, epsilon: { float: epsilon } }, 3),
  gradient: layerNormGradient,
  reference: ([x, gamma, beta], { epsilon }) => layerNormReference(x!, gamma!, beta!, epsilon),
};

/**
 * With x̂ = (x − μ)·r and g = γ·dy: dx = r·(g − mean(g) − x̂·mean(g·x̂)) over each row, dγ = Σ dy·x̂ and
 * dβ = Σ dy over the rows. The means over a row and the sums over the rows are matrix products, which read
 * their operand once and write next to nothing.
 */
function layerNormGradient({ inputs, outputs, outputGradients, needed }: GradientCall<LayerNorm>) {
  const [x, gamma, beta] = inputs as [Tensor, Tensor, Tensor];
  const [, mean, inverse] = outputs as [Tensor, Tensor, Tensor];
  const [dy, dMean, dInverse] = outputGradients;
  const [rows, channels] = x.shape as [number, number];
  const centred = sub(x, mean);
  const terms: Tensor[] = [];
  const scale = reshape(mul(gamma, 1 / channels), [channels, 1]);
  const product = dy && mul(dy, centred);
  if (dy !== undefined && product !== undefined && needed[0]) {
    const meanG = matmul(dy, scale); // mean(g) [R, 1]
    const meanGx = matmul(product, scale); // mean(g·(x − μ)) [R, 1]
    const along = mul(mul(inverse, inverse), meanGx);
    terms.push(mul(sub(sub(mul(dy, gamma), meanG), mul(centred, along)), inverse));
  }
  // dμ/dx = 1/C and dr/dx = −r³·(x − μ)/C.
  if (dMean !== undefined) terms.push(mul(dMean, 1 / channels));
  if (dInverse !== undefined) {
    const cubed = mul(mul(inverse, inverse), inverse);
    terms.push(mul(centred, mul(mul(dInverse, cubed), -1 / channels)));
  }
  const row = reshape(inverse, [1, rows]);
  return [
    needed[0] && terms.length > 0 ? expand(terms.reduce(add), x.shape) : undefined,
    needed[1] && product ? reshape(matmul(row, product), gamma.shape) : undefined,
    needed[2] && dy ? reshape(reduceSum(dy, [0]), beta.shape) : undefined,
  ];
}

/**
 * Layer normalisation over the last axis: x [..., C], γ and β [C] (torch.nn.functional.layer_norm; ε 1e-5 as
 * there).
 */
export function layerNorm(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  { epsilon = 1e-5 }: { readonly epsilon?: number } = {},
): Tensor {
  const channels = x.shape.at(-1) ?? 1;
  const rows = reshape(x, [elementCount(x.shape) / channels, channels]);
  const [y] = x.graph.apply(LAYER_NORM, [rows, gamma, beta], { epsilon: Math.fround(epsilon) });
  return reshape(y!, x.shape);
}

/** Throws `ShapeError` unless γ and β are [channels]. */
export function checkChannels(channels: number, ...others: readonly (TensorType | undefined)[]): void {
  for (const other of others) {
    if (other!.shape.length !== 1 || other!.shape[0] !== channels) {
      throw new ShapeError(`every channel needs one value: x has ${channels} channels`);
    }
  }
}

function layerNormReference(x: NdArray, gamma: NdArray, beta: NdArray, epsilon: number): NdArray[] {
  const [rows, channels] = x.shape as [number, number];
  const y = ndarray(x.shape);
  const mean = ndarray([rows, 1]);
  const inverse = ndarray([rows, 1]);
  for (let row = 0; row < rows; row++) {
    const values = x.data.subarray(row * channels, (row + 1) * channels);
    const centre = values.reduce((sum, value) => sum + value, 0) / channels;
    const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / channels;
    mean.data[row] = centre;
    inverse.data[row] = 1 / Math.sqrt(variance + epsilon);
    values.forEach((value, c) => {
      y.data[row * channels + c] = (value - centre) * inverse.data[row]! * gamma.data[c]! + beta.data[c]!;
    });
  }
  return [y, mean, inverse];
}
