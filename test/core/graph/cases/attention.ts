import { argmax, gather, hardAttention, scatterAdd, type Tensor } from '../../../../src/core/graph/index.ts';
import type { OperatorCase } from './operatorCase.ts';

/** Whole numbers as float32, by looking them up in 0, 1, 2, …: what is compared of an argmax. */
function asFloat(indices: Tensor, size: number): Tensor {
  const numbers = indices.graph.constant(
    Float32Array.from({ length: size }, (_, n) => n),
    [size],
  );
  return gather(numbers, indices);
}

export const attentionCases: readonly OperatorCase[] = [
  {
    name: 'argmax of the last axis',
    shapes: [[[7]], [[3, 5]], [[2, 3, 4, 9]]],
    build: ([a]) => asFloat(argmax(a!, -1, { keepDims: true }), a!.shape.at(-1)!),
    differentiable: false,
  },
  {
    name: 'argmax of the first axis',
    shapes: [[[7, 2]], [[3, 5]], [[5, 3, 4]]],
    build: ([a]) => asFloat(argmax(a!, 0), a!.shape[0]!),
    differentiable: false,
  },
  {
    name: 'argmax of channels, kept',
    shapes: [[[1, 7, 2]], [[3, 5, 4]], [[2, 5, 3, 4]]],
    build: ([a]) => asFloat(argmax(a!, 1, { keepDims: true }), a!.shape[1]!),
    differentiable: false,
  },
  {
    name: 'gather rows, some of them twice',
    shapes: [[[4]], [[5, 3]], [[4, 3, 2]]],
    build: ([a]) => gather(a!, a!.graph.integers([3, 0, 3, 1, 3]), 0),
  },
  {
    name: 'gather along a middle axis, by a table',
    shapes: [[[2, 4, 3]], [[1, 5, 2]], [[3, 4, 2, 2]]],
    build: ([a]) => gather(a!, a!.graph.integers([3, 0, 3, 1, 2, 2], [2, 3]), 1),
  },
  {
    name: 'gather where another tensor is largest',
    shapes: [
      [
        [4, 3],
        [3, 2],
      ],
      [
        [7, 5],
        [5, 1],
      ],
      [
        [2, 9],
        [9, 4],
      ],
    ],
    build: ([scores, rows]) => gather(rows!, argmax(scores!, 1, { keepDims: true }), 0),
  },
  {
    name: 'scatterAdd',
    shapes: [[[5, 1]], [[5, 3]], [[5, 4]]],
    build: ([a]) => scatterAdd(a!, a!.graph.integers([3, 0, 3, 1, 3]), 6),
  },
  {
    name: 'hardAttention',
    shapes: [
      [
        [1, 2, 3, 4],
        [1, 2, 3, 4],
        [1, 2, 3, 4],
      ],
      [
        [2, 1, 3, 2],
        [2, 1, 3, 2],
        [2, 3, 3, 2],
      ],
      [
        [1, 3, 2, 5],
        [1, 3, 4, 2],
        [1, 1, 4, 2],
      ],
    ],
    build: ([q, k, v]) => hardAttention(q!, k!, v!),
  },
  {
    name: 'hardAttention, one row of scores at a time',
    shapes: [
      [
        [1, 2, 4, 3],
        [1, 2, 4, 3],
        [1, 2, 4, 3],
      ],
      [
        [2, 1, 3, 2],
        [2, 1, 3, 2],
        [2, 1, 3, 2],
      ],
      [
        [1, 2, 1, 5],
        [1, 2, 1, 5],
        [1, 2, 1, 5],
      ],
      [
        [1, 3, 5, 2],
        [1, 3, 2, 4],
        [1, 1, 2, 4],
      ],
    ],
    build: ([q, k, v]) => hardAttention(q!, k!, v!, { scoreBytes: 1 }),
  },
];
