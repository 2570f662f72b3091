import { describe, expect, it } from 'vitest';
import { availableMemoryMb, machineBudget, workerCount } from '../../../src/main/runtime/memory.ts';

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
