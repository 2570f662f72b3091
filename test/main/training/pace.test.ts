import { describe, expect, it } from 'vitest';
import { paceOf } from '../../../src/main/training/pace.ts';

const SETTINGS = { learningRate: 1, schedule: 'cosine', warmUp: 100 } as const;
const at = (step: number, seconds = 0) => ({ step, seconds });
const validated = (step: number, seconds = 0, took = 0) => ({ step, seconds, took });

describe('a training of so many steps', () => {
  const pace = paceOf({ ...SETTINGS, steps: 2000 });

  it('is as long as they are, whatever the clock says', () => {
    for (const seconds of [0, 1e6]) {
      expect(pace.steps(at(10, seconds))).toBe(2000);
      expect(pace.isOver(at(1999, seconds))).toBe(false);
      expect(pace.isOver(at(2000, seconds))).toBe(true);
      expect(pace.learningRate(at(1050, seconds))).toBeCloseTo(0.505, 3);
    }
    expect(pace.secondsLeft(at(1500, 60), 0.1)).toBeCloseTo(50, 6);
  });

  it('learns at a rate that rises linearly, then falls as a cosine to 1 %', () => {
    expect(pace.learningRate(at(0))).toBeCloseTo(0.01, 10);
    expect(pace.learningRate(at(99))).toBe(1);
    expect(pace.learningRate(at(2000))).toBeCloseTo(0.01, 10);
  });

  it('validates a twentieth of them apart, or as often as is said, and at the end', () => {
    const due = (one: typeof pace, steps: number) => {
      const found: number[] = [];
      for (let step = 0; step <= steps; step++) {
        if (one.validationIsDue(at(step), validated(found.at(-1) ?? 0))) found.push(step);
      }
      return found;
    };
    expect(due(pace, 2000)).toEqual(Array.from({ length: 20 }, (_, n) => 100 * (n + 1)));
    expect(due(paceOf({ ...SETTINGS, steps: 10, validateEvery: 4 }), 10)).toEqual([4, 8, 10]);
    expect(due(paceOf({ ...SETTINGS, steps: 3 }), 3)).toEqual([1, 2, 3]);
    expect(due(paceOf({ ...SETTINGS, steps: 5, validateEvery: 50 }), 5)).toEqual([5]);
  });
});

describe('a training of so many minutes', () => {
  const pace = paceOf({ ...SETTINGS, minutes: 10 });

  it('is as many steps as it looks like by the clock', () => {
    expect(pace.steps(at(100, 60))).toBe(1000);
    expect(pace.steps(at(100, 120))).toBe(500);
    expect(pace.steps(at(700, 601))).toBe(700);
    expect(pace.secondsLeft(at(100, 150), 5)).toBe(450);
    expect(pace.secondsLeft(at(100, 700), 5)).toBe(0);
  });

  it('is over when they are, after one step at least', () => {
    expect(pace.isOver(at(500, 599.9))).toBe(false);
    expect(pace.isOver(at(500, 600))).toBe(true);
    expect(pace.isOver(at(0, 700))).toBe(false);
    expect(pace.isOver(at(1, 700))).toBe(true);
  });

  it('ends its schedule with the time, also where the machine becomes slower or faster on the way', () => {
    const last = pace.learningRate(at(999, 599.4));
    expect(last).toBeGreaterThan(0.0099);
    expect(last).toBeLessThan(0.011);
    expect(pace.learningRate(at(300, 599.4))).toBeLessThan(0.011);
    expect(pace.learningRate(at(550, 330))).toBeCloseTo(0.505, 1);
    expect(pace.learningRate(at(0, 0))).toBeCloseTo(0.01, 3);
  });

  it('validates every half minute, less often where that would take more than a tenth of the time, and at the end', () => {
    expect(pace.validationIsDue(at(50, 29), validated(0))).toBe(false);
    expect(pace.validationIsDue(at(50, 30), validated(0))).toBe(true);
    expect(pace.validationIsDue(at(50, 99), validated(10, 0, 10))).toBe(false);
    expect(pace.validationIsDue(at(50, 100), validated(10, 0, 10))).toBe(true);
    expect(pace.validationIsDue(at(50, 600), validated(49, 599, 10))).toBe(true);
    expect(pace.validationIsDue(at(50, 600), validated(50, 599, 10))).toBe(false);
    const often = paceOf({ ...SETTINGS, minutes: 10, validateEvery: 7 });
    expect(often.validationIsDue(at(14, 1), validated(7, 0.5))).toBe(true);
    expect(often.validationIsDue(at(15, 500), validated(7, 0.5))).toBe(false);
  });
});
