import {
  chunk,
  concat,
  expand,
  flip,
  fold,
  insertZeros,
  mul,
  pad,
  pixelShuffle,
  pixelUnshuffle,
  reshape,
  resize,
  roll,
  slice,
  split,
  stack,
  type Tensor,
  transpose,
  unfold,
  upsample,
  windowMerge,
  windowPartition,
} from '../../../../src/core/graph/index.ts';
import { type OperatorCase, singles } from './operatorCase.ts';

export const shapeCases: readonly OperatorCase[] = [
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
    name: 'stack',
    shapes: [
      [[5], [5]],
      [
        [2, 3],
        [2, 3],
        [2, 3],
      ],
      [
        [1, 2, 5, 3],
        [1, 2, 5, 3],
      ],
    ],
    build: (inputs) => stack(inputs as [Tensor, ...Tensor[]], 1),
  },
  {
    name: 'split into more parts than a shader of WebGPU has outputs for',
    shapes: [[[24, 2]], [[24, 5]], [[24, 1, 3]]],
    build: ([a]) =>
      concat([...split(a!, new Array<number>(12).fill(2), 0)].reverse() as [Tensor, ...Tensor[]], 0),
  },
  {
    name: 'split, with a part that is not used',
    shapes: [[[6, 2]], [[6, 5]], [[6, 1, 3]]],
    build: ([a]) => {
      const [first, , last] = split(a!, [1, 3, 2], 0);
      return mul(first!, last!);
    },
  },
  {
    name: 'chunk',
    shapes: [[[6]], [[2, 9]], [[2, 3, 1, 3]]],
    build: ([a]) => {
      const [first, second, third] = chunk(a!, 3, -1);
      return mul(mul(first!, second!), third!);
    },
  },
  {
    name: 'roll along two axes',
    shapes: [[[5, 3]], [[2, 4, 3]], [[1, 5, 7, 2]]],
    build: ([a]) => roll(a!, [2, -1], [-2, -1]),
  },
  {
    name: 'pixelShuffle by 2',
    shapes: [[[1, 4, 2, 3]], [[2, 8, 3, 1]], [[3, 4, 1, 5]]],
    build: ([a]) => pixelShuffle(a!, 2),
  },
  {
    name: 'pixelShuffle by 3',
    shapes: [[[1, 9, 2, 3]], [[2, 9, 3, 1]], [[1, 18, 1, 2]]],
    build: ([a]) => pixelShuffle(a!, 3),
  },
  {
    name: 'pixelUnshuffle by 2',
    shapes: [[[1, 1, 4, 6]], [[2, 3, 2, 4]], [[3, 2, 6, 2]]],
    build: ([a]) => pixelUnshuffle(a!, 2),
  },
  {
    name: 'windowPartition',
    shapes: [[[1, 4, 6, 3]], [[2, 2, 9, 1]], [[3, 6, 3, 2]]],
    build: ([a]) => windowPartition(a!, [2, 3]),
  },
  {
    name: 'windowMerge',
    shapes: [[[4, 2, 3, 1]], [[8, 2, 3, 2]], [[12, 2, 3, 3]]],
    build: ([a]) => windowMerge(a!, [4, 6]),
  },
  {
    name: 'bilinear upsampling by 2',
    shapes: [[[1, 1, 3, 4]], [[2, 3, 2, 5]], [[1, 2, 1, 3]]],
    build: ([a]) => upsample(a!, 2, 'bilinear'),
  },
  {
    name: 'bicubic upsampling by 3',
    shapes: [[[1, 1, 3, 4]], [[2, 3, 2, 5]], [[1, 2, 1, 3]]],
    build: ([a]) => upsample(a!, 3, 'bicubic'),
  },
  {
    name: 'bilinear resizing to a size',
    shapes: [[[1, 1, 3, 4]], [[2, 3, 7, 5]], [[1, 2, 1, 9]]],
    build: ([a]) => resize(a!, [5, 4], 'bilinear'),
  },
  {
    name: 'bicubic resizing to a size',
    shapes: [[[1, 1, 3, 4]], [[2, 3, 7, 5]], [[1, 2, 1, 9]]],
    build: ([a]) => resize(a!, [5, 4], 'bicubic'),
  },
  {
    name: 'unfold 3×3',
    shapes: [[[1, 1, 3, 4]], [[2, 3, 5, 2]], [[1, 2, 1, 1]]],
    build: ([a]) => unfold(a!, { kernel: [3, 3], padding: 1 }),
  },
  {
    name: 'unfold with stride and dilation',
    shapes: [[[1, 1, 6, 7]], [[2, 3, 5, 9]], [[1, 2, 8, 5]]],
    build: ([a]) => unfold(a!, { kernel: [2, 3], stride: 2, dilation: 2, padding: 1 }),
  },
  {
    name: 'fold 3×3',
    shapes: [[[1, 9, 6]], [[2, 18, 6]], [[3, 9, 6]]],
    build: ([a]) => fold(a!, [3, 2], { kernel: [3, 3], padding: 1 }),
  },
  {
    name: 'fold with stride and dilation',
    shapes: [[[1, 6, 9]], [[2, 12, 9]], [[1, 18, 9]]],
    build: ([a]) => fold(a!, [6, 7], { kernel: [2, 3], stride: 2, dilation: 2, padding: 1 }),
  },
];
