import { describe, expect, it } from 'vitest';
import { assembleSeries, type SeriesPart } from '../../../src/core/dicom/assemble.ts';
import { TAG } from '../../../src/core/dicom/tags.ts';
import { cross, scale, type Vec3 } from '../../../src/core/volume/vec.ts';
import {
  cs,
  ds,
  type Elements,
  is,
  mrSeries,
  mrSlice,
  type SliceOptions,
  us,
} from '../../helpers/dicomBuilder.ts';
import { read } from './helpers.ts';

const assemble = (files: readonly Elements[]): SeriesPart[] =>
  assembleSeries(files.map((elements, n) => read(elements, {}, `/data/${String(n).padStart(4, '0')}.dcm`)));

const only = (files: readonly Elements[]): SeriesPart => {
  const parts = assemble(files);
  expect(parts).toHaveLength(1);
  return parts[0]!;
};

const codes = (part: SeriesPart) => part.warnings.map(({ code }) => code);
const heights = (part: SeriesPart) => part.instances.map(({ geometry }) => geometry!.positionLps[2]);

describe('assembleSeries', () => {
  it('sorts slices along the normal, whatever their numbers and files', () => {
    const part = only(mrSeries([6, 0, 4, 2]));
    expect(heights(part)).toEqual([0, 2, 4, 6]);
    expect(part.warnings).toEqual([]);
    expect(part.uid).toBe('1.2.3.2');
    expect(part.stepMm).toBe(2);
  });

  it('sorts ascending along iAxis × jAxis, also where that points down', () => {
    const flipped = mrSeries([0, 2, 4], { jAxisLps: [0, -1, 0] });
    expect(heights(only(flipped))).toEqual([4, 2, 0]);
  });

  it('sees a gap, says where and how many slices are missing, and keeps true positions', () => {
    const part = only(mrSeries([0, 2.5, 5, 12.5, 15]));
    expect(codes(part)).toEqual(['gap']);
    expect(part.warnings[0]).toMatchObject({ afterSlice: 3, positionMm: 5 });
    expect(part.warnings[0]!.message).toMatch(/2 slices are missing.*7\.5 mm.*2\.5 mm/);
    expect(heights(part)).toEqual([0, 2.5, 5, 12.5, 15]);
  });

  it('sees the gap in three slices, of which two are together', () => {
    const part = only(mrSeries([0, 2, 6]));
    expect(part.warnings).toMatchObject([{ code: 'gap', afterSlice: 2, positionMm: 2 }]);
    expect(part.stepMm).toBe(2);
  });

  it('keeps one of two images at one place and says which', () => {
    const part = only([...mrSeries([0, 2, 4]), mrSlice({ positionLps: [0, 0, 2], instanceNumber: 9 })]);
    expect(heights(part)).toEqual([0, 2, 4]);
    expect(part.warnings).toMatchObject([{ code: 'duplicate-slices', afterSlice: 2, positionMm: 2 }]);
    expect(part.warnings[0]!.message).toMatch(
      /image 2 \(0001\.dcm\) is used, image 9 \(0003\.dcm\) is left out/,
    );
    expect(part.instances[1]!.instanceNumber).toBe(2);
  });

  it('lets a jitter of a micrometre pass and warns of 5 %', () => {
    expect(only(mrSeries([0, 1.001, 1.999, 3.0005, 4])).warnings).toEqual([]);
    const uneven = only(mrSeries([0, 1, 2.05, 3, 4]));
    expect(codes(uneven)).toEqual(['uneven-spacing', 'uneven-spacing']);
    expect(uneven.warnings[0]).toMatchObject({ afterSlice: 2, positionMm: 1 });
    expect(uneven.warnings[0]!.message).toMatch(/1\.05 mm/);
    expect(heights(uneven)).toEqual([0, 1, 2.05, 3, 4]);
  });

  it('takes a step of one and a half for uneven, not for a gap', () => {
    expect(codes(only(mrSeries([0, 2, 4, 7, 9])))).toEqual(['uneven-spacing']);
  });

  it('sums up what would be too many warnings', () => {
    const part = only(mrSeries(Array.from({ length: 60 }, (_, n) => n + (n % 3) * 0.2)));
    expect(part.warnings).toHaveLength(10);
    expect(part.warnings.at(-1)!.message).toMatch(/more uneven steps follow/);
  });

  it('tells the angle of a stack that is tilted as a whole', () => {
    const tilted = [0, 1, 2, 3].map((n) =>
      mrSlice({ positionLps: [0, n * 2 * Math.tan(Math.PI / 18), n * 2], instanceNumber: n + 1 }),
    );
    const part = only(tilted);
    expect(codes(part)).toEqual(['gantry-tilt']);
    expect(part.warnings[0]!.message).toMatch(/by 10°.*0\.353 mm/);
  });

  it('sees slices shifted sideways against each other', () => {
    const shifts = [0, 0.5, -0.3, 0.1];
    const sheared = shifts.map((shift, n) =>
      mrSlice({ positionLps: [0, shift, n * 2], instanceNumber: n + 1 }),
    );
    expect(codes(only(sheared))).toEqual(['sheared-stack']);
  });

  it('says where the stated spacing is not that of the positions, and that these count', () => {
    const stated = (mm: number): SliceOptions => ({ extra: { [TAG.SpacingBetweenSlices]: ds(mm) } });
    expect(only(mrSeries([0, 2, 4], stated(2.01))).warnings).toEqual([]);
    const part = only(mrSeries([0, 2, 4], stated(3)));
    expect(codes(part)).toEqual(['spacing-disagrees']);
    expect(part.stepMm).toBe(2);
    expect(part.warnings[0]?.message).not.toContain('gap');
    const gap = { extra: { [TAG.SpacingBetweenSlices]: ds(2), [TAG.SliceThickness]: ds(5) } };
    expect(only(mrSeries([0, 7, 14], gap)).warnings[0]?.message).toContain('the gap between slices of 5 mm');
  });

  it('measures along the true normal of an oblique series', () => {
    const iAxisLps: Vec3 = [0.8, 0.6, 0];
    const jAxisLps: Vec3 = [0, 0, -1];
    const normal = cross(iAxisLps, jAxisLps);
    const slices = [0, 3, 6, 12].map((at, n) =>
      mrSlice({ iAxisLps, jAxisLps, positionLps: scale(normal, at), instanceNumber: n + 1 }),
    );
    const part = only(slices);
    expect(part.warnings).toMatchObject([{ code: 'gap', afterSlice: 3 }]);
    expect(part.warnings[0]!.positionMm).toBeCloseTo(6, 9);
  });

  it('warns of one slice, of lossy compression and of no geometry', () => {
    expect(codes(only([mrSlice()]))).toEqual(['single-slice']);
    expect(codes(only(mrSeries([0, 1], { extra: { [TAG.LossyImageCompression]: cs('01') } })))).toEqual([
      'lossy-compressed',
    ]);
    const none = only(mrSeries([0, 1], { extra: { [TAG.PixelSpacing]: undefined } }));
    expect(codes(none)).toEqual(['missing-geometry']);
    expect(none.geometry).toBeUndefined();
  });
});

describe('series of several stacks', () => {
  const twoEchoes = [...mrSeries([0, 2, 4], { te: 11 }), ...mrSeries([0, 2, 4], { te: 92 })];

  it('splits echoes by echo time, in its order', () => {
    const parts = assemble(twoEchoes);
    expect(parts.map(({ uid, part }) => [uid, part])).toEqual([
      ['1.2.3.2#e1', 'echo 1'],
      ['1.2.3.2#e2', 'echo 2'],
    ]);
    expect(parts.map(({ instances }) => instances[0]!.facts.echoTimeMs)).toEqual([11, 92]);
    expect(parts.flatMap(codes)).toEqual([]);
  });

  it('splits echoes by echo number where no echo time is given', () => {
    const echo = (number: number): SliceOptions => ({
      extra: { [TAG.EchoTime]: undefined, [TAG.EchoNumbers]: is(number) },
    });
    expect(assemble([...mrSeries([0, 2], echo(2)), ...mrSeries([0, 2], echo(1))])).toHaveLength(2);
  });

  it('does not split echo times that differ by rounding', () => {
    const rounded = [...mrSeries([0, 2], { te: 91 }), ...mrSeries([4, 6], { te: 91.0003 })];
    expect(only(rounded).warnings).toEqual([]);
  });

  it('splits magnitude from phase where they lie at the same places', () => {
    const component = (value: string): SliceOptions => ({
      extra: { [TAG.ImageType]: cs('ORIGINAL', 'PRIMARY', value) },
    });
    const parts = assemble([...mrSeries([0, 2], component('M')), ...mrSeries([0, 2], component('P'))]);
    expect(parts.map(({ part }) => part)).toEqual(['magnitude', 'phase']);
  });

  it('does not split by temporal position where slices lie at different places', () => {
    const slices = [0, 2, 4].map((z, n) =>
      mrSlice({ positionLps: [0, 0, z], extra: { [TAG.TemporalPositionIdentifier]: is(n + 1) } }),
    );
    only(slices);
  });

  it.each([
    ['mixed-orientation', { iAxisLps: [0, 1, 0], jAxisLps: [0, 0, -1] }],
    ['mixed-size', { columns: 5 }],
    ['mixed-spacing', { spacingMm: [0.6, 0.6] }],
    ['mixed-frame-of-reference', { frameOfReferenceUid: '1.2.3.99' }],
  ] as const)('sets images apart that differ: %s', (code, options) => {
    const parts = assemble([...mrSeries([0, 2, 4]), ...mrSeries([50], options as SliceOptions)]);
    expect(parts.map(({ uid, instances }) => [uid, instances.length])).toEqual([
      ['1.2.3.2', 3],
      ['1.2.3.2#2', 1],
    ]);
    for (const part of parts) expect(codes(part)).toContain(code);
    expect(codes(parts[0]!)).toEqual([code]);
  });

  it('sets images without a position apart from those that have one', () => {
    const parts = assemble([
      ...mrSeries([0, 2, 4]),
      mrSlice({ extra: { [TAG.ImagePositionPatient]: undefined } }),
    ]);
    expect(parts.map(codes)).toEqual([['missing-geometry'], ['missing-geometry']]);
    expect(parts[0]!.geometry).toBeDefined();
  });

  it('gives no stack of a localiser the plain UID, as none is more than half', () => {
    const planes: SliceOptions[] = [
      {},
      { iAxisLps: [0, 1, 0], jAxisLps: [0, 0, -1] },
      { iAxisLps: [1, 0, 0], jAxisLps: [0, 0, -1] },
    ];
    expect(assemble(planes.map((plane) => mrSlice(plane))).map(({ uid }) => uid)).toEqual([
      '1.2.3.2#1',
      '1.2.3.2#2',
      '1.2.3.2#3',
    ]);
  });
});

describe('zero-filling by the scanner', () => {
  const matrix = (values: number[], direction: string, percent?: number): SliceOptions => ({
    columns: 8,
    rows: 16,
    extra: {
      [TAG.AcquisitionMatrix]: us(...values),
      [TAG.InPlanePhaseEncodingDirection]: cs(direction),
      [TAG.PercentPhaseFieldOfView]: percent === undefined ? undefined : ds(percent),
    },
  });
  const filled = (options: SliceOptions) =>
    only(mrSeries([0, 2], options)).warnings.find(({ code }) => code === 'zero-filled')?.message;

  it('sees fewer phase steps than pixels along the row', () => {
    expect(filled(matrix([0, 16, 6, 0], 'ROW', 50))).toMatch(
      /8 columns from 6 acquired.*0\.67 mm, not 0\.50 mm/,
    );
    expect(filled(matrix([0, 16, 8, 0], 'ROW', 50))).toBeUndefined();
  });

  it('sees a matrix interpolated in both directions', () => {
    expect(filled(matrix([0, 8, 4, 0], 'ROW', 50))).toMatch(/8 columns from 4.*16 rows from 8/);
  });

  it('holds phase steps against the rows where phase is encoded along columns', () => {
    expect(filled(matrix([8, 0, 0, 4], 'COL', 200))).toMatch(/16 rows from 4 acquired/);
    expect(filled(matrix([8, 0, 0, 16], 'COL', 200))).toBeUndefined();
  });

  it('counts phase steps over the field that the image shows, where a rectangle is padded to a square', () => {
    // 12 steps over 75 % of the field, shown in a square of 16 × 16: as many as 16 over all of it.
    const square = { ...matrix([0, 16, 12, 0], 'ROW', 75), columns: 16 };
    expect(filled(square)).toBeUndefined();
    expect(filled({ ...matrix([0, 16, 8, 0], 'ROW', 75), columns: 16 })).toMatch(/16 columns from 11/);
  });

  it('says nothing where the header does not tell', () => {
    expect(filled(matrix([0, 0, 0, 0], 'ROW'))).toBeUndefined();
    expect(filled(matrix([0, 4, 4, 0], 'OTHER'))).toBeUndefined();
  });
});
