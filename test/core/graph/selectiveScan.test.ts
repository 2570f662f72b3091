import { describe, expect, it } from 'vitest';
import {
  evaluateReference,
  Graph,
  gradients,
  mul,
  reduceSum,
  selectiveScan,
  type Tensor,
} from '../../../src/core/graph/index.ts';
import { chunkFor } from '../../../src/core/graph/operators/selectiveScan/chunks.ts';
import { scanOrders } from '../../../src/core/graph/operators/selectiveScan/crossScan.ts';
import { gatherSum } from '../../../src/core/graph/operators/selectiveScan/gatherSum.ts';
import { createRandom, type Random } from '../../../src/core/random.ts';
import { relativeError, runOnnx } from '../../helpers/graph.ts';

interface Sizes {
  readonly tokens: number;
  readonly directions: number;
  readonly channels: number;
  readonly states: number;
}

function scanGraph({ tokens, directions, channels, states }: Sizes, training = false) {
  const graph = new Graph({ training });
  const inputs = {
    x: graph.input('x', [tokens, 1, directions, channels]),
    z: graph.input('z', [tokens, 1, directions, channels]),
    a: graph.input('a', [directions, states, channels]),
    b: graph.input('b', [tokens, 1, directions, states]),
    c: graph.input('c', [tokens, 1, directions, states]),
  };
  return { graph, inputs, y: selectiveScan(inputs) };
}

const draws: Readonly<Record<string, (random: Random) => number>> = {
  x: (random) => random.normal(),
  z: (random) => random.between(-7, 1),
  a: (random) => -Math.exp(random.between(0, 2.8)),
  b: (random) => random.normal(),
  c: (random) => random.normal(),
};

function feedsOf(graph: Graph, change: typeof draws = {}): Map<string, Float32Array> {
  const random = createRandom(11);
  return new Map(
    graph.inputs.map(({ origin, shape }) => {
      const name = origin.kind === 'input' ? origin.name : '';
      const draw = change[name] ?? draws[name]!;
      const length = shape.reduce((product, size) => product * size, 1);
      return [name, Float32Array.from({ length }, () => draw(random))];
    }),
  );
}

describe('a long selective scan', () => {
  const sizes = { tokens: 14_400, directions: 2, channels: 2, states: 3 };

  it('stays as exact over 14 400 tokens as over one', async () => {
    const { graph, y } = scanGraph(sizes);
    const feeds = feedsOf(graph);
    const found = (await runOnnx({ y }, feeds)).get('y')!;
    expect(relativeError(found, evaluateReference([y], feeds)[0]!.data)).toBeLessThan(1e-6);
  });

  it('and so does its gradient, which keeps one state in sixty', async () => {
    const { graph, inputs, y } = scanGraph(sizes, true);
    const derived = gradients(reduceSum(mul(y, y)), Object.values(inputs));
    const feeds = feedsOf(graph);
    const expected = evaluateReference(derived, feeds);
    const outputs = Object.fromEntries(derived.map((tensor, n) => [`g${n}`, tensor]));
    const found = await runOnnx(outputs, feeds);
    derived.forEach((_, n) => {
      expect(relativeError(found.get(`g${n}`)!, expected[n]!.data)).toBeLessThan(1e-5);
    });
  });

  it('forgets within one large step, and keeps all over many tiny ones', async () => {
    for (const [step, a] of [
      [60, -16], // exp(−960) is 0 in float32
      [-60, -1e-3], // Δ is 10⁻²⁶
      [1000, -1e4],
    ] as const) {
      const { graph, inputs, y } = scanGraph({ ...sizes, tokens: 120 }, true);
      const derived = gradients(reduceSum(mul(y, y)), Object.values(inputs));
      const feeds = feedsOf(graph, { z: () => step, a: () => a });
      const tensors: Tensor[] = [y, ...derived];
      const expected = evaluateReference(tensors, feeds);
      const found = await runOnnx(Object.fromEntries(tensors.map((t, n) => [`o${n}`, t])), feeds);
      tensors.forEach((_, n) => {
        const values = found.get(`o${n}`)!;
        expect(values.every(Number.isFinite), `output ${n} of step ${step}`).toBe(true);
        // Where Δ is 10⁻²⁶, products of it leave float32 altogether.
        if (step > 0) expect(relativeError(values, expected[n]!.data)).toBeLessThan(1e-5);
      });
    }
  });
});

describe('the way back of a selective scan', () => {
  it('is the same whether the forward scan kept states or they are made when they are asked for', async () => {
    const results = await Promise.all(
      [false, true].map(async (training) => {
        const { graph, inputs, y } = scanGraph(
          { tokens: 30, directions: 4, channels: 3, states: 2 },
          training,
        );
        const derived = gradients(reduceSum(mul(y, y)), Object.values(inputs));
        return runOnnx(Object.fromEntries(derived.map((t, n) => [`g${n}`, t])), feedsOf(graph));
      }),
    );
    expect(results[0]).toEqual(results[1]);
  });

  it('cannot be differentiated again, and says so', () => {
    const { inputs, y } = scanGraph({ tokens: 6, directions: 1, channels: 2, states: 2 });
    const [dx] = gradients(reduceSum(y), [inputs.x]);
    expect(() => gradients(reduceSum(dx!), [inputs.z])).toThrow(
      /selectiveScanGradient is a gradient that cannot be differentiated again/,
    );
  });

  it('cuts a sequence in chunks near half of its root, and fills up what has no such divisor', () => {
    expect(chunkFor(14_400)).toEqual({ chunk: 60, padding: 0 });
    expect(chunkFor(1)).toEqual({ chunk: 1, padding: 0 });
    for (let tokens = 1; tokens < 3000; tokens++) {
      const { chunk, padding } = chunkFor(tokens);
      expect((tokens + padding) % chunk).toBe(0);
      expect(padding).toBeLessThan(chunk);
      expect(chunk).toBeGreaterThanOrEqual(Math.floor(Math.sqrt(tokens) / 4));
      expect(chunk).toBeLessThanOrEqual(Math.ceil(Math.sqrt(tokens)));
    }
  });
});

describe('the orders of a 2-D scan', () => {
  it('are by rows, by columns, and both reversed', () => {
    expect(scanOrders({ batch: 1, rows: 2, columns: 3, quadrants: false })).toEqual([
      [
        [0, 1, 2, 3, 4, 5],
        [0, 3, 1, 4, 2, 5],
        [5, 4, 3, 2, 1, 0],
        [5, 2, 4, 1, 3, 0],
      ],
    ]);
  });

  it('pass over each quadrant on its own, whatever the size', () => {
    const regions = scanOrders({ batch: 1, rows: 3, columns: 5, quadrants: true });
    expect(regions.map(([byRows]) => byRows)).toEqual([
      [0, 1],
      [2, 3, 4],
      [5, 6, 10, 11],
      [7, 8, 9, 12, 13, 14],
    ]);
    // A row that cannot be halved is two regions, not four.
    expect(scanOrders({ batch: 1, rows: 1, columns: 4, quadrants: true })).toHaveLength(2);
  });
});

describe('selective scans refuse', () => {
  const { inputs, graph } = scanGraph({ tokens: 6, directions: 2, channels: 3, states: 2 });

  it('what does not fit, by name', () => {
    const other = (name: string, shape: readonly number[]) => graph.input(name, shape);
    expect(() => selectiveScan({ ...inputs, z: other('z2', [6, 1, 2, 1]) })).toThrow(
      /selectiveScan, given .*Δ needs the shape \[6, 1, 2, 3\]/,
    );
    expect(() => selectiveScan({ ...inputs, a: other('a2', [2, 3, 2]) })).toThrow(
      /A needs the shape \[2, 3, 3\]/,
    );
    expect(() => selectiveScan({ ...inputs, b: other('b2', [6, 1, 2, 3]) })).toThrow(
      /B needs the shape \[6, 1, 2, 2\]/,
    );
    expect(() => selectiveScan({ ...inputs, c: other('c2', [5, 1, 2, 2]) })).toThrow(/C needs the shape/);
  });

  it('tables that belong to another tensor', () => {
    const rows = graph.integers([0, 1, 2], [3, 1]);
    const padded = { rows: false, inverse: false };
    expect(() => gatherSum(graph.input('x3', [4, 2]), { rows, inverse: rows, padded })).toThrow(
      /x has 4 rows, the way back 3/,
    );
  });
});
