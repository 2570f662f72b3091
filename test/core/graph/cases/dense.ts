import { linear, matmul, mul, transpose } from '../../../../src/core/graph/index.ts';
import type { OperatorCase } from './operatorCase.ts';

export const denseCases: readonly OperatorCase[] = [
  {
    name: 'matmul',
    shapes: [
      [
        [3, 5],
        [5, 2],
      ],
      [
        [2, 4, 3],
        [2, 3, 7],
      ],
      [
        [3, 2, 1, 5],
        [3, 2, 5, 4],
      ],
    ],
    build: ([a, b]) => matmul(a!, b!),
  },
  {
    name: 'matmul that broadcasts the batch',
    shapes: [
      [
        [3, 4, 5],
        [5, 2],
      ],
      [
        [4, 5],
        [2, 3, 5, 1],
      ],
      [
        [2, 1, 3, 5],
        [1, 4, 5, 2],
      ],
      [
        [2, 3, 2, 4],
        [3, 4, 5],
      ],
    ],
    build: ([a, b]) => matmul(a!, b!),
  },
  {
    name: 'matmul of a matrix by its transpose',
    shapes: [[[3, 5]], [[2, 4, 3]], [[2, 3, 1, 7]]],
    build: ([a]) => {
      const axes = a!.shape.map((_, axis) => axis);
      return matmul(a!, transpose(a!, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]));
    },
  },
  {
    name: 'linear with bias',
    shapes: [
      [[3, 5], [2, 5], [2]],
      [[2, 7, 3], [4, 3], [4]],
      [[2, 3, 2, 5], [1, 5], [1]],
    ],
    build: ([x, w, b]) => linear(x!, w!, b!),
  },
  {
    name: 'linear without bias',
    shapes: [
      [[5], [3, 5]],
      [
        [3, 4],
        [4, 4],
      ],
      [
        [2, 3, 7],
        [5, 7],
      ],
    ],
    build: ([x, w]) => mul(linear(x!, w!), 2),
  },
];
