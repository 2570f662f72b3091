import { l1Loss, mseLoss } from '../../../../src/core/graph/index.ts';
import type { OperatorCase } from './operatorCase.ts';

export const lossCases: readonly OperatorCase[] = [
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
];
