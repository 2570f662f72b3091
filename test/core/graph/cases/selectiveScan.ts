import { exp, mul, negate, selectiveScan, type Tensor } from '../../../../src/core/graph/index.ts';
import { gatherSum } from '../../../../src/core/graph/operators/selectiveScan/gatherSum.ts';
import { ss2d } from '../../../../src/core/networks/blocks/ss2d.ts';
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

/** A map and the weights of its scan, as VMamba stores them. */
function mapOf(
  batch: number,
  rows: number,
  columns: number,
  channels: number,
  states: number,
  rank: number,
): Shapes {
  return [
    [batch, rows, columns, channels],
    [4, rank + 2 * states, channels],
    [4, channels, rank],
    [4, channels],
    [4 * channels, states],
    [4 * channels],
  ];
}

function build([x, z, logA, b, c, d]: readonly Tensor[]): Tensor {
  return selectiveScan({ x: x!, z: z!, a: negate(exp(logA!)), b: b!, c: c!, d });
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
  ...[false, true].map(
    (quadrants): OperatorCase => ({
      name: quadrants ? 'ss2d by quadrants' : 'ss2d',
      shapes: [mapOf(1, 3, 4, 2, 2, 1), mapOf(2, 5, 2, 3, 1, 2), mapOf(1, 4, 5, 1, 3, 1)],
      build: ([x, xProj, dtProj, dtBias, aLogs, ds]) =>
        ss2d(
          x!,
          { xProj: xProj!, dtProj: dtProj!, dtBias: dtBias!, aLogs: aLogs!, ds: ds! },
          { stateSize: aLogs!.shape[1]!, dtRank: dtProj!.shape[2]!, quadrants },
        ),
    }),
  ),
  {
    name: 'gatherSum that leaves rows out and fills some with zeros',
    shapes: [[[4, 3]], [[4, 1]], [[4, 8]]],
    build: ([x]) => {
      const { graph } = x!;
      // Row 0 goes to 1 and 3, row 1 to 0, row 2 nowhere, row 3 to 3.
      const table = {
        rows: graph.integers([1, -1, 0, -1, -1, -1, 0, 3], [4, 2]),
        inverse: graph.integers([1, 3, 0, -1, -1, -1, 3, -1], [4, 2]),
        padded: { rows: true, inverse: true },
      };
      return gatherSum(mul(x!, x!), table);
    },
  },
];
