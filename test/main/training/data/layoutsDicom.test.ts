import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RequestInput } from '../../../../src/core/contract/operations.ts';
import { TAG } from '../../../../src/core/dicom/tags.ts';
import { QUIET_JOB } from '../../../../src/core/job.ts';
import { scaleOf } from '../../../../src/core/volume/intensity.ts';
import { zeroFill } from '../../../../src/core/volume/kspace.ts';
import type { Vec3 } from '../../../../src/core/volume/vec.ts';
import { openPreparedData } from '../../../../src/main/training/data/preparedData.ts';
import { prepareOperation } from '../../../../src/main/training/data/prepareOperation.ts';
import { dataRoot } from '../../../helpers/data.ts';
import { cs, dicomFile, ds, lo, mrSlice, type SliceOptions, us } from '../../../helpers/dicomBuilder.ts';
import { prepareRequest, temporaryFolder } from './layoutTrees.ts';

interface SeriesOptions extends SliceOptions {
  readonly number: number;
  /** Along z, or along x where sagittal. */
  readonly positionsMm: readonly number[];
  /** The way that the slices' normal points. */
  readonly sagittal?: 'left' | 'right' | undefined;
  readonly study?: string;
  readonly patientId?: string;
  readonly stored?: (row: number, column: number, n: number) => number;
}

const SIDE = 32;
const plain = (row: number, column: number, n: number) => 500 + 7 * row + 3 * column + 40 * n;
const steps = (count: number, stepMm: number) => Array.from({ length: count }, (_, n) => n * stepMm);

/** A series of 32 × 32 pixels of 1 mm unless something else is said: `number-n.dcm` below the folder. */
async function writeSeries(folder: string, options: SeriesOptions): Promise<void> {
  const { number, positionsMm, sagittal, study = '1', patientId = 'P1', stored = plain } = options;
  const [rows, columns] = [options.rows ?? SIDE, options.columns ?? SIDE];
  await mkdir(folder, { recursive: true });
  for (const [n, at] of positionsMm.entries()) {
    const front = sagittal === 'left' ? -1 : 1;
    const positionLps: Vec3 = sagittal ? [at, front === -1 ? SIDE : 0, SIDE] : [0, 0, at];
    const elements = mrSlice({
      spacingMm: [1, 1],
      ...(sagittal ? { iAxisLps: [0, front, 0], jAxisLps: [0, 0, -1] } : {}),
      ...options,
      rows,
      columns,
      studyUid: `1.2.7.${study}`,
      seriesUid: `1.2.7.${study}.${number}`,
      seriesNumber: number,
      instanceNumber: n + 1,
      sopInstanceUid: `1.2.7.${study}.${number}.${n + 1}`,
      positionLps,
      pixels: Array.from({ length: rows * columns }, (_, p) =>
        Math.round(stored(Math.floor(p / columns), p % columns, n)),
      ),
      extra: { [TAG.PatientID]: lo(patientId), ...options.extra },
    });
    await writeFile(join(folder, `${number}-${n}.dcm`), dicomFile(elements));
  }
}

const t2 = { te: 90, tr: 4000, description: 'AX T2', positionsMm: steps(6, 4) } as const;
const t1 = { te: 10, tr: 500, description: 'AX T1', positionsMm: steps(6, 4) } as const;

async function prepare(source: string, more: Partial<RequestInput<'dataPrepare'>> = {}) {
  const out = join(await temporaryFolder(), 'out');
  const request = prepareRequest({
    sources: [source],
    target: 't2',
    registration: 'headers-unchecked',
    out,
    ...more,
  });
  return { out, result: await prepareOperation(request, QUIET_JOB) };
}

const list = async (source: string, more: Partial<RequestInput<'dataPrepare'>> = {}) =>
  (await prepare(source, { ...more, list: true })).result;

async function trainingSlices(out: string) {
  const [one] = (await openPreparedData(out, false, QUIET_JOB)).cases.train;
  const { rows, columns, places } = one!;
  return { rows, columns, places, images: places.map((_, n) => one!.slice(n).truth) };
}

/** A slice of ours as it is stored, turned as a RAS volume has it: left becomes right, back becomes front. */
function turned(rows: number, columns: number, value: (row: number, column: number) => number): number[] {
  return Array.from({ length: rows * columns }, (_, p) =>
    value(rows - 1 - Math.floor(p / columns), columns - 1 - (p % columns)),
  );
}

describe('the series of a study', () => {
  it('are chosen by contrast: no localiser, no derived image, no contrast agent, the largest', async () => {
    const root = await temporaryFolder();
    await writeSeries(root, { ...t2, number: 1, description: 'T2 localizer', rows: 64, columns: 64 });
    await writeSeries(root, {
      ...t2,
      number: 2,
      rows: 64,
      columns: 64,
      extra: { [TAG.ImageType]: cs('DERIVED', 'SECONDARY', 'MPR') },
    });
    await writeSeries(root, { ...t2, number: 3 });
    await writeSeries(root, { ...t2, number: 4, rows: 40, columns: 40, description: 'AX T2 fine' });
    await writeSeries(root, { ...t1, number: 5, extra: { [TAG.ContrastBolusAgent]: lo('Gadovist') } });
    await writeSeries(root, {
      ...t1,
      number: 6,
      description: 'AX T1 coarse',
      rows: 16,
      columns: 16,
      spacingMm: [2, 2],
    });
    await writeSeries(root, {
      ...t1,
      number: 7,
      description: 'AX T1 fine',
      rows: 64,
      columns: 64,
      spacingMm: [0.5, 0.5],
    });
    const { cases, layouts, leftOut } = await list(root, { reference: 't1' });
    expect(layouts).toEqual([{ source: root, layout: 'dicom' }]);
    expect(leftOut).toEqual([]);
    expect(cases).toHaveLength(1);
    expect(cases[0]).toMatchObject({
      target: 'series 4 “AX T2 fine”, 6 files',
      reference: 'series 7 “AX T1 fine”, 6 files',
    });
    const withAgent = await list(root, { target: 't1c', reference: 't1' });
    expect(withAgent.cases[0]).toMatchObject({ target: 'series 5 “AX T1”, 6 files' });
  });

  it('are told with the reason where they will not do', async () => {
    const root = await temporaryFolder();
    await writeSeries(join(root, 'a'), { ...t2, number: 1, study: '1' });
    await writeSeries(join(root, 'b'), { ...t1, number: 1, study: '2' });
    await writeSeries(join(root, 'c'), { ...t2, number: 1, study: '3' });
    await writeSeries(join(root, 'c'), {
      ...t1,
      number: 2,
      study: '3',
      positionsMm: steps(6, 4).map((z) => z + 500),
    });
    await writeSeries(join(root, 'd'), {
      ...t2,
      number: 1,
      study: '4',
      extra: { [TAG.LossyImageCompression]: cs('01') },
    });
    await writeSeries(join(root, 'd'), { ...t1, number: 2, study: '4' });
    await writeSeries(join(root, 'e'), { ...t2, number: 1, study: '5' });
    await writeSeries(join(root, 'e'), { ...t1, number: 2, study: '5' });
    const cut = await readFile(join(root, 'a/1-0.dcm'));
    await writeFile(join(root, 'a/1-0.dcm'), cut.subarray(0, cut.length - 100));
    const { cases, leftOut } = await list(root, { reference: 't1' });
    expect(cases.map(({ path }) => path)).toEqual([join(root, 'e')]);
    const reasons = leftOut.map(({ reason }) => reason);
    expect(reasons).toHaveLength(5);
    for (const words of [
      /is t1 by its headers.*: t2$/,
      /is t2 by its headers.*: t1$/,
      /covers more than 0 %/,
      /with loss/,
    ]) {
      expect(reasons.filter((reason) => words.test(reason))).toHaveLength(1);
    }
    expect(leftOut.find(({ name }) => name === '1 file')!.reason).toMatch(/ends|cut|bytes/i);
  });

  it('belong to a patient whose ID is written nowhere', async () => {
    const root = await temporaryFolder();
    const id = 'HOSPITAL-4711';
    const folder = join(root, id);
    for (const [study, patientId] of [
      ['1', id],
      ['2', id],
      ['3', 'HOSPITAL-4712'],
      ['4', ''],
      ['5', ''],
    ] as const) {
      await writeSeries(join(folder, study), { ...t2, number: 1, study, patientId });
    }
    const { out, result } = await prepare(root, { validationShare: 0.3 });
    const patients = result.cases.map(({ patient }) => patient);
    expect(result.cases).toHaveLength(5);
    expect(new Set(patients).size).toBe(4);
    const sides = Map.groupBy(result.cases, ({ patient }) => patient);
    for (const cases of sides.values()) expect(new Set(cases.map(({ split }) => split)).size).toBe(1);
    for (const file of await readdir(out)) {
      expect(file).not.toContain('HOSPITAL');
      expect((await readFile(join(out, file))).includes('HOSPITAL')).toBe(false);
      expect((await readFile(join(out, file))).includes('PHANTOM')).toBe(false);
    }
  });
});

describe('slices of a DICOM series', () => {
  it.each([
    ['axial', undefined],
    ['sagittal', 'left'],
    ['sagittal', 'right'],
  ] as const)('are those that were acquired: nothing in a gap becomes truth (%s, %s)', async (_, sagittal) => {
    const root = await temporaryFolder();
    // Voxels of equal sides, which may be cut in every plane where none is missing.
    const positionsMm = [0, 1, 3, 4, 5, 6];
    const brightness = [1, 2, 4, 5, 6, 7];
    const stored = (row: number, column: number, n: number) => brightness[n]! * (400 + 5 * row + column);
    await writeSeries(root, { ...t2, number: 1, positionsMm, sagittal, stored });
    const { out, result } = await prepare(root, { planes: 'all' });
    const { rows, columns, places, images } = await trainingSlices(out);
    expect(result.train.cases).toBe(1);
    expect(result.cases[0]!.notes).toEqual([expect.stringContaining('one slice is missing')]);
    expect([rows, columns]).toEqual([SIDE, SIDE]);
    // Written towards the left; a RAS volume counts towards the right.
    expect([...places]).toEqual(sagittal ? [0, 1, 2, 3, 5, 6] : [0, 1, 3, 4, 5, 6]);
    const order = sagittal ? [...brightness].reverse() : brightness;
    const means = images.map((image) => image.reduce((sum, x) => sum + x, 0) / image.length);
    for (const [n, mean] of means.entries()) expect(mean / means[0]!).toBeCloseTo(order[n]! / order[0]!, 2);
  });

  it('hold the stored values over the 99.9th percentile of all of them', async () => {
    const root = await temporaryFolder();
    await writeSeries(root, { ...t2, number: 1 });
    const { out } = await prepare(root);
    const { places, images } = await trainingSlices(out);
    const all = places.map((n) => turned(SIDE, SIDE, (row, column) => plain(row, column, n)));
    const divisor = scaleOf(all.flat());
    for (const [n, image] of images.entries()) {
      for (const [p, value] of image.entries())
        expect(Math.abs(value - all[n]![p]! / divisor)).toBeLessThan(1e-3);
    }
  });

  it('are reduced to what was acquired where the scanner interpolated', async () => {
    const root = await temporaryFolder();
    // Odd, so that truncating takes away exactly what zero-filling added.
    const acquired = 33;
    const small = Float32Array.from({ length: acquired * acquired }, (_, p) => {
      const [row, column] = [Math.floor(p / acquired), p % acquired];
      return 20000 + 6000 * Math.sin(row / 2) * Math.cos(column / 3) + 100 * ((7 * row + 3 * column) % 11);
    });
    const large = zeroFill(small, acquired, acquired, 48, 48);
    await writeSeries(root, {
      ...t2,
      number: 1,
      rows: 48,
      columns: 48,
      stored: (row, column) => large[row * 48 + column]!,
      extra: {
        [TAG.AcquisitionMatrix]: us(48, 0, 0, acquired),
        [TAG.InPlanePhaseEncodingDirection]: cs('ROW'),
        [TAG.PercentPhaseFieldOfView]: ds(100),
      },
    });
    const { out, result } = await prepare(root);
    expect(result.cases[0]!.notes).toEqual([expect.stringMatching(/48 columns from 33 .*reduced/)]);
    const { rows, columns, images } = await trainingSlices(out);
    expect([rows, columns]).toEqual([SIDE, SIDE]);
    const whole = turned(acquired, acquired, (row, column) => small[row * acquired + column]!);
    const expected = whole.filter((_, p) => p % acquired < columns && p < rows * acquired);
    const divisor = scaleOf(whole);
    const error = Math.hypot(...images[0]!.map((value, p) => value - expected[p]! / divisor));
    expect(error / Math.hypot(...images[0]!)).toBeLessThan(5e-4);
  });

  it('name their data by a hash of the files, whatever these are called', async () => {
    const root = await temporaryFolder();
    await writeSeries(join(root, 'a'), { ...t2, number: 1 });
    await mkdir(join(root, 'b'));
    const files = (await readdir(join(root, 'a'))).sort();
    for (const [n, file] of files.entries()) {
      await copyFile(join(root, 'a', file), join(root, 'b', `IM${files.length - n}`));
    }
    const sourcesOf = async (folder: string) => {
      const { out } = await prepare(join(root, folder));
      return (await openPreparedData(out, false, QUIET_JOB)).cases.train[0]!.files;
    };
    const first = await sourcesOf('a');
    expect(first).toEqual([
      { name: 'series 1 “AX T2”, 6 files', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect(await sourcesOf('b')).toEqual(first);
    const path = join(root, 'b', 'IM1');
    const bytes = await readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(path, bytes);
    expect((await sourcesOf('b'))[0]!.sha256).not.toBe(first[0]!.sha256);
  });

  it.skipIf(dataRoot() === undefined)('of a real study, reference and all [needs shared data]', async () => {
    const source = join(dataRoot() ?? '', 'dicom/t1-t2-study');
    const { out, result } = await prepare(source, { reference: 't1' });
    expect(result.cases[0]).toMatchObject({
      target: 'series 6 “AX FSE T2”, 55 files',
      reference: expect.stringMatching(/^series 5 /),
    });
    const [one] = (await openPreparedData(out, true, QUIET_JOB)).cases.train;
    // 512 × 384 pixels from 269 phase steps: 358 × 269, cropped to multiples of 8.
    expect([one!.rows, one!.columns, one!.places.length]).toEqual([352, 264, 55]);
    expect(one!.places).not.toContain(34);
    const { truth, reference } = one!.slice(30);
    const seen = (image: Float32Array) => image.filter((value) => value > 0.1).length / image.length;
    expect(seen(truth)).toBeGreaterThan(0.2);
    expect(Math.abs(seen(truth) - seen(reference!))).toBeLessThan(0.25);
  });
});
