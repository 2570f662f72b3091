import { describe, expect, it } from 'vitest';
import { createRandom, restoreRandom } from '../../src/core/random.ts';

describe('random', () => {
  it('computes xoshiro128** from a known state', () => {
    // First outputs of the authors' C code for the state {1, 2, 3, 4}.
    const random = restoreRandom({ words: [1, 2, 3, 4], spare: null });
    expect([random.uint32(), random.uint32(), random.uint32(), random.uint32()]).toEqual([
      11520, 0, 5927040, 70819200,
    ]);
  });

  it('gives the same sequence for the same seed and another for another', () => {
    const draw = (seed: number) => {
      const random = createRandom(seed);
      return Array.from({ length: 8 }, () => random.uint32());
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw(-1)).not.toEqual(draw(0xffffffff));
  });

  it('goes on exactly from a saved state, in the middle of a normal pair too', () => {
    const random = createRandom(3);
    random.normal();
    const copy = restoreRandom(JSON.parse(JSON.stringify(random.state())));
    for (let n = 0; n < 20; n++) {
      expect(copy.normal()).toBe(random.normal());
      expect(copy.integer(10)).toBe(random.integer(10));
    }
  });

  it('draws integers evenly, and uniform and normal deviates with the right moments', () => {
    const random = createRandom(11);
    const counts = new Array<number>(6).fill(0);
    let sum = 0;
    let squares = 0;
    let uniform = 0;
    const total = 60_000;
    for (let n = 0; n < total; n++) {
      const k = random.integer(6);
      counts[k] = counts[k]! + 1;
      const value = random.normal(2, 3);
      sum += value;
      squares += (value - 2) ** 2;
      const u = random.uniform();
      expect(u >= 0 && u < 1).toBe(true);
      uniform += u;
    }
    for (const count of counts) expect(Math.abs(count - total / 6)).toBeLessThan(500);
    expect(sum / total).toBeCloseTo(2, 1);
    expect(Math.sqrt(squares / total)).toBeCloseTo(3, 1);
    expect(uniform / total).toBeCloseTo(0.5, 2);
  });

  it('forks without advancing, by label', () => {
    const random = createRandom(5);
    const before = random.state();
    const a = random.fork('weights').uint32();
    expect(random.state()).toEqual(before);
    expect(random.fork('weights').uint32()).toBe(a);
    expect(random.fork('order').uint32()).not.toBe(a);
  });

  it('shuffles into a permutation', () => {
    const items = Array.from({ length: 50 }, (_, n) => n);
    const shuffled = createRandom(1).shuffle([...items]);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  });

  it('refuses what is not a seed or a range', () => {
    expect(() => createRandom(0.5)).toThrow(RangeError);
    expect(() => createRandom(1).integer(0)).toThrow(RangeError);
  });
});
