import { describe, expect, it } from 'vitest';
import type { RegistrationReport, StudySummary } from '../../../src/core/contract/schemas.ts';
import { counted, describeRegistration, describeStudy } from '../../../src/main/shell/cli/words.ts';

type Series = StudySummary['series'][number];
const series = (uid: string, number: number, description: string): Series =>
  ({
    uid,
    number,
    description,
    path: `/data/${uid}`,
    size: [4, 3, 2],
    spacingMm: [1, 1, 2],
    orientation: 'axial',
    contrast: { name: 't2', why: 'by the description' },
    warnings: [],
  }) as Partial<Series> as Series;

const study = (all: Series[], pairs: readonly (readonly [string, string])[]): string[] =>
  describeStudy({
    uid: '1.2',
    description: '',
    date: '',
    series: all,
    pairs: pairs.map(([target, reference]) => ({ target, reference, score: 0.5, reasons: [], warnings: [] })),
  } as Partial<StudySummary> as StudySummary).split('\n');

describe('the words of the command line', () => {
  it('name the series of a pair so that they are told apart', () => {
    const all = [series('a', 3, 'qT2 (echo 1)'), series('b', 3, 'qT2 (echo 2)'), series('c', 5, 'T1')];
    const lines = study(all, [
      ['b', 'a'],
      ['b', 'c'],
    ]);
    expect(lines).toContain('  pair 3 “qT2 (echo 2)” ← 3 “qT2 (echo 1)”  (score 0.50)');
    expect(lines).toContain('  pair 3 “qT2 (echo 2)” ← 5  (score 0.50)');
  });

  it('show the best pairs of many, and how many are left', () => {
    const all = Array.from({ length: 9 }, (_, n) => series(String(n), n, 'T2'));
    const pairs = all.slice(1).map(({ uid }) => ['0', uid] as const);
    const lines = study(all, pairs);
    expect(lines.filter((line) => line.startsWith('  pair'))).toHaveLength(6);
    expect(lines.at(-1)).toBe('  2 less likely pairs: see --json');
    expect(study(all, pairs.slice(0, 6)).at(-1)).toContain('pair 0 ← 6');
  });

  it('name the segmentations that came with a study', () => {
    const said = describeStudy({
      ...{ uid: '1.2', description: '', date: '', series: [], pairs: [] },
      segmentations: [
        { uid: '1.3', description: 'Tumour', labels: ['Core', 'Edema'], path: '/data/seg.dcm' },
      ],
    } as Partial<StudySummary> as StudySummary);
    expect(said.split('\n')).toContain('  segmentation  Tumour (Core, Edema)  /data/seg.dcm');
  });

  it('tell no numbers of a registration that there was nothing for', () => {
    const report = {
      verdict: 'none',
      miBefore: null,
      miAfter: null,
      rotationDeg: 0,
      translationMm: 0,
      overlap: 0,
      reasons: ['The model works on the target alone'],
    } as Partial<RegistrationReport> as RegistrationReport;
    expect(describeRegistration(report)).toBe('registration none\n  The model works on the target alone');
    expect(describeRegistration({ ...report, miBefore: 0.5, miAfter: 1, overlap: 0.9 })).toContain(
      'mutual information 0.500 → 1.000, 0.00°, 0.00 mm, overlap 90 %',
    );
  });

  it('count one and many', () => {
    expect([0, 1, 2].map((n) => counted(n, 'file'))).toEqual(['0 files', '1 file', '2 files']);
    expect(counted(2, 'study', 'studies')).toBe('2 studies');
  });
});
