import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/core/graph/graph.ts';
import { conv2d } from '../../../src/core/graph/operators/conv2d.ts';
import { relu } from '../../../src/core/graph/operators/pointwise.ts';
import { ZEROS } from '../../../src/core/graph/parameters.ts';
import {
  availableMemoryMb,
  machineBudget,
  peakTensorBytes,
  workerCount,
} from '../../../src/main/runtime/memory.ts';

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

describe('the budget', () => {
  it('follows what is set', () => {
    const budget = machineBudget({ TANDEM_MEMORY_MB: '1000', TANDEM_WORKERS: '3' });
    expect(budget).toEqual({ totalMb: 1000, perWorkerMb: 1000, cores: 3 });
  });

  it('leaves memory to others where nothing is set', () => {
    const budget = machineBudget({});
    expect(budget.totalMb).toBeGreaterThan(0);
    expect(budget.totalMb).toBeLessThan(availableMemoryMb());
    expect(budget.cores).toBeGreaterThanOrEqual(1);
  });

  it('gives as many workers as memory, cores and slices allow, and at least one', () => {
    const budget = { totalMb: 1000, perWorkerMb: 1000, cores: 8 };
    expect(workerCount(budget, 300, 50)).toBe(3);
    expect(workerCount(budget, 10, 50)).toBe(8);
    expect(workerCount(budget, 10, 2)).toBe(2);
    expect(workerCount(budget, 1500, 50)).toBe(1);
  });
});
