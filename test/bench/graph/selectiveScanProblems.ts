import {
  Graph,
  gradients,
  mul,
  reduceSum,
  selectiveScan,
  slice,
  type Tensor,
  toOnnx,
} from '../../../src/core/graph/index.ts';
import { chunkFor } from '../../../src/core/graph/operators/selectiveScan/chunks.ts';
import { selectiveScanGradient } from '../../../src/core/graph/operators/selectiveScan/selectiveScanGradient.ts';
import { ss2d, ss2dWeights } from '../../../src/core/networks/blocks/ss2d.ts';
import type { Measured } from '../measure.ts';
import { type DrawInput, ready } from './yardstick.ts';

const SIDE = 120;
const TOKENS = SIDE * SIDE;
const CHANNELS = 192;
const DIRECTIONS = 4;
const OPTIONS = { stateSize: 16, dtRank: 6 };

/** What is measured of the selective scan. */
export const SCAN_PROBLEMS = {
  recurrence: 'selective scan 4 × 14400 tokens × 192 × 16: sequences ready made',
  recurrenceGradient: 'its gradient alone',
  ss2d: 'ss2d 120×120×192, N 16: projections, orders, scan, merge',
  quadrants: 'the same by quadrants',
  ss2dTraining: 'ss2d 120×120×192: forward and gradient of input and weights',
} as const;
export type ScanProblem = keyof typeof SCAN_PROBLEMS;

const BUILD: Readonly<Record<ScanProblem, (graph: Graph) => readonly Tensor[]>> = {
  recurrence: (graph) => [selectiveScan(sequences(graph))],
  recurrenceGradient: (graph) => {
    const { x, z, a, b, c } = sequences(graph);
    const { chunk } = chunkFor(TOKENS);
    const kept = graph.input('kept', [TOKENS / chunk, 1, DIRECTIONS, OPTIONS.stateSize, CHANNELS]);
    return selectiveScanGradient([x, z, a, b, c], kept, graph.input('dy', x.shape), { chunk });
  },
  ss2d: (graph) => [scanned(graph, false).y],
  quadrants: (graph) => [scanned(graph, true).y],
  ss2dTraining: (graph) => {
    const { x, weights, y } = scanned(graph, false);
    const loss = reduceSum(mul(y, graph.input('dy', y.shape)));
    return gradients(loss, [x, ...Object.values(weights)]);
  },
};

function sequences(graph: Graph) {
  const sequence = (name: string, last: number) => graph.input(name, [TOKENS, 1, DIRECTIONS, last]);
  return {
    x: sequence('x', CHANNELS),
    z: sequence('z', CHANNELS),
    a: graph.input('a', [DIRECTIONS, OPTIONS.stateSize, CHANNELS]),
    b: sequence('b', OPTIONS.stateSize),
    c: sequence('c', OPTIONS.stateSize),
  };
}

function scanned(graph: Graph, quadrants: boolean) {
  const x = graph.input('x', [1, SIDE, SIDE, CHANNELS]);
  const weights = ss2dWeights(graph, CHANNELS, OPTIONS);
  return { x, weights, y: ss2d(x, weights, { ...OPTIONS, quadrants }) };
}

/** Values as in a network that was just made: decays between 1 and 16, steps between 0.001 and 0.1. */
const draw: DrawInput = (random, name) => {
  if (name === 'a') return -1 - random.integer(OPTIONS.stateSize);
  if (name === 'A_logs') return Math.log(1 + random.integer(OPTIONS.stateSize));
  if (name === 'z' || name === 'dt_projs_bias') return random.between(-6.9, -2.3);
  return random.normal(0, 0.1);
};

/** A session of one problem. Results stay inside: of each only the end comes out, as where other layers follow. */
export function scanMeasured(problem: ScanProblem): Promise<Measured> {
  const graph = new Graph({ training: problem === 'ss2dTraining' });
  const ends = BUILD[problem](graph).map((tensor) =>
    slice(
      tensor,
      tensor.shape.map((size) => size - 1),
      tensor.shape.map(() => 1),
    ),
  );
  const outputs = Object.fromEntries(ends.map((end, n) => [`end${n}`, end]));
  return ready(SCAN_PROBLEMS[problem], toOnnx({ name: 'scan', outputs, parameters: 'inputs' }), graph, draw);
}
