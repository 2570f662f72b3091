import { describe, expect, it } from 'vitest';
import {
  abs,
  add,
  concat,
  conv2d,
  div,
  expand,
  flip,
  Graph,
  insertZeros,
  l1Loss,
  mean,
  mseLoss,
  mul,
  pad,
  reduceSum,
  relu,
  reshape,
  slice,
  sqrt,
  sub,
  type Tensor,
  transpose,
} from '../../../src/core/graph/index.ts';
import type { Random } from '../../../src/core/random.ts';
import { checkOperator } from '../../helpers/graph.ts';

type Shapes = readonly (readonly number[])[];

/** Away from 0, where |x|, relu and 1/x have kinks or poles. */
const awayFromZero = (random: Random) => (random.integer(2) === 0 ? -1 : 1) * random.between(0.2, 2);
const positive = (random: Random) => random.between(0.2, 2);

interface Case {
  readonly name: string;
  readonly shapes: readonly Shapes[];
  readonly build: (inputs: readonly Tensor[]) => Tensor;
  readonly values?: (random: Random) => number;
}

const pairs: readonly Shapes[] = [
  [
    [3, 5],
    [3, 5],
  ],
  [
    [2, 3, 4],
    [3, 1],
  ],
  [
    [1, 7],
    [5, 1],
  ],
];
const singles: readonly Shapes[] = [[[7]], [[3, 5]], [[2, 1, 3, 5]]];

const cases: readonly Case[] = [
  { name: 'add', shapes: pairs, build: ([a, b]) => add(a!, b!) },
  { name: 'sub', shapes: pairs, build: ([a, b]) => sub(a!, b!) },
  { name: 'mul', shapes: pairs, build: ([a, b]) => mul(a!, b!) },
  { name: 'mul by itself', shapes: singles, build: ([a]) => mul(a!, a!) },
  { name: 'div', shapes: pairs, build: ([a, b]) => div(a!, b!), values: awayFromZero },
  { name: 'relu', shapes: singles, build: ([a]) => relu(a!), values: awayFromZero },
  { name: 'abs', shapes: singles, build: ([a]) => abs(a!), values: awayFromZero },
  { name: 'sqrt', shapes: singles, build: ([a]) => sqrt(a!), values: positive },
  { name: 'reduceSum of the last axis', shapes: singles, build: ([a]) => reduceSum(a!, [-1]) },
  { name: 'reduceSum of all axes', shapes: singles, build: ([a]) => mul(reduceSum(a!), a!) },
  { name: 'mean', shapes: singles, build: ([a]) => mean(a!) },
  {
    name: 'expand',
    shapes: [[[1]], [[3, 1]], [[5, 1, 7]]],
    build: ([a]) => expand(a!, [2, ...a!.shape.map((size) => (size === 1 ? 3 : size))]),
  },
  {
    name: 'reshape',
    shapes: singles,
    build: ([a]) => mul(reshape(a!, [a!.shape.reduce((x, y) => x * y, 1)]), 2),
  },
  {
    name: 'transpose',
    shapes: [[[3, 5]], [[2, 3, 4]], [[2, 3, 5, 7]]],
    build: ([a]) =>
      transpose(
        a!,
        a!.shape.map((_, n) => (n + 1) % a!.shape.length),
      ),
  },
  { name: 'flip', shapes: singles, build: ([a]) => flip(a!, [a!.shape.length - 1]) },
  {
    name: 'pad and crop',
    shapes: [[[5]], [[4, 5]], [[3, 4, 5]]],
    build: ([a]) =>
      pad(
        a!,
        a!.shape.map((_, n) => (n === 0 ? -1 : 2)),
        a!.shape.map((_, n) => 1 - n),
      ),
  },
  {
    name: 'slice with a step',
    shapes: [[[7]], [[6, 5]], [[5, 8, 2]]],
    build: ([a]) =>
      slice(
        a!,
        a!.shape.map((_, n) => (n === 0 ? 1 : 0)),
        a!.shape.map((_, n) => (n === 0 ? 2 : 1)),
        a!.shape.map((_, n) => (n === 0 ? 3 : 1)),
      ),
  },
  {
    name: 'insertZeros',
    shapes: [[[3]], [[3, 4]], [[1, 2, 5]]],
    build: ([a]) => insertZeros(a!, a!.shape.length - 1, 3),
  },
  {
    name: 'concat',
    shapes: [
      [
        [2, 3],
        [2, 3],
      ],
      [
        [1, 1, 5, 7],
        [1, 2, 5, 7],
      ],
      [
        [3, 4, 2],
        [3, 1, 2],
        [3, 5, 2],
      ],
    ],
    build: (inputs) => concat(inputs as [Tensor, ...Tensor[]], 1),
  },
  {
    name: 'l1Loss',
    shapes: [
      [[3], [3]],
      [
        [2, 5],
        [2, 5],
      ],
      [
        [1, 1, 5, 7],
        [1, 1, 5, 7],
      ],
    ],
    build: ([a, b]) => l1Loss(a!, b!),
  },
  {
    name: 'mseLoss',
    shapes: [
      [[3], [3]],
      [
        [2, 5],
        [2, 5],
      ],
      [
        [1, 1, 5, 7],
        [1, 1, 5, 7],
      ],
    ],
    build: ([a, b]) => mseLoss(a!, b!),
  },
  {
    name: 'conv2d that keeps the size, with bias',
    shapes: [
      [[1, 1, 5, 5], [2, 1, 3, 3], [2]],
      [[2, 2, 7, 4], [3, 2, 5, 5], [3]],
      [[2, 3, 4, 9], [1, 3, 1, 3], [1]],
    ],
    build: ([x, w, b]) => conv2d(x!, w!, { bias: b!, padding: [Math.floor(w!.shape[2]! / 2), 1, 1, 1] }),
  },
  {
    name: 'conv2d without padding',
    shapes: [
      [
        [1, 2, 5, 7],
        [3, 2, 3, 3],
      ],
      [
        [2, 1, 4, 4],
        [1, 1, 4, 4],
      ],
      [
        [3, 2, 3, 6],
        [2, 2, 1, 1],
      ],
    ],
    build: ([x, w]) => conv2d(x!, w!),
  },
  {
    name: 'conv2d with stride',
    shapes: [
      [
        [1, 2, 7, 7],
        [3, 2, 3, 3],
      ],
      [
        [2, 2, 8, 6],
        [2, 2, 3, 2],
      ],
      [
        [1, 1, 9, 10],
        [1, 1, 2, 5],
      ],
    ],
    build: ([x, w]) => conv2d(x!, w!, { stride: 2, padding: 1 }),
  },
  {
    name: 'conv2d with stride 3 and dilation 2',
    shapes: [
      [
        [1, 2, 11, 9],
        [2, 2, 3, 3],
      ],
      [
        [2, 1, 10, 14],
        [2, 1, 2, 3],
      ],
      [
        [1, 3, 7, 12],
        [1, 3, 1, 2],
      ],
    ],
    build: ([x, w]) => conv2d(x!, w!, { stride: 3, dilation: 2, padding: [1, 2, 0, 1] }),
  },
  {
    name: 'conv2d with more padding than the kernel reaches over',
    shapes: [
      [
        [1, 1, 3, 4],
        [2, 1, 1, 1],
      ],
      [
        [2, 2, 4, 3],
        [1, 2, 2, 2],
      ],
      [
        [1, 2, 5, 5],
        [2, 2, 3, 1],
      ],
    ],
    build: ([x, w]) => conv2d(x!, w!, { padding: 3 }),
  },
];

describe('operators: ONNX form against the float64 reference, gradient against finite differences', () => {
  for (const { name, shapes, build, values } of cases) {
    it(name, async () => {
      for (const shape of shapes) {
        const errors = await checkOperator(shape, build, values);
        expect(errors.forward, `forward ${JSON.stringify(shape)}`).toBeLessThan(1e-6);
        expect(errors.onnx, `gradient ${JSON.stringify(shape)}`).toBeLessThan(1e-5);
        expect(errors.finiteDifferences, `differences ${JSON.stringify(shape)}`).toBeLessThan(1e-5);
      }
    });
  }

  it('differentiates a gradient again: it is graph like any other', async () => {
    const errors = await checkOperator(
      [
        [1, 2, 5, 6],
        [2, 2, 3, 3],
      ],
      ([x, w]) => {
        const y = conv2d(mul(x!, x!), w!, { padding: 1 });
        return mul(y, conv2d(x!, w!, { padding: 1 }));
      },
    );
    expect(errors.finiteDifferences).toBeLessThan(1e-5);
  });
});

describe('shape rules', () => {
  const graph = new Graph();
  const x = graph.input('x', [1, 2, 8, 6]);

  it('name the operator, the shapes and the place in the network', () => {
    expect(() =>
      graph.scope('srcnn', () => graph.scope('mapping', () => conv2d(x, graph.input('w', [4, 3, 3, 3])))),
    ).toThrow(/conv2d at srcnn\.mapping, given \[1, 2, 8, 6\], \[4, 3, 3, 3\]: x has 2 channels, w takes 3/);
  });

  it('refuse what does not fit', () => {
    const a = graph.input('a', [3, 4]);
    expect(() => add(a, x)).toThrow(/do not broadcast/);
    expect(() => reshape(a, [5])).toThrow(/do not fill/);
    expect(() => transpose(a, [0, 0])).toThrow(/permutation/);
    expect(() => slice(a, [0, 2], [3, 3])).toThrow(/leaves the tensor/);
    expect(() => concat([a, graph.input('b', [2, 5])], 1)).toThrow(/differ outside axis 1/);
    expect(() => reduceSum(a, [2])).toThrow(/no axis 2/);
    expect(() => conv2d(x, graph.input('large', [1, 2, 9, 9]))).toThrow(/larger than the padded image/);
    expect(() => conv2d(x, graph.input('ok', [1, 2, 3, 3]), { bias: graph.input('bias', [2]) })).toThrow(
      /bias needs 1/,
    );
    expect(() => graph.input('x', [1])).toThrow(/made twice/);
    expect(() => graph.input('empty', [0])).toThrow(/sizes above 0/);
    expect(() => add(a, new Graph().input('a', [3, 4]))).toThrow(/another graph/);
  });
});
