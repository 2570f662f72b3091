import { exp, negate, selectiveScan, softplus, type Tensor } from '../../../../src/core/graph/index.ts';
import type { OperatorCase, Shapes } from './operatorCase.ts';

/** x, Δ before its softplus, log −A, B, C and D of L tokens, B sequences, K directions, D channels and N states. */
function scanOf(tokens: number, batch: number, directions: number, channels: number, states: number): Shapes {
  const sequence = (last: number) => [tokens, batch, directions, last];
  return [
    sequence(channels),
    sequence(channels),
    [directions, states, channels],
    sequence(states),
    sequence(states),
    [directions, channels],
  ];
}

function build([x, z, logA, b, c, d]: readonly Tensor[]): Tensor {
  return selectiveScan({ x: x!, delta: softplus(z!), a: negate(exp(logA!)), b: b!, c: c!, d });
}

export const selectiveScanCases: readonly OperatorCase[] = [
  {
    name: 'selectiveScan',
    shapes: [scanOf(6, 1, 4, 3, 2), scanOf(15, 2, 1, 5, 4), scanOf(4, 3, 2, 1, 3), scanOf(1, 1, 1, 2, 1)],
    build,
  },
  {
    // 11 and 13 tokens have no divisor near their root: the last chunk is filled up.
    name: 'selectiveScan of a prime number of tokens',
    shapes: [scanOf(11, 1, 2, 3, 2), scanOf(13, 2, 1, 2, 3), scanOf(7, 1, 1, 4, 1)],
    build,
  },
  {
    name: 'selectiveScan without a skip connection',
    shapes: [scanOf(5, 2, 2, 2, 2), scanOf(9, 1, 1, 3, 1), scanOf(2, 1, 4, 2, 5)].map((shapes) =>
      shapes.slice(0, 5),
    ),
    build,
  },
];
