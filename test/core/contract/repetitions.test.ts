import { describe, expect, it } from 'vitest';
import { describeVolumes, withRepetitionsTogether } from '../../../src/core/contract/repetitions.ts';
import type { SeriesSummary } from '../../../src/core/contract/schemas.ts';

const summary = (uid: string, repetition?: SeriesSummary['repetition']): SeriesSummary => ({
  uid,
  number: 1,
  description: '',
  modality: 'MR',
  format: 'dicom',
  size: [4, 3, 2],
  spacingMm: [1, 1, 1],
  orientation: 'axial',
  contrast: { name: 'unknown', why: '' },
  warnings: [],
  path: '/data',
  ...(repetition && { repetition }),
});

describe('volumes that repeat each other', () => {
  it('stand together where the first stands, in the order of their numbers', () => {
    const volume = (n: number) => summary(`1.2#t${n}`, { first: '1.2#t1', volume: n, volumes: 10 });
    const list = [summary('1.1'), ...[1, 10, 2].map(volume), summary('1.3')];
    const together = withRepetitionsTogether(list);
    expect(together.map(({ series, volumes }) => [series.uid, volumes.map(({ uid }) => uid)])).toEqual([
      ['1.1', ['1.1']],
      ['1.2#t1', ['1.2#t1', '1.2#t2', '1.2#t10']],
      ['1.3', ['1.3']],
    ]);
    expect(together.map(describeVolumes)).toEqual(['', '3 volumes, …#t1 to …#t10', '']);
  });
});
