import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/core/random.ts';
import { truncateKspace, zeroFill } from '../../../../src/core/volume/kspace.ts';
import { DegradedSlices, degradedSlice } from '../../../../src/main/training/data/degradedSlices.ts';
import type { TrainingCase } from '../../../../src/main/training/data/trainingCase.ts';
import { caseOf, imageOf } from '../trainingCases.ts';

const [ROWS, COLUMNS] = [16, 24];
const random = createRandom(2);
const noise = () => imageOf(ROWS, COLUMNS, () => random.uniform());

/** A case that counts how often each of its slices is read. */
function counting(slices: number, name: string): { source: TrainingCase; reads: number[] } {
  const images = Array.from({ length: slices }, () => ({ truth: noise(), reference: noise() }));
  const reads = new Array<number>(slices).fill(0);
  const source = caseOf(ROWS, COLUMNS, images, {
    name,
    slice: (n) => {
      reads[n]!++;
      return images[n]!;
    },
  });
  return { source, reads };
}

/** Truth, zero-filled, reference, half and quarter. */
const SLICE_BYTES = 4 * ROWS * COLUMNS * (3 + 1 / 4 + 1 / 16);

describe('a degraded slice', () => {
  it.each([
    2, 4,
  ] as const)('is the truth truncated in k-space, zero-filled from its magnitude: ×%i', (scale) => {
    const { source } = counting(1, 'a');
    const { truth, reference } = source.slice(0);
    const made = degradedSlice(source, 0, scale);
    const low = truncateKspace(truth, ROWS, COLUMNS, scale);
    expect(made.truth).toBe(truth);
    expect(made.reference).toBe(reference);
    expect(made.zeroFilled).toEqual(zeroFill(low.pixels, low.rows, low.columns, ROWS, COLUMNS));
    const half = truncateKspace(truth, ROWS, COLUMNS, 2).pixels;
    expect(made.smaller).toEqual(
      new Map(
        scale === 4
          ? [
              [2, half],
              [4, low.pixels],
            ]
          : [[2, half]],
      ),
    );
  });
});

describe('slices that are kept', () => {
  const asked = Array.from({ length: 200 }, () => random.integer(8));

  it.each([0, 1, 3 * SLICE_BYTES, 1e9])('are the same with a budget of %d bytes', (budget) => {
    const [a, b] = [counting(5, 'a'), counting(3, 'b')];
    const slices = new DegradedSlices(4, budget);
    for (const n of asked) {
      const [{ source }, at] = n < 5 ? [a, n] : [b, n - 5];
      expect(slices.get(source, at)).toEqual(degradedSlice(source, at, 4));
    }
  });

  it('are read once where all fit, and every time where none does', () => {
    const [kept, none] = [counting(8, 'kept'), counting(8, 'none')];
    const [large, small] = [new DegradedSlices(4, 1e9), new DegradedSlices(4, 0)];
    for (const n of [0, 1, 2, 0, 1, 2, 0]) {
      large.get(kept.source, n);
      small.get(none.source, n);
    }
    expect(kept.reads).toEqual([1, 1, 1, 0, 0, 0, 0, 0]);
    expect(none.reads).toEqual([3, 2, 2, 0, 0, 0, 0, 0]);
  });

  it('are as many as fit the budget, the latest used', () => {
    const { source, reads } = counting(4, 'a');
    const slices = new DegradedSlices(4, 3 * SLICE_BYTES);
    for (const n of [0, 1, 2, 0, 3]) slices.get(source, n);
    expect(reads).toEqual([1, 1, 1, 1]);
    // 1 was used longest ago: it alone had to go.
    for (const n of [0, 2, 3]) slices.get(source, n);
    expect(reads).toEqual([1, 1, 1, 1]);
    slices.get(source, 1);
    expect(reads).toEqual([1, 2, 1, 1]);
    // A byte less, and only two fit.
    const other = counting(3, 'b');
    const fewer = new DegradedSlices(4, 3 * SLICE_BYTES - 1);
    for (const n of [0, 1, 2, 0]) fewer.get(other.source, n);
    expect(other.reads).toEqual([2, 1, 1]);
  });
});
