import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { linearAxis, logAxis } from '../../../src/main/training/chartAxis.ts';

const SPAN = [200, 100] as const;

/** The leading digits of a number: 250 → 2.5. */
function mantissa(value: number): number {
  return Number((Math.abs(value) / 10 ** Math.floor(Math.log10(Math.abs(value)) + 1e-9)).toFixed(6));
}

describe('an axis', () => {
  it('that is linear has round ticks at even distances, a handful of them, and holds every value', () => {
    const random = createRandom(7);
    for (let round = 0; round < 500; round++) {
      const size = 10 ** random.between(-6, 6);
      const values = Array.from({ length: 5 }, () => random.between(-1, 1) * size);
      for (const ends of ['ticks', 'values'] as const) {
        const axis = linearAxis(values, SPAN, { most: 5, ends });
        const ticks = axis.ticks.map(({ value }) => value);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(7);
        const step = ticks[1]! - ticks[0]!;
        expect([1, 2, 5]).toContain(mantissa(Number(step.toPrecision(9))));
        for (const [n, value] of ticks.entries()) {
          expect(Math.abs(value - ticks[0]! - n * step)).toBeLessThan(1e-6 * step);
          expect(Math.abs(value / step - Math.round(value / step))).toBeLessThan(1e-6);
        }
        for (const value of [...values, ...ticks]) {
          expect(axis.position(value)).toBeLessThanOrEqual(200 + 1e-9);
          expect(axis.position(value)).toBeGreaterThanOrEqual(100 - 1e-9);
        }
        if (ends === 'values') {
          expect(axis.position(Math.min(...values))).toBe(200);
          expect(axis.position(Math.max(...values))).toBeCloseTo(100, 9);
        }
      }
    }
  });

  it('has no ticks between whole numbers where it is asked for none', () => {
    const labels = (high: number, whole: boolean) =>
      linearAxis([0, high], [0, 100], { most: 5, ends: 'values', whole }).ticks.map(({ label }) => label);
    expect(labels(2, true)).toEqual(['0', '1', '2']);
    expect(labels(2, false)).toEqual(['0', '0.5', '1', '1.5', '2']);
    expect(labels(13_000, true)).toEqual(['0', '5,000', '10,000']);
  });

  it.each<[string, number[]]>([
    ['no value', []],
    ['one value', [3]],
    ['one that is negative', [-3]],
    ['zero alone', [0]],
    ['values that differ in their last digit', [1, 1 + 2 ** -52]],
  ])('of %s has a beginning and an end', (_what, values) => {
    const { position, ticks } = linearAxis(values, SPAN, { most: 5, ends: 'ticks' });
    expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    for (const value of values) {
      expect(position(value)).toBeLessThanOrEqual(200);
      expect(position(value)).toBeGreaterThanOrEqual(100);
    }
  });

  it('that is logarithmic has two ticks or more within it, each written apart, over any range', () => {
    const random = createRandom(9);
    for (let round = 0; round < 500; round++) {
      const low = 10 ** random.between(-8, 3);
      const high = low * 10 ** (random.uniform() < 0.3 ? 0 : random.between(0, 11));
      const { position, ticks } = logAxis([high, low], SPAN);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(9);
      expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
      for (const { value, label } of ticks) {
        expect(Number(label.replaceAll(',', '').replaceAll('−', '-'))).toBeCloseTo(value, 9);
        expect(position(value)).toBeLessThanOrEqual(200 + 1e-9);
        expect(position(value)).toBeGreaterThanOrEqual(100 - 1e-9);
      }
      // Equal ratios are equal distances, and the values are within.
      const middle = position(Math.sqrt(low * high));
      expect(middle).toBeCloseTo((position(low) + position(high)) / 2, 6);
      expect(position(low)).toBeLessThan(200);
      expect(position(high)).toBeGreaterThan(100);
    }
  });

  it('writes small and large numbers as powers of ten, the same way along the whole of it', () => {
    const labels = (high: number) =>
      linearAxis([0, high], SPAN, { most: 4, ends: 'ticks' }).ticks.map(({ label }) => label);
    expect(labels(4e-4)).toEqual(['0', '1e−4', '2e−4', '3e−4', '4e−4']);
    expect(labels(0.4)).toEqual(['0', '0.1', '0.2', '0.3', '0.4']);
    expect(labels(4e7)).toEqual(['0', '1e7', '2e7', '3e7', '4e7']);
    expect(logAxis([1e-6, 1], SPAN).ticks.map(({ label }) => label)).toEqual(['1e−6', '1e−4', '1e−2', '1e0']);
  });
});
