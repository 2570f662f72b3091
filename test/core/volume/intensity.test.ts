import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import {
  percentile,
  percentilesOfIntegers,
  scaledAndClipped,
  scaleOf,
} from '../../../src/core/volume/intensity.ts';

/** numpy's default: linear interpolation between ranks. */
function slowPercentile(values: number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (p / 100) * (sorted.length - 1);
  const low = sorted[Math.floor(rank)]!;
  const high = sorted[Math.ceil(rank)]!;
  return low + (rank - Math.floor(rank)) * (high - low);
}

describe('percentile', () => {
  const random = createRandom(4);
  const values = Float32Array.from({ length: 1001 }, () => random.normal(0, 100));

  it.each([0, 0.1, 25, 50, 99.9, 100])('equals the sorted definition at %d %%', (p) => {
    expect(percentile(values, p)).toBeCloseTo(slowPercentile([...values], p), 10);
  });

  it('takes several arrays as one, whatever their order', () => {
    const parts = [values.slice(700), new Float32Array(0), values.slice(0, 700)];
    expect(percentile(parts, 37)).toBe(percentile(values, 37));
  });

  it('leaves out what is not above the bound or not finite', () => {
    const mixed = Float32Array.of(-5, 0, 1, 2, 3, Number.NaN, Number.POSITIVE_INFINITY);
    expect(percentile(mixed, 50, { above: 0 })).toBe(2);
    expect(percentile(mixed, 0)).toBe(-5);
  });

  it('has no value where nothing is left', () => {
    expect(percentile(Float32Array.of(0, -1), 50, { above: 0 })).toBeUndefined();
    expect(percentile([], 50)).toBeUndefined();
  });
});

describe('percentilesOfIntegers', () => {
  const random = createRandom(5);
  const values = Int16Array.from({ length: 2003 }, () => Math.round(random.normal(-50, 4000)));

  it('equals the percentiles of the same values, ends of the range included', () => {
    const parts = [values.slice(0, 9), Int16Array.of(-32768, 32767), new Int16Array(0), values.slice(9)];
    const ps = [0, 0.5, 33.3, 50, 99.5, 100];
    const all = Float32Array.from(parts.flatMap((part) => [...part]));
    expect(percentilesOfIntegers(parts, ps)).toEqual(ps.map((p) => percentile(all, p)));
    expect(percentilesOfIntegers(parts, [0, 100])).toEqual([-32768, 32767]);
  });

  it('has none where there is no value', () => {
    expect(percentilesOfIntegers([], [50])).toBeUndefined();
  });
});

describe('scaleOf', () => {
  it('is the 99.9th percentile of the voxels above 0', () => {
    const values = Float32Array.from({ length: 2001 }, (_, n) => n - 1000);
    expect(scaleOf(values)).toBeCloseTo(1 + 0.999 * 999, 9);
    expect(scaleOf([values.slice(0, 50), values.slice(50)])).toBe(scaleOf(values));
  });
  it('is 1 for an image without signal', () => {
    expect(scaleOf(new Float32Array(9))).toBe(1);
  });
});

it('scales and clips to [0, 1]', () => {
  expect([...scaledAndClipped(Float32Array.of(-1, 0, 2, 4, 9), 4)]).toEqual([0, 0, 0.5, 1, 1]);
});
