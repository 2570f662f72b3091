import { describe, expect, it } from 'vitest';
import type { ContrastName, Warning } from '../../../src/core/contract/schemas.ts';
import type { Vec3 } from '../../../src/core/volume/vec.ts';
import { overlapShare } from '../../../src/main/studies/overlap.ts';
import { inPlaneSpacing, suggestPairs } from '../../../src/main/studies/pairing.ts';
import type { SeriesEntry, SeriesGeometry } from '../../../src/main/studies/types.ts';

interface Shape {
  readonly spacingMm?: readonly [number, number];
  readonly stepMm?: number;
  readonly size?: readonly [number, number, number];
  readonly cornerLps?: Vec3;
  readonly plane?: 'axial' | 'sagittal';
}

function geometry(shape: Shape = {}): SeriesGeometry {
  const [columns, rows, slices] = shape.size ?? [100, 100, 20];
  const [x, y, z] = shape.cornerLps ?? [0, 0, 0];
  const step = shape.stepMm ?? 5;
  const sagittal = shape.plane === 'sagittal';
  return {
    columns,
    rows,
    spacingMm: shape.spacingMm ?? [1, 1],
    iAxisLps: sagittal ? [0, 1, 0] : [1, 0, 0],
    jAxisLps: sagittal ? [0, 0, 1] : [0, 1, 0],
    positionsLps: Array.from({ length: slices }, (_, n) =>
      sagittal ? [x + n * step, y, z] : [x, y, z + n * step],
    ),
    stepMm: step,
  };
}

function series(
  uid: string,
  contrast: ContrastName,
  shape: Shape = {},
  more: Partial<SeriesEntry> = {},
): SeriesEntry {
  return {
    summary: {
      uid,
      number: 1,
      description: uid,
      modality: 'MR',
      format: 'dicom',
      size: [100, 100, 20],
      spacingMm: [1, 1, 5],
      orientation: 'axial',
      contrast: { name: contrast, why: 'told so' },
      warnings: [],
      path: '/data',
    },
    studyUid: '1.2',
    frameOfReferenceUid: '1.2.3',
    files: [],
    geometry: geometry(shape),
    ...more,
  };
}

const codes = (warnings: readonly Warning[]) => warnings.map(({ code }) => code);
const FINE: Shape = { spacingMm: [0.5, 0.5], size: [200, 200, 100], stepMm: 1 };

describe('suggestPairs', () => {
  it('takes the slow contrast for the target and the fast one for the reference, with reasons', () => {
    const pairs = suggestPairs([series('t1', 't1', FINE), series('t2', 't2')]);
    expect(pairs).toHaveLength(1);
    expect(pairs[0]).toMatchObject({ target: 't2', reference: 't1', score: 1, warnings: [] });
    const reasons = pairs[0]!.reasons.join('\n');
    for (const words of [
      /T2 is slow/,
      /T1 is fast/,
      /finer .*0\.50 mm against 1\.00 mm/,
      /100 %/,
      /same frame/,
    ]) {
      expect(reasons).toMatch(words);
    }
  });

  it('puts the best first', () => {
    const pairs = suggestPairs([
      series('flair', 'flair'),
      series('t1c', 't1c', FINE),
      series('t1', 't1', FINE),
      series('far', 'pd', { ...FINE, cornerLps: [60, 0, 0] }),
    ]);
    expect(pairs.slice(0, 3).map(({ reference }) => reference)).toEqual(['t1', 't1c', 'far']);
    expect(pairs.every(({ target }, n) => n > 2 || target === 'flair')).toBe(true);
    const scores = pairs.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  it('warns with numbers of a reference coarser in the target’s plane', () => {
    const [pair] = suggestPairs([
      series('t2', 't2', { spacingMm: [0.43, 0.43], size: [230, 230, 20] }),
      series('t1', 't1', { plane: 'sagittal', spacingMm: [1.15, 1.15], stepMm: 1, size: [87, 87, 100] }),
    ]);
    expect(codes(pair!.warnings)).toEqual(['reference-coarser-than-target']);
    expect(pair!.warnings[0]!.message).toMatch(/1\.15 mm against 0\.43 mm/);
    expect(pair!.score).toBeGreaterThan(0.2);
    expect(pair!.score).toBeLessThan(0.6);
  });

  it('counts a reference’s thick slices where they cut the target’s plane', () => {
    const sagittal = geometry({ plane: 'sagittal', spacingMm: [0.5, 0.5], stepMm: 6 });
    expect(inPlaneSpacing(sagittal, geometry())).toBeCloseTo(6, 9);
    expect(inPlaneSpacing(geometry(FINE), geometry())).toBeCloseTo(0.5, 9);
  });

  it('warns where the two do not, or not wholly, overlap', () => {
    const away = suggestPairs([series('t2', 't2'), series('t1', 't1', { ...FINE, cornerLps: [500, 0, 0] })]);
    expect(codes(away[0]!.warnings)).toEqual(['no-overlap']);
    expect(away[0]!.score).toBe(0);
    const half = suggestPairs([series('t2', 't2'), series('t1', 't1', { ...FINE, cornerLps: [50, 0, 0] })]);
    expect(half[0]!.warnings[0]).toMatchObject({
      code: 'partial-overlap',
      message: expect.stringMatching(/(4[5-9]|5[0-5]) %/),
    });
  });

  it('warns of other frames of reference, but not where neither states one', () => {
    const pair = (a: string | undefined, b: string | undefined) =>
      suggestPairs([
        series('t2', 't2', {}, { frameOfReferenceUid: a }),
        series('t1', 't1', FINE, { frameOfReferenceUid: b }),
      ])[0]!;
    expect(codes(pair('1.1', '1.2').warnings)).toEqual(['different-frame-of-reference']);
    expect(codes(pair('1.1', undefined).warnings)).toEqual(['different-frame-of-reference']);
    expect(codes(pair(undefined, undefined).warnings)).toEqual([]);
  });

  it('warns of a target that the scanner interpolated', () => {
    const t2 = series('t2', 't2');
    const warning: Warning = { code: 'zero-filled', message: '384 columns from 269' };
    const filled = { ...t2, summary: { ...t2.summary, warnings: [warning] } };
    const [pair] = suggestPairs([filled, series('t1', 't1', FINE)]);
    expect(pair!.warnings).toMatchObject([
      { code: 'target-zero-filled', message: expect.stringContaining('384 columns from 269') },
    ]);
  });

  it('pairs equal contrasts only where the reference is sharper, with a warning and a low score', () => {
    const pairs = suggestPairs([series('coarse', 't2'), series('fine', 't2', FINE)]);
    expect(pairs).toHaveLength(1);
    expect(pairs[0]).toMatchObject({ target: 'coarse', reference: 'fine' });
    expect(codes(pairs[0]!.warnings)).toEqual(['same-contrast']);
    expect(pairs[0]!.score).toBeLessThan(0.3);
    expect(suggestPairs([series('a', 't2'), series('b', 't2')])).toEqual([]);
  });

  it('pairs unknown contrasts with a warning, behind known ones', () => {
    const pairs = suggestPairs([
      series('what', 'unknown', FINE),
      series('t2', 't2'),
      series('t1', 't1', FINE),
    ]);
    expect(pairs[0]!.warnings).toEqual([]);
    expect(pairs.find(({ reference }) => reference === 'what')!.warnings[0]!.code).toBe('contrast-unknown');
  });

  it('leaves out what is no use in a pair', () => {
    const t2 = series('t2', 't2');
    const useless = [
      series('derived', 'derived', FINE),
      series('localizer', 'localizer', FINE),
      series('epi', 'unknown', FINE, { setAside: true }),
      series('nowhere', 't1', FINE, { geometry: undefined }),
      series('one', 't1', { ...FINE, size: [200, 200, 1] }),
    ];
    const ct = series('ct', 't1', FINE);
    const others = [...useless, { ...ct, summary: { ...ct.summary, modality: 'CT' } }];
    expect(suggestPairs([t2, ...others])).toEqual([]);
  });
});

describe('overlapShare', () => {
  it('is 1 for a series in itself and in any orientation of the same box', () => {
    const axial = geometry({ size: [100, 100, 20] });
    expect(overlapShare(axial, axial)).toBe(1);
    const sagittal = geometry({
      plane: 'sagittal',
      size: [102, 102, 102],
      stepMm: 1,
      cornerLps: [-1, -1, -4],
    });
    expect(overlapShare(axial, sagittal)).toBe(1);
  });

  it('is the share of the first, not of the second', () => {
    const small = geometry({ size: [50, 100, 20] });
    expect(overlapShare(small, geometry())).toBe(1);
    expect(overlapShare(geometry(), small)).toBeCloseTo(0.5, 0.05);
  });
});
