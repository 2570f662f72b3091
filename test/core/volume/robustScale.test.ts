import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { NORMALIZED_RANGE, normalized, robustScale } from '../../../src/core/volume/robustScale.ts';

function tissue(count: number, centre: number, spread: number): Float32Array {
  const random = createRandom(4);
  return Float32Array.from({ length: count }, () => random.normal(centre, spread));
}

describe('the robust scale of an image', () => {
  it('is the mean and the standard deviation of normal values, air left out', () => {
    const scale = robustScale([tissue(20_000, 300, 20), new Float32Array(30_000)])!;
    expect(scale.centre).toBeCloseTo(300, 0);
    expect(Math.abs(scale.spread - 20)).toBeLessThan(0.5);
  });

  it('follows the scanner’s units', () => {
    const image = tissue(5000, 300, 20);
    const [one, other] = [robustScale([image])!, robustScale([image.map((value) => value * 7)])!];
    expect(other.centre / one.centre).toBeCloseTo(7, 4);
    expect(other.spread / one.spread).toBeCloseTo(7, 4);
    const [a, b] = [
      normalized(image, one),
      normalized(
        image.map((value) => value * 7),
        other,
      ),
    ];
    a.forEach((value, n) => {
      expect(b[n]).toBeCloseTo(value, 3);
    });
  });

  it('is hardly moved by a bright scalp of a fifth of the head', () => {
    const brain = tissue(8000, 300, 20);
    const head = robustScale([brain, new Float32Array(2000).fill(1500)])!;
    expect(Math.abs(head.centre - 300)).toBeLessThan(10);
    expect(Math.abs(head.spread - 20)).toBeLessThan(8);
  });

  it('is none where there is nothing, or nothing but one value', () => {
    expect(robustScale([new Float32Array(100)])).toBeUndefined();
    expect(robustScale([new Float32Array(100).fill(5)])).toBeUndefined();
  });

  it('holds what is normalised within its range, and what is no number at its least', () => {
    const [least, most] = NORMALIZED_RANGE;
    const out = normalized(Float32Array.of(-1e6, 1e6, Number.NaN, 10), { centre: 10, spread: 1 });
    expect([...out]).toEqual([least, most, least, 0]);
  });
});
