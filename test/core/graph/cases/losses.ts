import {
  binaryCrossEntropyLoss,
  contrastiveEdgeLoss,
  crossEntropyLoss,
  diceLoss,
  l1Loss,
  mseLoss,
  sigmoid,
  softmax,
  ssimLoss,
  type Tensor,
} from '../../../../src/core/graph/index.ts';
import { type OperatorCase, positive } from './operatorCase.ts';

/** Pairs of maps of one shape. */
const maps = [
  [
    [1, 1, 5, 7],
    [1, 1, 5, 7],
  ],
  [
    [2, 3, 4, 3],
    [2, 3, 4, 3],
  ],
  [
    [3, 2, 1, 6],
    [3, 2, 1, 6],
  ],
] as const;

/** 0, 1 and 2 in turn for each pixel of logits [N, 3, ...pixels]. */
function classesOf(logits: Tensor): Tensor {
  const shape = [logits.shape[0]!, ...logits.shape.slice(2)];
  const length = shape.reduce((a, b) => a * b, 1);
  return logits.graph.constant(
    Float32Array.from({ length }, (_, n) => (n * 7) % 3),
    shape,
  );
}

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
  {
    name: 'contrastiveEdgeLoss, mean of the kernels',
    shapes: maps,
    build: ([a, b]) => contrastiveEdgeLoss(a!, b!),
  },
  {
    name: 'contrastiveEdgeLoss, sum of the kernels',
    shapes: maps,
    build: ([a, b]) => contrastiveEdgeLoss(a!, b!, 'sum'),
  },
  { name: 'diceLoss, binary', shapes: maps, build: ([z, g]) => diceLoss(sigmoid(z!), sigmoid(g!)) },
  {
    name: 'diceLoss of classes, little smoothing',
    shapes: maps,
    build: ([z, g]) => diceLoss(softmax(z!, 1), softmax(g!, 1), 0.01),
  },
  {
    name: 'crossEntropyLoss of class numbers',
    shapes: [[[4, 3]], [[1, 3, 5, 7]], [[2, 3, 4, 3]]],
    build: ([z]) => crossEntropyLoss(z!, classesOf(z!)),
  },
  {
    name: 'crossEntropyLoss of probabilities',
    shapes: maps,
    build: ([z, t]) => crossEntropyLoss(z!, softmax(t!, 1)),
  },
  {
    name: 'binaryCrossEntropyLoss',
    shapes: maps,
    build: ([z, t]) => binaryCrossEntropyLoss(z!, sigmoid(t!)),
  },
  {
    name: 'ssimLoss',
    shapes: [
      [
        [1, 1, 7, 9],
        [1, 1, 7, 9],
      ],
      [
        [2, 1, 8, 7],
        [2, 1, 8, 7],
      ],
      [
        [1, 2, 9, 10],
        [1, 2, 9, 10],
      ],
    ],
    build: ([a, b]) => ssimLoss(a!, b!, 2),
    values: positive,
  },
];
