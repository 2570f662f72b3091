import { describe, expect, it } from 'vitest';
import { nodesBehind } from '../../../src/core/graph/graph.ts';
import {
  argmax,
  evaluateReference,
  fold,
  Graph,
  gather,
  gradients,
  hardAttention,
  mul,
  reduceSum,
  scatterAdd,
  type Tensor,
  unfold,
} from '../../../src/core/graph/index.ts';
import { createRandom } from '../../../src/core/random.ts';
import { relativeError, runOnnx } from '../../helpers/graph.ts';

describe('argmax', () => {
  it('takes the lowest index on ties, at every length and along every axis', async () => {
    for (const length of [1, 2, 5, 16, 17, 64, 257, 1000]) {
      const first = length >> 1;
      // Everything from the middle on is equally large.
      const line = Array.from({ length }, (_, n) => (n < first ? n / length : 5));
      const graph = new Graph();
      const x = graph.input('x', [2, length, 3]);
      const numbers = graph.constant(
        Array.from({ length }, (_, n) => n),
        [length],
      );
      const data = Array.from({ length: 2 * length * 3 }, (_, n) => line[Math.floor(n / 3) % length]!);
      const alongMiddle = gather(numbers, argmax(x, 1));
      const flat = graph.input('flat', [1, length]);
      const alongLast = gather(numbers, argmax(flat, -1, { keepDims: true }));
      const outputs = { middle: alongMiddle, last: alongLast };
      const onnx = await runOnnx(
        outputs,
        new Map([
          ['x', data],
          ['flat', line],
        ]),
      );
      expect([...onnx.get('middle')!, ...onnx.get('last')!], `${length}`).toEqual(new Array(7).fill(first));
    }
  });

  it('gives whole numbers, with or without the axis', () => {
    const x = new Graph().input('x', [2, 3, 4]);
    expect(argmax(x, 1)).toMatchObject({ dataType: 'int64', shape: [2, 4] });
    expect(argmax(x, -1, { keepDims: true })).toMatchObject({ dataType: 'int64', shape: [2, 3, 1] });
    expect(() => argmax(x, 3)).toThrow(/no axis 3/);
  });
});

describe('gather and scatterAdd', () => {
  const graph = new Graph();
  const x = graph.input('x', [3, 2]);

  it('refuse what does not fit', () => {
    expect(() => gather(x, graph.constant([0, 1], [2]))).toThrow(/input 1 is float32, not int64/);
    expect(() => gather(x, graph.integers([0]), 2)).toThrow(/no axis 2/);
    expect(() => scatterAdd(x, graph.integers([0, 1]), 4)).toThrow(/rows \[K, Q\] and K indices/);
  });

  it('an index outside is an error, in both engines', async () => {
    expect(() => gather(x, graph.integers([0, 3]))).toThrow(/gather, .*: axis 0 has no index 3/);
    // What is computed is known only when the graph runs.
    const outside = gather(x, argmax(graph.constant([0, 0, 0, 1], [4]), 0));
    const feeds = new Map([['x', [1, 2, 3, 4, 5, 6]]]);
    expect(() => evaluateReference([outside], feeds)).toThrow(/no index 3/);
    await expect(runOnnx({ outside }, feeds)).rejects.toThrow(/out of data bounds/);
  });

  it('the gradient can be differentiated again', () => {
    const y = gather(mul(x, x), graph.integers([2, 0, 2]));
    const [first] = gradients(reduceSum(mul(y, y)), [x]);
    const [second] = gradients(reduceSum(first!), [x]);
    // L = Σ k x⁴, k = 1, 0, 2 for the rows: 4kx³, then 12kx².
    const feeds = new Map([['x', [1, 2, 3, 4, 5, 6]]]);
    expect([...evaluateReference([first!], feeds)[0]!.data]).toEqual([4, 32, 0, 0, 1000, 1728]);
    expect([...evaluateReference([second!], feeds)[0]!.data]).toEqual([12, 48, 0, 0, 600, 864]);
  });
});

describe('hard attention', () => {
  const random = createRandom(3);
  const draw = (length: number) => Float32Array.from({ length }, () => random.normal());

  /** Unfolded, with all scores at once: the definition in other operators. */
  function plain(q: Tensor, v: Tensor, indices: readonly number[]): Tensor {
    const windows = { kernel: [3, 3], padding: 1 } as const;
    const [, , rows, columns] = q.shape as [number, number, number, number];
    const columnsOf = gather(unfold(v, windows), q.graph.integers(indices), 2);
    return mul(fold(columnsOf, [rows, columns], windows), 1 / 9);
  }

  /** argmax_j K_j·Q_i / (‖K_j‖ ‖Q_i‖) in float64, from the definition. */
  function bestKeys(
    q: Float32Array,
    k: Float32Array,
    channels: number,
    rows: number,
    columns: number,
  ): number[] {
    const value = (x: Float32Array, c: number, i: number, j: number) =>
      i < 0 || j < 0 || i >= rows || j >= columns ? 0 : x[(c * rows + i) * columns + j]!;
    const patchesOf = (x: Float32Array) =>
      Array.from({ length: rows * columns }, (_, at) => {
        const patch: number[] = [];
        for (let c = 0; c < channels; c++) {
          for (let tap = 0; tap < 9; tap++) {
            const row = Math.floor(at / columns) + Math.floor(tap / 3) - 1;
            patch.push(value(x, c, row, (at % columns) + (tap % 3) - 1));
          }
        }
        const norm = Math.max(Math.hypot(...patch), 1e-12);
        return patch.map((one) => one / norm);
      });
    const keys = patchesOf(k);
    return patchesOf(q).map((query) => {
      let best = { at: 0, score: Number.NEGATIVE_INFINITY };
      keys.forEach((key, at) => {
        const score = key.reduce((sum, one, n) => sum + one * query[n]!, 0);
        if (score > best.score) best = { at, score };
      });
      return best.at;
    });
  }

  it('is the plain formula, in several chunks of rows', async () => {
    const [channels, rows, columns] = [5, 20, 13];
    const graph = new Graph();
    const shape = [1, channels, rows, columns];
    const [q, k, v] = ['q', 'k', 'v'].map((name) => graph.input(name, shape)) as [Tensor, Tensor, Tensor];
    const feeds = new Map(['q', 'k', 'v'].map((name) => [name, draw(channels * rows * columns)]));
    const indices = bestKeys(feeds.get('q')!, feeds.get('k')!, channels, rows, columns);
    const expected = plain(q, v, indices);
    const chunked = hardAttention(q, k, v, { scoreBytes: 4 * 7 * columns * (rows + 2) * columns });
    const whole = hardAttention(q, k, v);
    const gradientOf = (y: Tensor) => gradients(reduceSum(mul(y, y)), [v])[0]!;
    const outputs = { expected, whole, chunked };
    const onnx = await runOnnx(
      {
        ...outputs,
        ...Object.fromEntries(Object.entries(outputs).map(([n, y]) => [`d${n}`, gradientOf(y)])),
      },
      feeds,
    );
    for (const name of ['whole', 'chunked']) {
      expect(relativeError(onnx.get(name)!, onnx.get('expected')!), name).toBeLessThan(1e-6);
      expect(relativeError(onnx.get(`d${name}`)!, onnx.get('dexpected')!), name).toBeLessThan(1e-6);
    }
  });

  it('takes the lowest of equal keys, and the first where a query is nothing', async () => {
    const [rows, columns] = [8, 12];
    const graph = new Graph();
    const inputs = ['q', 'k', 'v'].map((name) => graph.input(name, [1, 1, rows, columns]));
    // Keys repeat every four columns, so that all patches off the border are there several times.
    const k = Float32Array.from({ length: rows * columns }, (_, n) => Math.sin(1 + ((n % columns) % 4)));
    const q = k.map((value, n) => (n % columns < 6 ? value : 0));
    const feeds = new Map([
      ['q', q],
      ['k', k],
      ['v', draw(rows * columns)],
    ]);
    const indices = bestKeys(q, k, 1, rows, columns);
    expect(indices[5 * columns + 10]).toBe(0); // a patch of zeros
    expect(indices[3 * columns + 3]).toBe(columns + 3); // the first such row off the border
    const y = hardAttention(inputs[0]!, inputs[1]!, inputs[2]!);
    const outputs = { y, expected: plain(inputs[0]!, inputs[2]!, indices) };
    const onnx = await runOnnx(outputs, feeds);
    expect(relativeError(onnx.get('y')!, onnx.get('expected')!)).toBeLessThan(1e-6);
    const [reference] = evaluateReference([y], feeds);
    expect(relativeError(reference!.data, onnx.get('expected')!)).toBeLessThan(1e-6);
  });

  it('needs no more memory than it is allowed for scores, some four times over', () => {
    const graph = new Graph();
    const [q, k, v] = ['q', 'k', 'v'].map((name) => graph.input(name, [1, 8, 128, 128])) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const workspace = (y: Tensor) =>
      Math.max(...nodesBehind([y]).map(({ workspaceBytes }) => workspaceBytes)) / 2 ** 20;
    const whole = workspace(hardAttention(q, k, v, { scoreBytes: 2 ** 40 }));
    const usual = workspace(hardAttention(q, k, v));
    const little = workspace(hardAttention(q, k, v, { scoreBytes: 16 * 2 ** 20 }));
    expect(usual).toBeLessThan(4 * 64);
    expect(little).toBeLessThan(usual / 2);
    // All scores at once would be 1 GiB; not even then is it more than some rows.
    expect(whole).toBeLessThan(512);
  });

  it('nothing flows back to queries and keys', () => {
    const graph = new Graph();
    const [q, k, v] = ['q', 'k', 'v'].map((name) => graph.input(name, [1, 2, 3, 4])) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const derived = gradients(reduceSum(hardAttention(q, k, v)), [q, k]);
    const feeds = new Map(['q', 'k', 'v'].map((name) => [name, draw(24)]));
    for (const { data } of evaluateReference(derived, feeds)) expect(data.every((x) => x === 0)).toBe(true);
  });

  it('refuses maps that do not fit', () => {
    const graph = new Graph();
    const map = (name: string, ...shape: number[]) => graph.input(name, shape);
    const q = map('q', 1, 2, 3, 4);
    expect(() => hardAttention(q, map('k', 1, 2, 3, 4), map('v', 1, 2, 4, 3))).toThrow(/not on one grid/);
    expect(() => hardAttention(q, map('k2', 1, 3, 3, 4), map('v2', 1, 2, 3, 4))).toThrow(
      /hardAttentionIndices.*differ in images or channels/,
    );
  });
});
