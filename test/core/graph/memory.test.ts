import { describe, expect, it } from 'vitest';
import { conv2d, Graph, peakTensorBytes, relu, ZEROS } from '../../../src/core/graph/index.ts';

describe('peakTensorBytes', () => {
  it('counts what is alive at the same time, and a result written over its input once', () => {
    const graph = new Graph();
    const x = graph.input('x', [1, 1, 10, 10]);
    const w0 = graph.parameter('w0', [8, 1, 1, 1], ZEROS);
    const w1 = graph.parameter('w1', [4, 8, 1, 1], ZEROS);
    const w2 = graph.parameter('w2', [1, 4, 1, 1], ZEROS);
    const hidden = relu(conv2d(x, w0)); // 8 channels
    const narrow = conv2d(hidden, w1); // 4 channels, while the 8 are alive
    const y = conv2d(narrow, w2);
    const throughout = 4 * (100 + 8 + 32 + 4);
    expect(peakTensorBytes([y])).toBe(throughout + 4 * 100 * (8 + 4));
  });
});
