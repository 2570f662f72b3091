import {
  concat,
  expand,
  flip,
  insertZeros,
  mul,
  pad,
  reshape,
  slice,
  type Tensor,
  transpose,
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
];
