import { conv2d, conv3dSingle, convTranspose2d } from '../../../../src/core/graph/index.ts';
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
  {
    name: 'conv2d 1×1',
    shapes: [
      [[1, 5, 4, 3], [2, 5, 1, 1], [2]],
      [[3, 2, 3, 5], [4, 2, 1, 1], [4]],
      [[2, 1, 7, 1], [3, 1, 1, 1], [3]],
    ],
    build: ([x, w, b]) => conv2d(x!, w!, { bias: b! }),
  },
  {
    name: 'conv2d 1×1 in groups',
    shapes: [
      [
        [1, 4, 4, 3],
        [2, 2, 1, 1],
      ],
      [
        [3, 6, 3, 5],
        [9, 2, 1, 1],
      ],
      [
        [2, 3, 7, 2],
        [3, 1, 1, 1],
      ],
    ],
    build: ([x, w]) => conv2d(x!, w!, { groups: x!.shape[1]! / w!.shape[1]! }),
  },
  {
    name: 'conv2d depthwise',
    shapes: [
      [[1, 3, 5, 4], [3, 1, 3, 3], [3]],
      [[2, 4, 6, 7], [4, 1, 3, 3], [4]],
      [[3, 2, 4, 5], [4, 1, 5, 3], [4]],
    ],
    build: ([x, w, b]) => conv2d(x!, w!, { bias: b!, padding: 1, groups: x!.shape[1]! }),
  },
  {
    name: 'conv2d depthwise with dilation and uneven padding',
    shapes: [
      [
        [1, 3, 7, 6],
        [3, 1, 3, 2],
      ],
      [
        [2, 2, 6, 9],
        [6, 1, 2, 3],
      ],
      [
        [1, 4, 5, 5],
        [4, 2, 3, 3],
      ],
    ],
    build: ([x, w]) =>
      conv2d(x!, w!, { dilation: 2, padding: [3, 0, 2, 4], groups: x!.shape[1]! / w!.shape[1]! }),
  },
  {
    name: 'conv2d in groups with stride',
    shapes: [
      [
        [1, 4, 7, 6],
        [6, 2, 3, 3],
      ],
      [
        [2, 6, 5, 8],
        [3, 2, 2, 3],
      ],
      [
        [2, 3, 9, 5],
        [3, 1, 3, 3],
      ],
    ],
    build: ([x, w]) => conv2d(x!, w!, { stride: 2, padding: 1, groups: x!.shape[1]! / w!.shape[1]! }),
  },
  {
    name: 'conv2d in groups of many channels',
    shapes: [
      [
        [1, 12, 4, 5],
        [4, 6, 3, 3],
      ],
      [
        [2, 10, 5, 3],
        [12, 5, 3, 1],
      ],
      [
        [2, 15, 3, 4],
        [3, 5, 2, 2],
      ],
    ],
    build: ([x, w]) => conv2d(x!, w!, { padding: 1, groups: x!.shape[1]! / w!.shape[1]! }),
  },
  {
    name: 'conv2d to few channels',
    shapes: [
      [[1, 8, 5, 4], [2, 8, 3, 2], [2]],
      [[2, 14, 6, 7], [1, 14, 5, 5], [1]],
      [[2, 5, 4, 9], [1, 5, 3, 3], [1]],
    ],
    build: ([x, w, b]) => conv2d(x!, w!, { bias: b!, padding: [0, 1, 2, 1] }),
  },
  {
    name: 'conv2d to few channels with dilation',
    shapes: [
      [
        [1, 8, 7, 6],
        [2, 8, 3, 2],
      ],
      [
        [2, 14, 9, 10],
        [1, 14, 5, 5],
      ],
      [
        [2, 5, 5, 9],
        [1, 5, 3, 3],
      ],
    ],
    build: ([x, w]) => conv2d(x!, w!, { dilation: 2, padding: 2 }),
  },
  {
    name: 'conv2d 2×2 with stride 2',
    shapes: [
      [
        [1, 3, 6, 8],
        [5, 3, 2, 2],
      ],
      [
        [2, 4, 7, 5],
        [2, 4, 2, 2],
      ],
      [
        [3, 1, 4, 10],
        [3, 1, 2, 2],
      ],
    ],
    build: ([x, w]) => conv2d(x!, w!, { stride: 2 }),
  },
  {
    name: 'convTranspose2d with stride, bias and output padding',
    shapes: [
      [[1, 3, 4, 5], [3, 2, 3, 3], [2]],
      [[2, 2, 3, 2], [2, 4, 4, 2], [4]],
      [[3, 1, 5, 3], [1, 1, 2, 5], [1]],
    ],
    build: ([x, w, b]) => convTranspose2d(x!, w!, { bias: b!, stride: 2, padding: 1, outputPadding: 1 }),
  },
  {
    name: 'convTranspose2d without stride',
    shapes: [
      [
        [1, 3, 4, 5],
        [3, 2, 3, 3],
      ],
      [
        [2, 2, 3, 4],
        [2, 3, 2, 1],
      ],
      [
        [1, 4, 5, 3],
        [4, 1, 3, 3],
      ],
    ],
    build: ([x, w]) => convTranspose2d(x!, w!, { padding: w!.shape[3] === 1 ? 0 : 1 }),
  },
  {
    name: 'convTranspose2d in groups, with dilation',
    shapes: [
      [
        [1, 4, 4, 3],
        [4, 1, 3, 3],
      ],
      [
        [2, 2, 3, 5],
        [2, 3, 2, 3],
      ],
      [
        [2, 6, 2, 4],
        [6, 2, 3, 2],
      ],
    ],
    build: ([x, w]) => convTranspose2d(x!, w!, { stride: 3, dilation: 2, groups: 2 }),
  },
  {
    name: 'conv3dSingle',
    shapes: [
      [[1, 4, 5, 3], [3, 3, 3], [1]],
      [[2, 3, 4, 7], [3, 1, 5], [1]],
      [[2, 2, 3, 5], [5, 3, 1], [1]],
    ],
    build: ([x, w, b]) => conv3dSingle(x!, w!, b!),
  },
];
