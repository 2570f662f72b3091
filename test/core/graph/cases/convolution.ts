import { conv2d } from '../../../../src/core/graph/index.ts';
import type { OperatorCase } from './operatorCase.ts';

export const convolutionCases: readonly OperatorCase[] = [
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
