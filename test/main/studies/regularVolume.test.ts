import { describe, expect, it } from 'vitest';
import { regularVolume } from '../../../src/main/studies/regularVolume.ts';
import { stackAt } from '../../core/volume/volumes.ts';

describe('regularVolume', () => {
  it('is the grid under a stack', () => {
    expect(regularVolume(stackAt([0, 2, 4]), '/study').grid.size[2]).toBe(3);
  });

  it('names the series that has none, and what still works', () => {
    expect(() => regularVolume(stackAt([0, 1, 2.5, 4.2, 4.9, 9.3]), '/study/t2')).toThrow(
      expect.objectContaining({
        code: 'bad-geometry',
        path: '/study/t2',
        hint: expect.stringContaining('as DICOM and without registration'),
      }),
    );
  });
});
