import { describe, expect, it } from 'vitest';
import {
  chunk,
  evaluateReference,
  fold,
  Graph,
  gradients,
  mul,
  pixelShuffle,
  pixelUnshuffle,
  reduceSum,
  resize,
  roll,
  type Shape,
  split,
  stack,
  type Tensor,
  unfold,
  windowMerge,
  windowPartition,
} from '../../../src/core/graph/index.ts';
import { runOnnx } from '../../helpers/graph.ts';

/** Values of f(x) from the CPU engine, after the float64 reference gave the same. */
async function valuesOf(shape: Shape, data: readonly number[], build: (x: Tensor) => Tensor) {
  const x = new Graph().input('x', shape);
  const y = build(x);
  const feeds = new Map([['x', data]]);
  const [reference] = evaluateReference([y], feeds);
  const onnx = (await runOnnx({ y }, feeds)).get('y')!;
  for (const [n, value] of reference!.data.entries()) expect(onnx[n]).toBeCloseTo(value, 5);
  return [...reference!.data];
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 10));

/** Expected numbers: PyTorch 1.13 in float64 on the same inputs. */
describe('rearranging, in the order PyTorch has', () => {
  it('pixelShuffle and pixelUnshuffle', async () => {
    const shuffled = [0, 4, 1, 5, 8, 12, 9, 13, 2, 6, 3, 7, 10, 14, 11, 15];
    expect(await valuesOf([1, 4, 2, 2], numbers(16), (x) => pixelShuffle(x, 2))).toEqual(shuffled);
    expect(await valuesOf([1, 1, 4, 4], shuffled, (x) => pixelUnshuffle(x, 2))).toEqual(numbers(16));
  });

  it('unfold and fold: index = channel · taps + tap', async () => {
    const sliding = { kernel: [2, 2], padding: 1, stride: 2 } as const;
    expect(await valuesOf([1, 2, 2, 3], numbers(12), (x) => unfold(x, sliding))).toEqual([
      0, 0, 0, 4, 0, 0, 3, 5, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 10, 0, 0, 9, 11, 0, 7, 0, 0, 6, 8, 0, 0,
    ]);
    expect(await valuesOf([1, 8, 4], numbers(32), (x) => fold(x, [2, 2], sliding))).toEqual([
      12, 9, 6, 3, 28, 25, 22, 19,
    ]);
  });

  it('roll, and what a whole turn leaves', async () => {
    expect(await valuesOf([2, 3], numbers(6), (x) => roll(x, [1, -1], [0, 1]))).toEqual([4, 5, 3, 1, 2, 0]);
    expect(await valuesOf([2, 3], numbers(6), (x) => roll(x, [5, 3], [0, 1]))).toEqual([3, 4, 5, 0, 1, 2]);
    const x = new Graph().input('x', [4]);
    expect(roll(x, [3, 1], [0, -1])).toBe(x);
  });

  it('windows, row by row', async () => {
    const windows = await valuesOf([1, 2, 4, 1], numbers(8), (x) => windowPartition(x, [2, 2]));
    expect(windows).toEqual([0, 1, 4, 5, 2, 3, 6, 7]);
    expect(await valuesOf([2, 2, 2, 1], windows, (x) => windowMerge(x, [2, 4]))).toEqual(numbers(8));
  });

  it('stack', async () => {
    expect(await valuesOf([3], [1, 2, 3], (x) => stack([x, mul(x, 2)], 1))).toEqual([1, 2, 2, 4, 3, 6]);
  });
});

describe('resizing, as torch.nn.functional.interpolate with align_corners false', () => {
  const image = [1, 2, 4, 3, 0, 5];
  const cases = [
    { filter: 'bilinear', size: [1, 2], values: [1.75, 3.625] },
    { filter: 'bicubic', size: [1, 2], values: [1.650390625, 3.671875] },
    { filter: 'bilinear', size: [3, 5], values: [1, 1.4, 2, 3.2, 4, 2, 1.6, 1, 3.1, 4.5, 3, 1.8, 0, 3, 5] },
    {
      filter: 'bicubic',
      size: [3, 5],
      values: [
        0.6970555555555558, 1.223861111111109, 2.173611111111111, 3.3352361111111097, 4.080194444444446,
        2.095999999999999, 1.3599999999999977, 1, 3.069999999999998, 4.836000000000002, 3.4949444444444433,
        1.4961388888888865, -0.1736111111111116, 2.804763888888887, 5.59180555555556,
      ],
    },
    {
      filter: 'bilinear',
      size: [4, 6],
      values: [
        1, 1.25, 1.75, 2.5, 3.5, 4, 1.5, 1.5, 1.5, 2.1875, 3.5625, 4.25, 2.5, 2, 1, 1.5625, 3.6875, 4.75, 3,
        2.25, 0.75, 1.25, 3.75, 5,
      ],
    },
    {
      filter: 'bicubic',
      size: [4, 6],
      values: [
        0.63909912109375, 1.0520172119140625, 1.7112274169921875, 2.742340087890625, 3.563079833984375,
        4.0720977783203125, 1.4432373046875, 1.380157470703125, 1.243011474609375, 2.16387939453125,
        3.62274169921875, 4.509185791015625, 2.7677001953125, 1.920623779296875, 0.471832275390625,
        1.21112060546875, 3.72100830078125, 5.229095458984375, 3.57183837890625, 2.2487640380859375,
        0.0036163330078125, 0.632659912109375, 3.780670166015625, 5.6661834716796875,
      ],
    },
  ] as const;
  for (const { filter, size, values } of cases) {
    it(`${filter} to ${size.join(' × ')}`, async () => {
      expect(await valuesOf([1, 1, 2, 3], image, (x) => resize(x, size, filter))).toEqual(close(values));
    });
  }

  const derivatives = {
    bilinear: [4.9, 9.9, 12.7, 20.9, 27.9, 28.7],
    bicubic: [
      3.2638611111111073, 8.003999999999989, 11.891861111111103, 22.4641388888889, 28.284, 31.09213888888889,
    ],
  } as const;
  for (const filter of ['bilinear', 'bicubic'] as const) {
    it(`${filter}: the gradient of Σ n · yₙ`, async () => {
      const gradient = (x: Tensor) => {
        const y = resize(x, [3, 5], filter);
        return gradients(reduceSum(mul(y, x.graph.constant(numbers(15), y.shape))), [x])[0]!;
      };
      expect(await valuesOf([1, 1, 2, 3], image, gradient)).toEqual(close(derivatives[filter]));
    });
  }
});

describe('shape rules', () => {
  const graph = new Graph();
  const x = graph.input('x', [1, 6, 4, 9]);

  it('refuse what does not fit', () => {
    expect(() => pixelShuffle(x, 2)).toThrow(/pixelShuffle, given \[1, 6, 4, 9\]: 2 does not fit/);
    expect(() => pixelUnshuffle(x, 2)).toThrow(/pixelUnshuffle, given \[1, 6, 4, 9\]: 2 does not fit/);
    expect(() => pixelShuffle(graph.input('flat', [4]), 2)).toThrow(/given \[4\]: it takes \[N, C, H, W\]/);
    expect(() => windowPartition(x, [4, 4])).toThrow(/windows of 4 × 4 do not fill/);
    expect(() => windowMerge(x, [5, 5])).toThrow(/do not make maps of 5 × 5/);
    expect(() => split(x, [2, 3], 1)).toThrow(
      /split, given \[1, 6, 4, 9\]: parts \[2, 3\] do not fill axis 1/,
    );
    expect(() => chunk(x, 4, 1)).toThrow(/axis 1 has no 4 equal parts/);
    expect(() => roll(x, [1], [0, 1])).toThrow(/\[1\] are not whole shifts of 2 axes/);
    expect(() => resize(x, [0, 5], 'bilinear')).toThrow(/nothing can be resized to \[0, 5\]/);
    expect(() => resize(graph.input('row', [3, 4]), [5, 5], 'bicubic')).toThrow(/it takes \[N, C, H, W\]/);
    expect(() => unfold(x, { kernel: [5, 3] })).toThrow(/larger than the padded image/);
    expect(() => unfold(x, { kernel: [3, 3], stride: 0 })).toThrow(/strides and dilations start at 1/);
    expect(() => fold(graph.input('c', [1, 18, 7]), [2, 4], { kernel: [3, 3], padding: 1 })).toThrow(
      /it takes \[N, C·9, 8\]/,
    );
  });
});
