import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { labelsOfRuns, runsOf } from '../../../src/core/segmentation/runs.ts';

describe('runs of labels', () => {
  it('are value and length in turn, and give the labels back', () => {
    expect(runsOf([0, 0, 0, 2, 2, 1])).toEqual([0, 3, 2, 2, 1, 1]);
    expect(runsOf([])).toEqual([]);
    const random = createRandom(4);
    for (let n = 0; n < 20; n++) {
      const labels = Uint8Array.from({ length: 1 + random.integer(300) }, () =>
        random.integer(5) === 0 ? random.integer(3) : 0,
      );
      const runs = runsOf(labels);
      expect(labelsOfRuns(runs, labels.length, new Set([1, 2]))).toEqual(labels);
      // As few as can be: neighbours differ.
      expect(runs.some((value, at) => at % 2 === 0 && value === runs[at + 2])).toBe(false);
    }
  });

  it('of another length, odd ones and unknown labels are refused', () => {
    const known = new Set([1]);
    for (const runs of [[0, 3], [0, 5], [0, 4, 1], [1, 4, 0, 1], []]) {
      expect(() => labelsOfRuns(runs, 4, known)).toThrow(/of the 4 of the labelmap/);
    }
    expect(() => labelsOfRuns([2, 4], 4, known)).toThrow(/no label 2/);
  });
});
