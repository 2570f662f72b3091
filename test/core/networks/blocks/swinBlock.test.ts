import { describe, expect, it } from 'vitest';
import { evaluateReference, Graph, initialValues } from '../../../../src/core/graph/index.ts';
import {
  type SwinBlockOptions,
  shiftMask,
  swinBlock,
} from '../../../../src/core/networks/blocks/swinBlock.ts';
import { createRandom } from '../../../../src/core/random.ts';
import { type Feeds, relativeError, runOnnx } from '../../../helpers/graph.ts';

const CHANNELS = 8;

function draw(length: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => random.normal());
}

function built(rows: number, columns: number, options: SwinBlockOptions) {
  const graph = new Graph();
  const x = graph.input('x', [1, rows, columns, CHANNELS]);
  const y = swinBlock(graph, x, options);
  // Larger than a network starts with: biases and attention are to be seen.
  const values = new Map(
    [...initialValues(graph.parameters, 3)].map(([path, data]) => [
      path,
      path.includes('norm') ? data : draw(data.length, data.length + path.length).map((v) => v * 0.3),
    ]),
  );
  return { graph, x, y, values };
}

/** Token by token: which others it attends to is decided by where both lie in the patient, not by rolling. */
function plainSwin(
  x: Float32Array,
  rows: number,
  columns: number,
  { heads, window, shifted }: SwinBlockOptions,
  values: ReadonlyMap<string, Float32Array>,
): Float64Array {
  const C = CHANNELS;
  const p = (path: string): Float32Array => values.get(path)!;
  const side = Math.min(window, rows, columns);
  const shift = shifted && side < Math.max(rows, columns) ? Math.floor(side / 2) : 0;
  const norm = (v: readonly number[], name: string): number[] => {
    const mean = v.reduce((a, b) => a + b, 0) / C;
    const variance = v.reduce((a, b) => a + (b - mean) ** 2, 0) / C;
    return v.map(
      (value, c) =>
        ((value - mean) / Math.sqrt(variance + 1e-5)) * p(`${name}.weight`)[c]! + p(`${name}.bias`)[c]!,
    );
  };
  const dense = (v: readonly number[], name: string, to: number): number[] =>
    Array.from({ length: to }, (_, o) =>
      v.reduce(
        (sum, value, c) => sum + value * p(`${name}.weight`)[o * v.length + c]!,
        p(`${name}.bias`)[o]!,
      ),
    );
  const tokens = Array.from({ length: rows * columns }, (_, n) => [...x.subarray(n * C, (n + 1) * C)]);
  const qkv = tokens.map((token) => dense(norm(token, 'norm1'), 'attn.qkv', 3 * C));
  /** The window of a row or column: cut at multiples of the side, moved by the shift. */
  const windowOf = (at: number): number => Math.floor((at - shift + side) / side);
  const size = C / heads;
  const out = new Float64Array(rows * columns * C);
  for (let a = 0; a < tokens.length; a++) {
    const [ai, aj] = [Math.floor(a / columns), a % columns];
    const attended: number[] = [];
    for (let h = 0; h < heads; h++) {
      const found: { score: number; b: number }[] = [];
      for (let b = 0; b < tokens.length; b++) {
        const [bi, bj] = [Math.floor(b / columns), b % columns];
        if (windowOf(ai) !== windowOf(bi) || windowOf(aj) !== windowOf(bj)) continue;
        let score = 0;
        for (let d = 0; d < size; d++) score += qkv[a]![h * size + d]! * qkv[b]![C + h * size + d]!;
        const entry = (ai - bi + window - 1) * (2 * window - 1) + (aj - bj + window - 1);
        found.push({
          b,
          score: score / Math.sqrt(size) + p('attn.relative_position_bias_table')[entry * heads + h]!,
        });
      }
      const top = Math.max(...found.map(({ score }) => score));
      const sum = found.reduce((total, { score }) => total + Math.exp(score - top), 0);
      for (let d = 0; d < size; d++) {
        attended.push(
          found.reduce(
            (total, { score, b }) => total + (Math.exp(score - top) / sum) * qkv[b]![2 * C + h * size + d]!,
            0,
          ),
        );
      }
    }
    const z = dense(attended, 'attn.proj', C).map((value, c) => value + tokens[a]![c]!);
    const hidden = dense(norm(z, 'norm2'), 'mlp.fc1', 4 * C).map((v) => (v / 2) * (1 + erf(v / Math.SQRT2)));
    dense(hidden, 'mlp.fc2', C).forEach((value, c) => {
      out[a * C + c] = value + z[c]!;
    });
  }
  return out;
}

/** Abramowitz and Stegun, 7.1.26: to 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const tail =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - tail * Math.exp(-x * x));
}

describe('a Swin block', () => {
  it.each([
    ['whole windows', 8, 12, { heads: 2, window: 4, shifted: false }],
    ['shifted windows: only true neighbours see each other', 8, 12, { heads: 2, window: 4, shifted: true }],
    ['a map smaller than a window', 4, 4, { heads: 4, window: 8, shifted: true }],
    ['windows as high as the map', 4, 8, { heads: 1, window: 4, shifted: true }],
  ] as const)('attends within %s', async (_, rows, columns, options) => {
    const { x, y, values } = built(rows, columns, options);
    const image = draw(rows * columns * CHANNELS, 5);
    const expected = plainSwin(image, rows, columns, options, values);
    const feeds: Feeds = new Map([['x', image], ...values]);
    expect(relativeError(evaluateReference([y], feeds)[0]!.data, expected)).toBeLessThan(1e-5);
    expect(x.shape).toEqual(y.shape);
    expect(relativeError((await runOnnx({ y }, feeds)).get('y')!, expected)).toBeLessThan(1e-5);
  });

  it('keeps apart exactly the tokens that rolling brought together', () => {
    const mask = shiftMask(8, 8, 4, 2);
    // The first window is inside the map, the last holds four corners.
    expect(mask.subarray(0, 256).every((value) => value === 0)).toBe(true);
    const last = mask.subarray(3 * 256);
    expect(last.filter((value) => value === 0)).toHaveLength(4 * 16);
  });
});
