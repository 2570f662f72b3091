import { batchNorm, layerNorm, ONES, ZEROS } from '../../../../src/core/graph/index.ts';
import { type OperatorCase, positive } from './operatorCase.ts';

export const normCases: readonly OperatorCase[] = [
  {
    name: 'layerNorm',
    shapes: [
      [[3, 5], [5], [5]],
      [[2, 7, 4], [4], [4]],
      [[2, 3, 2, 6], [6], [6]],
    ],
    build: ([x, gamma, beta]) => layerNorm(x!, gamma!, beta!),
  },
  {
    name: 'layerNorm with a large epsilon',
    shapes: [
      [[3], [3], [3]],
      [[4, 5], [5], [5]],
      [[1, 2, 9], [9], [9]],
    ],
    build: ([x, gamma, beta]) => layerNorm(x!, gamma!, beta!, { epsilon: 0.5 }),
  },
  {
    name: 'batchNorm by running statistics',
    shapes: [
      [[1, 2, 3, 3], [2], [2], [2], [2]],
      [[2, 3, 5, 2], [3], [3], [3], [3]],
      [[3, 1, 1, 4], [1], [1], [1], [1]],
    ],
    build: ([x, gamma, beta, mean, variance]) =>
      batchNorm(x!, { gamma: gamma!, beta: beta!, mean: mean!, variance: variance! }),
    values: (random, input) => (input === 4 ? positive(random) : random.normal()),
  },
  {
    name: 'batchNorm by the statistics of the batch',
    shapes: [
      [[1, 2, 3, 3], [2], [2]],
      [[2, 3, 5, 2], [3], [3]],
      [[3, 1, 1, 4], [1], [1]],
    ],
    training: true,
    build: ([x, gamma, beta]) => {
      const { graph } = x!;
      const channels = gamma!.shape;
      const mean = graph.buffer('mean', channels, ZEROS);
      const variance = graph.buffer('variance', channels, ONES);
      return batchNorm(x!, { gamma: gamma!, beta: beta!, mean, variance });
    },
  },
];
