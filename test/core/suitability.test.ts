import { describe, expect, it } from 'vitest';
import { overallLikeness, type Scan, suitability, type TrainedOn } from '../../src/core/suitability.ts';

const TRAINED: TrainedOn = {
  target: ['t2'],
  reference: ['t1'],
  spacingMm: [0.5, 1],
  matrix: [152, 448],
  sliceThicknessMm: [1, 4],
  fieldStrengthT: [3, 3],
};
const SCAN: Scan = {
  target: 't2',
  reference: 't1',
  rows: 240,
  columns: 240,
  spacingMm: [0.9, 0.9],
  sliceThicknessMm: 4,
  fieldStrengthT: 2.89,
};
const of = (change: Partial<Scan>, trained: Partial<TrainedOn> = {}) => {
  const checks = suitability({ ...TRAINED, ...trained }, { ...SCAN, ...change });
  return { overall: overallLikeness(checks), odd: checks.filter(({ likeness }) => likeness !== 'alike') };
};

describe('whether a scan is like what a model was trained on', () => {
  it('is alike within the ranges, headers’ rounding included, and every respect is told', () => {
    const checks = suitability(TRAINED, SCAN);
    expect(checks.map(({ subject }) => subject)).toEqual([
      'target',
      'reference',
      'spacing',
      'matrix',
      'thickness',
      'field',
    ]);
    expect(overallLikeness(checks)).toBe('alike');
    expect(of({ sliceThicknessMm: 4.1, spacingMm: [1.02, 1.02] }).overall).toBe('alike');
  });

  it.each([
    [
      'a little outside',
      { sliceThicknessMm: 5 },
      'beyond',
      'thickness',
      /is 5 mm; the model was trained with 1–4 mm/,
    ],
    ['far outside', { spacingMm: [0.2, 0.2] as const }, 'unlike', 'spacing', /0\.2 mm.*0\.5–1 mm/],
    ['the worse of two sides', { rows: 500, columns: 1024 }, 'unlike', 'matrix', /is 1024/],
    ['another contrast', { target: 'flair' as const }, 'unlike', 'target', /target is flair.*t2/],
    ['another field', { fieldStrengthT: 1.5 }, 'unlike', 'field', /1\.5 T.*3 T/],
  ])('tells %s', (_, change, overall, subject, message) => {
    const found = of(change);
    expect(found.overall).toBe(overall);
    expect(found.odd).toEqual([{ subject, likeness: overall, message: expect.stringMatching(message) }]);
  });

  it('does not know what nobody wrote down; a field that is not on the card alone is no doubt', () => {
    expect(of({}, { fieldStrengthT: undefined })).toMatchObject({
      overall: 'alike',
      odd: [{ subject: 'field', likeness: 'unknown' }],
    });
    expect(of({ target: 'unknown' }).overall).toBe('unknown');
    expect(overallLikeness(suitability(null, SCAN))).toBe('unknown');
    expect(of({ reference: undefined, sliceThicknessMm: undefined }).odd).toEqual([]);
  });
});
