import { applyOne } from '../graph.ts';
import { type NdArray, ndarray } from '../ndarray.ts';
import type { GradientCall, Operator } from '../operator.ts';
import { elementCount, float32, type Shape, ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { add, div, mul, sub } from './arithmetic.ts';
import { checkChannels } from './norm.ts';
import { sqrt } from './pointwise.ts';
import { expand, reduceSum } from './reduce.ts';
import { reshape } from './shapes.ts';

/**
 * Batch normalisation: Ioffe and Szegedy, "Batch normalization: accelerating deep network training by
 * reducing internal covariate shift", ICML 2015, algorithms 1 and 2. x [N, C, H, W] and, of each channel,
 * γ, β, the mean and the variance, [C].
 */

interface BatchNorm {
  readonly epsilon: number;
}

/**
 * By the statistics of the batch: y = (x − μ)/√(σ² + ε)·γ + β, μ and σ², with the mean and the variance (over
 * M = N·H·W, not M − 1) of each channel.
 */
const BATCH_NORM: Operator<BatchNorm> = {
  name: 'batchNorm',
  infer: ([x, gamma, beta]) => {
    checkImages(x!.shape);
    if (elementCount(x!.shape) === x!.shape[1]) throw new ShapeError('one value a channel has no variance');
    checkChannels(x!.shape[1]!, gamma, beta);
    const channels = float32([x!.shape[1]!]);
    return [x!, channels, channels];
  },
  onnx: (emit, [x, gamma, beta], { epsilon }, { inputs }) => {
    const { shape } = inputs[0]!;
    const axes = emit.int64([0, 2, 3]);
    const count = emit.scalar(elementCount(shape) / shape[1]!);
    const flat = emit.int64([shape[1]!]);
    const [mean] = emit.node('ReduceMean', [x!, axes], { keepdims: { int: 1 } });
    const [centred] = emit.node('Sub', [x!, mean!]);
    const [squares] = emit.node('ReduceSumSquare', [centred!, axes], { keepdims: { int: 0 } });
    const [variance] = emit.node('Div', [squares!, count]);
    const [flatMean] = emit.node('Reshape', [mean!, flat]);
    const [y] = emit.node('BatchNormalization', [x!, gamma!, beta!, flatMean!, variance!], {
      epsilon: { float: epsilon },
    });
    return [y!, flatMean!, variance!];
  },
  gradient: batchNormGradient,
  reference: ([x, gamma, beta], { epsilon }) => {
    const [mean, variance] = statistics(x!);
    return [normalise([x!, gamma!, beta!, mean, variance], epsilon), mean, variance];
  },
};

/**
 * With r = 1/√(σ² + ε) and M values a channel: dβ = Σ dy, dγ = r·Σ dy·(x − μ),
 * dx = γ·r·(dy − dβ/M − (x − μ)·r·dγ/M).
 */
function batchNormGradient({
  inputs,
  outputs,
  attributes,
  outputGradients,
  needed,
}: GradientCall<BatchNorm>) {
  const [x, gamma] = inputs as [Tensor, Tensor];
  const [, mean, variance] = outputs as [Tensor, Tensor, Tensor];
  const [dy, dMean, dVariance] = outputGradients;
  const count = elementCount(x.shape) / x.shape[1]!;
  const inverse = inverseDeviation(variance, attributes.epsilon);
  const centred = sub(x, channelwise(mean));
  const terms: Tensor[] = [];
  let sum: Tensor | undefined;
  let dGamma: Tensor | undefined;
  if (dy !== undefined) {
    sum = channelSum(dy);
    dGamma = mul(inverse, channelSum(mul(dy, centred)));
    const scale = mul(gamma, inverse);
    // The factors are made a channel each, so that four passes over the images are left.
    const along = mul(mul(mul(scale, inverse), dGamma), 1 / count);
    const offset = mul(mul(scale, sum), 1 / count);
    const scaled = mul(dy, channelwise(scale));
    terms.push(sub(sub(scaled, mul(centred, channelwise(along))), channelwise(offset)));
  }
  if (dMean !== undefined) terms.push(channelwise(mul(dMean, 1 / count)));
  if (dVariance !== undefined) terms.push(mul(centred, channelwise(mul(dVariance, 2 / count))));
  return [needed[0] && terms.length > 0 ? expand(terms.reduce(add), x.shape) : undefined, dGamma, sum];
}

/** By given statistics: inputs x, γ, β, mean and variance. */
const FROZEN_BATCH_NORM: Operator<BatchNorm> = {
  name: 'frozenBatchNorm',
  infer: ([x, ...others]) => {
    checkImages(x!.shape);
    checkChannels(x!.shape[1]!, ...others);
    return [x!];
  },
  onnx: (emit, inputs, { epsilon }) =>
    emit.node('BatchNormalization', inputs, { epsilon: { float: epsilon } }),
  gradient: ({ inputs, attributes: { epsilon }, outputGradients: [dy], needed }) => {
    const [x, gamma, , mean, variance] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor];
    if (dy === undefined) return [];
    const inverse = inverseDeviation(variance, epsilon);
    const scale = mul(gamma, inverse);
    const sum = channelSum(dy);
    const product = needed[1] || needed[4] ? channelSum(mul(dy, sub(x, channelwise(mean)))) : undefined;
    return [
      needed[0] ? mul(dy, channelwise(scale)) : undefined,
      product && mul(inverse, product),
      sum,
      needed[3] ? mul(mul(scale, sum), -1) : undefined,
      // d(1/√(σ² + ε))/dσ² = −½ (σ² + ε)^(−3/2)
      needed[4] && product ? mul(mul(mul(scale, mul(inverse, inverse)), product), -0.5) : undefined,
    ];
  },
  reference: (inputs, { epsilon }) => [normalise(inputs, epsilon)],
};

export interface BatchNormParameters {
  readonly gamma: Tensor;
  readonly beta: Tensor;
  /** Buffers: running statistics. */
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/**
 * Batch normalisation of x [N, C, H, W], each parameter [C] (torch.nn.BatchNorm2d, with its ε and momentum).
 * In a graph that trains it goes by the statistics of the batch, and the running ones move towards them:
 * mean ← (1 − m)·mean + m·μ, variance ← (1 − m)·variance + m·σ²·M/(M − 1), with m the momentum. Elsewhere, and
 * where its parameters are frozen, it goes by the running ones.
 */
export function batchNorm(
  x: Tensor,
  { gamma, beta, mean, variance }: BatchNormParameters,
  { epsilon = 1e-5, momentum = 0.1 }: { readonly epsilon?: number; readonly momentum?: number } = {},
): Tensor {
  const { graph } = x;
  const attributes = { epsilon: Math.fround(epsilon) };
  if (!graph.training || graph.isFrozen(gamma))
    return applyOne(FROZEN_BATCH_NORM, [x, gamma, beta, mean, variance], attributes);
  const [y, batchMean, batchVariance] = graph.apply(BATCH_NORM, [x, gamma, beta], attributes);
  const count = elementCount(x.shape) / x.shape[1]!;
  const moved = (from: Tensor, to: Tensor, unbiased: number) =>
    add(mul(from, 1 - momentum), mul(to, momentum * unbiased));
  graph.update(mean, moved(mean, batchMean!, 1));
  graph.update(variance, moved(variance, batchVariance!, count / (count - 1)));
  return y!;
}

function checkImages(shape: Shape): void {
  if (shape.length !== 4) throw new ShapeError('it takes x [N, C, H, W]');
}

/** 1/√(σ² + ε) [C]. */
function inverseDeviation(variance: Tensor, epsilon: number): Tensor {
  return div(variance.graph.constant(1), sqrt(add(variance, epsilon)));
}

/** [C] as [C, 1, 1]. */
function channelwise(x: Tensor): Tensor {
  return reshape(x, [x.shape[0]!, 1, 1]);
}

/** Sums of the channels of [N, C, H, W]: [C]. */
function channelSum(x: Tensor): Tensor {
  return reshape(reduceSum(x, [0, 2, 3]), [x.shape[1]!]);
}

function normalise(inputs: readonly NdArray[], epsilon: number): NdArray {
  const [x, gamma, beta, mean, variance] = inputs.map(({ data }) => data) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const { shape } = inputs[0]!;
  const pixels = shape[2]! * shape[3]!;
  return ndarray(
    shape,
    x.map((value, n) => {
      const c = Math.floor(n / pixels) % shape[1]!;
      return ((value - mean[c]!) / Math.sqrt(variance[c]! + epsilon)) * gamma[c]! + beta[c]!;
    }),
  );
}

function statistics({ shape, data }: NdArray): [mean: NdArray, variance: NdArray] {
  const channels = shape[1]!;
  const pixels = shape[2]! * shape[3]!;
  const mean = ndarray([channels]);
  const variance = ndarray([channels]);
  for (let c = 0; c < channels; c++) {
    const values = data.filter((_, n) => Math.floor(n / pixels) % channels === c);
    const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
    mean.data[c] = centre;
    variance.data[c] = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length;
  }
  return [mean, variance];
}
