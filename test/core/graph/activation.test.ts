import { describe, expect, it } from 'vitest';
import {
  clamp,
  evaluateReference,
  Graph,
  gelu,
  gradients,
  leakyRelu,
  logSoftmax,
  maximum,
  mul,
  reduceMax,
  reduceSum,
  relu,
  silu,
  softmax,
  softplus,
  type Tensor,
} from '../../../src/core/graph/index.ts';
import { relativeError, runOnnx } from '../../helpers/graph.ts';

/** y and dL/dx of L = Σ weights · y, from the CPU engine and from the float64 reference. */
async function both(
  inputs: readonly (readonly number[])[],
  build: (inputs: readonly Tensor[]) => Tensor,
  weights?: readonly number[],
) {
  const graph = new Graph();
  const tensors = inputs.map((values, n) => graph.input(`x${n}`, [values.length]));
  const y = build(tensors);
  const loss = reduceSum(weights === undefined ? y : mul(y, graph.constant(weights, y.shape)));
  const derived = gradients(loss, tensors);
  const feeds = new Map(inputs.map((values, n) => [`x${n}`, Float32Array.from(values)]));
  const names = ['y', ...derived.map((_, n) => `g${n}`)];
  const outputs = Object.fromEntries([y, ...derived].map((tensor, n) => [names[n]!, tensor]));
  const onnx = await runOnnx(outputs, feeds);
  const reference = evaluateReference([y, ...derived], feeds);
  return {
    onnx: names.map((name) => [...onnx.get(name)!]),
    reference: reference.map(({ data }) => [...data]),
  };
}

/** Values computed with PyTorch 1.13 in float64 at these points. */
const POINTS = [-30, -15, -3, -0.5, 0, 0.5, 3, 19, 21, 100];
const TORCH: readonly { name: string; build: (x: Tensor) => Tensor; values: readonly number[] }[] = [
  {
    name: 'softplus',
    build: softplus,
    values: [
      9.357622968839737e-14,
      3.059022737137205e-7,
      0.04858735157374206,
      0.4740769841801067,
      Math.LN2,
      0.9740769841801067,
      3.048587351573742,
      19.000000005602796,
      21,
      100,
    ],
  },
  {
    name: 'gelu',
    build: gelu,
    values: [
      0, 0, -0.00404969409489031, -0.15426876936299344, 0, 0.34573123063700656, 2.99595030590511, 19, 21, 100,
    ],
  },
  {
    name: 'silu',
    build: silu,
    values: [
      -2.8072868906517896e-12, -4.5885334038843705e-6, -0.14227761953270035, -0.1887703343990727, 0,
      0.3112296656009273, 2.8577223804672998, 18.999999893546867, 20.99999998407662, 100,
    ],
  },
];

describe('activations', () => {
  for (const { name, build, values } of TORCH) {
    it(`${name} has PyTorch's values, far from 0 too`, async () => {
      const { onnx, reference } = await both([POINTS], ([x]) => build(x!));
      values.forEach((value, n) => {
        expect(reference[0]![n]).toBeCloseTo(value, 12);
        // onnxruntime's sigmoid ends at ±18: that of −30 is 1.5e-8, and 30 times that in SiLU.
        expect(Math.abs(onnx[0]![n]! - value)).toBeLessThan(1e-6 * Math.max(1, Math.abs(value)));
      });
    });
  }

  it('softplus keeps the digits of small values', async () => {
    const points = [-20, -15, -12, -8, -5, -2, 0, 1, 4, 10, 16, 19.9];
    const { onnx } = await both([points], ([x]) => softplus(x!));
    points.forEach((x, n) => {
      const value = Math.log1p(Math.exp(x));
      expect(Math.abs(onnx[0]![n]! / value - 1), `softplus(${x})`).toBeLessThan(5e-7);
    });
  });

  it('softplus neither overflows nor loses its gradient', async () => {
    const { onnx } = await both([[-200, -110, 88, 200, 3e38]], ([x]) => softplus(x!));
    expect(onnx).toEqual([
      [0, 0, 88, 200, Math.fround(3e38)],
      [0, 0, 1, 1, 1].map((value) => expect.closeTo(value, 6)),
    ]);
  });

  it('softmax and logSoftmax stay finite where exponentials overflow', async () => {
    for (const axis of [0, 1]) {
      const graph = new Graph();
      const x = graph.input('x', [2, 2]);
      const outputs = { y: softmax(x, axis), z: logSoftmax(x, axis) };
      const onnx = await runOnnx(outputs, new Map([['x', [1000, 1000, 1000, 1000]]]));
      expect([...onnx.get('y')!]).toEqual([0.5, 0.5, 0.5, 0.5]);
      expect(relativeError(onnx.get('z')!, new Array(4).fill(-Math.LN2))).toBeLessThan(1e-6);
    }
  });
});

describe('gradients at kinks, as PyTorch has them', () => {
  it('relu and leakyRelu at 0', async () => {
    expect((await both([[0, -0, 1]], ([x]) => relu(x!))).onnx[1]).toEqual([0, 0, 1]);
    const leaky = (await both([[0, -1, 1]], ([x]) => leakyRelu(x!, 0.125))).onnx[1]!;
    expect(leaky).toEqual([0.125, 0.125, 1]);
  });

  it('maximum: half each on ties', async () => {
    const { onnx } = await both(
      [
        [1, 2, 2, -1],
        [1, 3, 0, -1],
      ],
      ([a, b]) => maximum(a!, b!),
      [1, 2, 3, 4],
    );
    expect(onnx.slice(1)).toEqual([
      [0.5, 0, 3, 2],
      [0.5, 2, 0, 2],
    ]);
  });

  it('clamp: bounds are inside', async () => {
    const { onnx } = await both([[-1, -0.5, 0, 0.5, 1]], ([x]) => clamp(x!, { low: -0.5, high: 0.5 }));
    expect(onnx).toEqual([
      [-0.5, -0.5, 0, 0.5, 0.5],
      [0, 1, 1, 1, 0],
    ]);
  });

  it('reduceMax: shared equally on ties', async () => {
    const { onnx } = await both([[1, 3, 3, 2]], ([x]) => reduceMax(x!));
    expect(onnx[1]).toEqual([0, 0.5, 0.5, 0]);
  });
});

describe('shape rules', () => {
  const graph = new Graph();
  const x = graph.input('x', [2, 3]);

  it('refuse what does not fit', () => {
    expect(() => softmax(x, 2)).toThrow(/no axis 2/);
    expect(() => maximum(x, graph.input('y', [2]))).toThrow(/do not broadcast/);
    expect(() => clamp(x, { low: 1, high: 0 })).toThrow(/nothing lies between 1 and 0/);
    expect(() => relu(graph.integers([1, 2]))).toThrow(/input 0 is int64, not float32/);
  });
});
