import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import {
  countMarked,
  diceOfSlices,
  diceOfVolume,
  maskOf,
  meanOfKnown,
} from '../../../src/core/segmentation/overlap.ts';

describe('Dice', () => {
  it('is 2·|A∩B| / (|A| + |B|) of sets of voxels', () => {
    const random = createRandom(3);
    const draw = () =>
      Array.from({ length: 5 }, () => Uint8Array.from({ length: 40 }, () => random.integer(2)));
    const [a, b] = [draw(), draw()];
    const setOf = (masks: readonly Uint8Array[]) =>
      new Set(
        masks.flatMap((slice, k) => [...slice].flatMap((value, at) => (value === 1 ? [`${k}/${at}`] : []))),
      );
    const [inA, inB] = [setOf(a), setOf(b)];
    expect(diceOfVolume(a, b)).toBe((2 * inA.intersection(inB).size) / (inA.size + inB.size));
    expect(diceOfVolume(a, b)).toBe(diceOfVolume(b, a));
    expect(diceOfVolume(a, a)).toBe(1);
    expect(countMarked(a)).toBe(inA.size);
    expect(diceOfSlices(a, b)).toEqual(a.map((slice, n) => diceOfVolume([slice], [b[n]!])));
  });

  it('is 1 for two empty volumes, 0 where only one is empty, and unknown for an empty slice', () => {
    const [none, one] = [new Uint8Array(4), Uint8Array.of(0, 7, 0, 0)];
    expect(diceOfVolume([none], [none])).toBe(1);
    expect(diceOfVolume([none], [one])).toBe(0);
    expect(diceOfSlices([none, none, one], [none, one, one])).toEqual([null, 0, 1]);
    expect(meanOfKnown([null, 0, 1])).toBe(0.5);
    expect(meanOfKnown([null])).toBeNull();
  });

  it('takes labels other than 1 as marked, or one of them alone', () => {
    const labels = [Uint8Array.of(0, 1, 2, 2)];
    expect(maskOf(labels)).toEqual([Uint8Array.of(0, 1, 1, 1)]);
    expect(maskOf(labels, 2)).toEqual([Uint8Array.of(0, 0, 1, 1)]);
  });

  it('refuses masks of different sizes', () => {
    const error = expect.objectContaining({ code: 'bad-geometry' });
    expect(() => diceOfVolume([new Uint8Array(4)], [new Uint8Array(5)])).toThrow(error);
    expect(() => diceOfSlices([new Uint8Array(4)], [])).toThrow(error);
  });
});
