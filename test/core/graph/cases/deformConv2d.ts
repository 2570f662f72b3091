import { deformConv2d, type Tensor } from '../../../../src/core/graph/index.ts';
import type { Random } from '../../../../src/core/random.ts';
import type { OperatorCase } from './operatorCase.ts';

/** Offsets away from whole pixels, where the bilinear surface has kinks; the others normal. */
const awayFromPixels = (reach: number) => (random: Random, input: number) =>
  input === 1 ? random.integer(2 * reach) - reach + random.between(0.1, 0.9) : random.normal();

const build =
  (options: Parameters<typeof deformConv2d>[4]) =>
  ([x, offset, mask, w, bias]: readonly Tensor[]) =>
    deformConv2d(x!, offset!, mask!, w!, { ...options, bias });

export const deformConv2dCases: readonly OperatorCase[] = [
  {
    name: 'deformConv2d 3×3 that keeps the size',
    shapes: [
      [
        [1, 2, 5, 5],
        [1, 18, 5, 5],
        [1, 9, 5, 5],
        [3, 2, 3, 3],
      ],
      [
        [2, 3, 4, 7],
        [2, 18, 4, 7],
        [2, 9, 4, 7],
        [2, 3, 3, 3],
      ],
      [
        [1, 1, 6, 3],
        [1, 18, 6, 3],
        [1, 9, 6, 3],
        [1, 1, 3, 3],
      ],
      [
        [1, 3, 1, 1],
        [1, 18, 1, 1],
        [1, 9, 1, 1],
        [2, 3, 3, 3],
      ],
    ],
    build: build({ padding: 1 }),
    values: awayFromPixels(2),
  },
  {
    name: 'deformConv2d with stride, dilation, uneven padding and a bias',
    shapes: [
      [[1, 2, 7, 6], [1, 12, 4, 4], [1, 6, 4, 4], [3, 2, 2, 3], [3]],
      [[2, 1, 5, 9], [2, 8, 3, 6], [2, 4, 3, 6], [2, 1, 2, 2], [2]],
      [[1, 2, 4, 5], [1, 6, 3, 3], [1, 3, 3, 3], [1, 2, 1, 3], [1]],
    ],
    build: build({ stride: 2, dilation: 2, padding: [1, 2, 1, 3] }),
    values: awayFromPixels(2),
  },
  {
    name: 'deformConv2d whose samples leave the image',
    shapes: [
      [
        [1, 1, 3, 4],
        [1, 18, 3, 4],
        [1, 9, 3, 4],
        [2, 1, 3, 3],
      ],
      [
        [2, 2, 5, 3],
        [2, 18, 5, 3],
        [2, 9, 5, 3],
        [1, 2, 3, 3],
      ],
      [
        [1, 3, 2, 4],
        [1, 18, 2, 4],
        [1, 9, 2, 4],
        [2, 3, 3, 3],
      ],
    ],
    build: build({ padding: 1 }),
    values: awayFromPixels(5),
  },
  {
    name: 'deformConv2d with one output position or one tap',
    shapes: [
      [
        [1, 2, 3, 5],
        [1, 30, 1, 1],
        [1, 15, 1, 1],
        [2, 2, 3, 5],
      ],
      [
        [2, 3, 5, 4],
        [2, 2, 5, 4],
        [2, 1, 5, 4],
        [3, 3, 1, 1],
      ],
      [
        [1, 1, 1, 7],
        [1, 6, 1, 5],
        [1, 3, 1, 5],
        [1, 1, 1, 3],
      ],
    ],
    build: build({}),
    values: awayFromPixels(1),
  },
];
