import { describe, expect, it } from 'vitest';
import {
  averagePool2d,
  batchNorm,
  conv2d,
  conv3dSingle,
  convTranspose2d,
  evaluateReference,
  Graph,
  type GraphDevice,
  globalMaxPool,
  gradients,
  layerNorm,
  linear,
  matmul,
  maxPool2d,
  mul,
  ONES,
  reduceSum,
  type Tensor,
  toOnnx,
  ZEROS,
} from '../../../src/core/graph/index.ts';
import { readOnnx } from '../../../src/core/graph/onnx/readOnnx.ts';
import { createRandom } from '../../../src/core/random.ts';
import { checkOperator, relativeError, runOnnx } from '../../helpers/graph.ts';

function operatorsOf(y: Tensor, device: GraphDevice): ReadonlyMap<string, number> {
  return readOnnx(toOnnx({ name: 'test', outputs: { y }, parameters: 'inputs', device })).operators;
}

describe('batch norm', () => {
  // Channel 0 has 1, 2, 3, 4: mean 5/2, variance over 4 of 5/4, over 3 of 5/3. Channel 1 is ten times that.
  const values = [1, 2, 10, 20, 3, 4, 30, 40];

  function normalised(training: boolean) {
    const graph = new Graph({ training });
    const x = graph.input('x', [2, 2, 1, 2]);
    const gamma = graph.parameter('gamma', [2], ONES);
    const beta = graph.parameter('beta', [2], ZEROS);
    const mean = graph.buffer('mean', [2], ZEROS);
    const variance = graph.buffer('variance', [2], ONES);
    const y = batchNorm(x, { gamma, beta, mean, variance });
    const feeds = new Map([
      ['x', values],
      ['gamma', [1, 2]],
      ['beta', [0, 5]],
      ['mean', [1, 2]],
      ['variance', [4, 8]],
    ]);
    return { graph, y, feeds };
  }

  it('moves the running statistics by a tenth towards those of the batch, the variance unbiased', async () => {
    const { graph, feeds } = normalised(true);
    const updates = { nextMean: graph.updates.get('mean')!, nextVariance: graph.updates.get('variance')! };
    const [mean, variance] = evaluateReference([updates.nextMean, updates.nextVariance], feeds);
    const expectedMean = [0.9 * 1 + 0.1 * 2.5, 0.9 * 2 + 0.1 * 25];
    const expectedVariance = [0.9 * 4 + 0.1 * (5 / 3), 0.9 * 8 + 0.1 * (500 / 3)];
    expect(relativeError(mean!.data, expectedMean)).toBeLessThan(1e-7);
    expect(relativeError(variance!.data, expectedVariance)).toBeLessThan(1e-7);
    const onnx = await runOnnx(updates, feeds);
    expect(relativeError(onnx.get('nextMean')!, expectedMean)).toBeLessThan(1e-6);
    expect(relativeError(onnx.get('nextVariance')!, expectedVariance)).toBeLessThan(1e-6);
  });

  it('goes by the batch while it trains, by the running statistics elsewhere', () => {
    const byBatch = normalised(true);
    const [trained] = evaluateReference([byBatch.y], byBatch.feeds);
    expect(trained!.data[0]).toBeCloseTo(-1.5 / Math.sqrt(1.25), 4);
    expect(trained!.data[7]).toBeCloseTo(5 + (2 * 15) / Math.sqrt(125), 4);
    const frozen = normalised(false);
    const [applied] = evaluateReference([frozen.y], frozen.feeds);
    expect(applied!.data[0]).toBeCloseTo((1 - 1) / Math.sqrt(4), 4);
    expect(applied!.data[7]).toBeCloseTo(5 + (2 * (40 - 2)) / Math.sqrt(8), 4);
    expect([...frozen.graph.updates]).toEqual([]);
  });
});

describe('pooling where pixels tie', () => {
  const gradientOf = (shape: readonly number[], x: readonly number[], pool: (x: Tensor) => Tensor) => {
    const graph = new Graph();
    const input = graph.input('x', shape);
    const [gradient] = gradients(reduceSum(pool(input)), [input]);
    return Array.from(evaluateReference([gradient!], new Map([['x', x]]))[0]!.data, (value) => value + 0);
  };

  it('shares the gradient among the largest of a window', () => {
    const share = gradientOf([1, 1, 2, 4], [1, 3, 0, 0, 3, 2, 0, 0], (x) => maxPool2d(x, 2));
    expect(share).toEqual([0, 0.5, 0.25, 0.25, 0.5, 0, 0.25, 0.25]);
    expect(gradientOf([1, 1, 1, 4], [2, 1, 2, 0], globalMaxPool)).toEqual([0.5, 0, 0.5, 0]);
  });

  it('gives nothing to the zeros around the image, nor to what no window reaches', () => {
    const around = gradientOf([1, 1, 2, 2], [0, 0, 0, 0], (x) => maxPool2d(x, 2, { stride: 2, padding: 1 }));
    expect(around).toEqual([1, 1, 1, 1]);
    const beyond = gradientOf([1, 1, 3, 3], [1, 2, 9, 3, 4, 9, 9, 9, 9], (x) => maxPool2d(x, 2));
    expect(beyond).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0]);
  });
});

describe('the forms of a convolution', () => {
  const graph = new Graph();
  const convolve = (name: string, x: readonly number[], w: readonly number[]) =>
    conv2d(graph.input(`${name}.x`, x), graph.input(`${name}.w`, w), { padding: 1 });

  it('to few channels it is ConvTranspose on the CPU, elsewhere Conv', () => {
    const few = convolve('few', [1, 32, 8, 8], [1, 32, 3, 3]);
    expect(operatorsOf(few, 'cpu').get('ConvTranspose')).toBe(1);
    expect(operatorsOf(few, 'cpu').has('Conv')).toBe(false);
    expect(operatorsOf(few, 'webgpu').has('ConvTranspose')).toBe(false);
    const many = convolve('many', [1, 32, 8, 8], [32, 32, 3, 3]);
    expect(operatorsOf(many, 'cpu').has('ConvTranspose')).toBe(false);
  });

  it('a depthwise gradient makes nothing larger than a few copies of the image', () => {
    const x = graph.input('wide', [1, 24, 20, 20]);
    const w = graph.input('depthwise', [24, 1, 3, 3]);
    const y = conv2d(x, w, { padding: 1, groups: 24 });
    const derived = gradients(reduceSum(mul(y, y)), [x, w]);
    const largest = new Map<Tensor, number>();
    const visit = (tensor: Tensor) => {
      if (largest.has(tensor)) return;
      largest.set(
        tensor,
        tensor.shape.reduce((a, b) => a * b, 1),
      );
      if (tensor.origin.kind === 'node') tensor.origin.node.inputs.forEach(visit);
    };
    derived.forEach(visit);
    expect(Math.max(...largest.values())).toBeLessThanOrEqual(3 * 24 * 20 * 20);
  });
});

describe('gradients of fused gradients', () => {
  const twice = async (
    shapes: readonly (readonly number[])[],
    build: (inputs: readonly Tensor[]) => Tensor,
    training = false,
  ) => {
    const options = { training, values: (random: ReturnType<typeof createRandom>) => random.normal() };
    const errors = await checkOperator(
      shapes,
      (inputs) => {
        const y = build(inputs);
        const first = gradients(reduceSum(mul(y, mul(y, y))), [inputs[0]!])[0]!;
        return mul(first, first);
      },
      options,
    );
    expect(errors.finiteDifferences).toBeLessThan(1e-5);
    expect(errors.onnx).toBeLessThan(1e-4);
  };

  it('layer norm', () => twice([[3, 5], [5], [5]], ([x, gamma, beta]) => layerNorm(x!, gamma!, beta!)));

  it('batch norm by the batch', () =>
    twice(
      [[2, 2, 3, 2], [2], [2]],
      ([x, gamma, beta]) => {
        const buffer = (name: string) => x!.graph.buffer(name, [2], ZEROS);
        return batchNorm(x!, {
          gamma: gamma!,
          beta: beta!,
          mean: buffer('mean'),
          variance: buffer('variance'),
        });
      },
      true,
    ));

  it('transposed convolution with stride', () =>
    twice(
      [
        [1, 2, 3, 2],
        [2, 2, 3, 3],
      ],
      ([x, w]) => convTranspose2d(x!, w!, { stride: 2 }),
    ));

  it('3-D convolution of one channel', () =>
    twice(
      [
        [1, 3, 3, 4],
        [3, 3, 3],
      ],
      ([x, w]) => conv3dSingle(x!, w!),
    ));
});

it('layer norm keeps its digits where the mean is far from 0', async () => {
  const graph = new Graph();
  const y = layerNorm(graph.input('x', [2, 64]), graph.input('gamma', [64]), graph.input('beta', [64]));
  const random = createRandom(1);
  const feeds = new Map([
    ['x', Float32Array.from({ length: 128 }, () => 100 + random.normal())],
    ['gamma', new Float32Array(64).fill(1)],
    ['beta', new Float32Array(64)],
  ]);
  const expected = evaluateReference([y], feeds)[0]!.data;
  expect(relativeError((await runOnnx({ y }, feeds)).get('y')!, expected)).toBeLessThan(1e-4);
});

describe('shape rules', () => {
  const graph = new Graph({ training: true });
  let made = 0;
  const tensor = (...shape: number[]) => graph.input(`i${made++}`, shape);

  it('refuse what does not fit', () => {
    expect(() => matmul(tensor(2, 3), tensor(2, 3))).toThrow(/a has 3 columns, b 2 rows/);
    expect(() => matmul(tensor(3), tensor(3, 2))).toThrow(/it takes a \[\.\.\., M, K\]/);
    expect(() => matmul(tensor(2, 3, 4), tensor(3, 4, 5))).toThrow(/do not broadcast/);
    expect(() => linear(tensor(2, 3), tensor(4, 5))).toThrow(/x has 3 channels, w takes 5/);
    expect(() => linear(tensor(2, 3), tensor(4, 3), tensor(3))).toThrow(/the bias needs 4 values/);
    expect(() => linear(tensor(2, 3), tensor(3))).toThrow(/w is \[O, C\]/);
    expect(() => conv2d(tensor(1, 6, 5, 5), tensor(4, 2, 3, 3), { groups: 2 })).toThrow(
      /x has 6 channels, w takes 4/,
    );
    expect(() => conv2d(tensor(1, 6, 5, 5), tensor(4, 2, 3, 3), { groups: 3 })).toThrow(
      /no multiple of 3 groups/,
    );
    expect(() => conv2d(tensor(1, 6, 5, 5), tensor(4, 6, 3, 3), { groups: 0 })).toThrow(/groups start at 1/);
    expect(() => conv2d(tensor(1, 6, 5, 5), tensor(4, 6, 3, 3), { stride: 0 })).toThrow(/start at 1/);
    expect(() => convTranspose2d(tensor(1, 3, 4, 4), tensor(2, 3, 3, 3))).toThrow(
      /x has 3 channels, w takes 2/,
    );
    expect(() =>
      convTranspose2d(tensor(1, 3, 4, 4), tensor(3, 2, 3, 3), { stride: 2, outputPadding: 2 }),
    ).toThrow(/output padding is below the stride of 2/);
    expect(() => conv3dSingle(tensor(1, 4, 4, 4), tensor(3, 2, 3))).toThrow(/of odd sizes/);
    expect(() => conv3dSingle(tensor(1, 4, 4, 4), tensor(3, 3, 3), tensor(2))).toThrow(
      /the bias is one value/,
    );
    expect(() => layerNorm(tensor(4, 6), tensor(6), tensor(4))).toThrow(/every channel needs one value/);
    const four = (x: Tensor, channels: number) => ({
      gamma: tensor(channels),
      beta: tensor(channels),
      mean: x.graph.buffer(`m${made}`, [channels], ZEROS),
      variance: x.graph.buffer(`v${made}`, [channels], ONES),
    });
    const flat = tensor(2, 3);
    expect(() => batchNorm(flat, four(flat, 3))).toThrow(/it takes x \[N, C, H, W\]/);
    const images = tensor(2, 3, 4, 4);
    expect(() => batchNorm(images, four(images, 2))).toThrow(/x has 3 channels/);
    const single = tensor(1, 3, 1, 1);
    expect(() => batchNorm(single, four(single, 3))).toThrow(/no variance/);
    expect(() => maxPool2d(tensor(1, 1, 4, 4), 5)).toThrow(/larger than the padded image/);
    expect(() => averagePool2d(tensor(1, 1, 4, 4), 2, { padding: 2 })).toThrow(/half of the kernel/);
    expect(() => maxPool2d(tensor(1, 4, 4), 2)).toThrow(/it takes x \[N, C, H, W\]/);
  });
});
