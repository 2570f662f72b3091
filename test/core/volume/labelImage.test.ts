import { describe, expect, it } from 'vitest';
import { labelRim } from '../../../src/core/volume/labelImage.ts';

describe('the rim of labels', () => {
  it('is where a region ends, also against another region, and not at the image’s edge', () => {
    const labels = [
      [1, 1, 1, 2, 2],
      [1, 1, 1, 2, 2],
      [1, 1, 1, 0, 0],
      [1, 1, 1, 0, 0],
    ].flat();
    expect([...labelRim(labels, 4, 5, 1)]).toEqual(
      [
        [0, 0, 1, 2, 0],
        [0, 0, 1, 2, 2],
        [0, 0, 1, 0, 0],
        [0, 0, 1, 0, 0],
      ].flat(),
    );
  });

  it('is as wide as asked, and takes what is no number for nothing', () => {
    expect([...labelRim([3, 3, 3, 3, Number.NaN], 1, 5, 2)]).toEqual([0, 0, 3, 3, 0]);
  });
});
