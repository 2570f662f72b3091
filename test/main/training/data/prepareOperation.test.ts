import { access, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../../src/core/contract/operations.ts';
import { type JobContext, QUIET_JOB } from '../../../../src/core/job.ts';
import { makePhantom } from '../../../../src/core/phantom/makePhantom.ts';
import { stackToVolume } from '../../../../src/core/volume/convert.ts';
import type { Grid } from '../../../../src/core/volume/grid.ts';
import type { Volume } from '../../../../src/core/volume/volume.ts';
import { readManifest } from '../../../../src/main/training/data/manifest.ts';
import { openPreparedData } from '../../../../src/main/training/data/preparedData.ts';
import { prepareOperation } from '../../../../src/main/training/data/prepareOperation.ts';
import { fillVolume } from '../../../core/volume/volumes.ts';
import { dataRoot } from '../../../helpers/data.ts';
import { temporaryFolder, writeCase } from '../../evaluation/cases.ts';

const axes: Grid['axesLps'] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
/** Slices of 4 mm, and voxels as long as they are wide. */
const THICK: Grid = { size: [40, 40, 6], spacingMm: [1, 1, 4], originLps: [-20, -20, -10], axesLps: axes };
const CUBIC: Grid = { size: [24, 32, 40], spacingMm: [1, 1.2, 1], originLps: [-12, -19, -20], axesLps: axes };

/** A ball with texture, of 80 % of the grid. */
function ball(grid: Grid, gain: number, texture: number): Volume {
  const radii = grid.size.map((n, axis) => 0.45 * n * grid.spacingMm[axis]!);
  return fillVolume(grid, (_, [x, y, z]) => {
    const r = Math.hypot(x / radii[0]!, y / radii[1]!, z / radii[2]!);
    return r > 1 ? 0 : gain * (2 + Math.sin(texture * x) * Math.cos(y / 2));
  });
}

let cases: string;

beforeAll(async () => {
  cases = await temporaryFolder();
  const thick = (n: number) => ({ t2: ball(THICK, 100 + n, 0.7), t1: ball(THICK, 3, 0.5 + n / 10) });
  for (const [n, name] of ['p-1-v1', 'p-1-v2', 'p-2', 'p-3'].entries())
    await writeCase(thick(n), join(cases, name));
  await writeCase({ t2: ball(CUBIC, 100, 0.7), t1: ball(CUBIC, 2, 0.9) }, join(cases, 'cubic-1'));
  await writeCase({ t2: ball(CUBIC, 90, 0.7), t1: ball(CUBIC, 2, 0.9) }, join(cases, 'cubic-2'));
  await writeCase({ t2: ball(THICK, 100, 0.7) }, join(cases, 'without'));
});
afterAll(() => rm(cases, { recursive: true, force: true }));

function prepare(out: string, more: Partial<RequestInput<'dataPrepare'>> = {}, job: JobContext = QUIET_JOB) {
  const request = operations.dataPrepare.request.parse({
    sources: [cases],
    target: 't2',
    reference: 't1',
    registration: 'headers-unchecked',
    out,
    name: 'balls',
    ...more,
  });
  return prepareOperation(request, job);
}
const newFolder = async () => join(await temporaryFolder(), 'out');

describe('tandem data prepare', () => {
  it('writes slices that are what their manifest says, split by patient', async () => {
    const out = await newFolder();
    const result = await prepare(out, { validation: ['p-1'], test: ['cubic-2'] });
    const { manifest, sha256, cases: opened } = await openPreparedData(out, true, QUIET_JOB);
    expect(result).toMatchObject({
      path: out,
      sha256,
      bytes: manifest.cases.reduce((sum, { bytes }) => sum + bytes, 0),
    });
    expect(manifest).toMatchObject({ name: 'balls', target: 't2', reference: 't1' });
    const names = (side: 'train' | 'validation' | 'test') => opened[side].map(({ name }) => name);
    expect(names('train')).toEqual(['cubic-1', 'p-2', 'p-3']);
    expect(names('validation')).toEqual(['p-1-v1', 'p-1-v2']);
    expect(names('test')).toEqual(['cubic-2']);
    expect(result.validation).toEqual({
      patients: 1,
      cases: 2,
      slices: opened.validation.reduce((sum, { places }) => sum + places.length, 0),
    });
    const one = opened.train[1]!;
    expect(one).toMatchObject({ rows: 40, columns: 40, sliceThicknessMm: 4, patient: 'p-2' });
    expect(one.registration).toBe('by the headers, unchecked');
    expect(one.files.map(({ name }) => name)).toEqual(['t2.nii', 't1.nii']);
    const { truth, reference } = one.slice(2);
    // Both are scaled by their own 99.9th percentile.
    expect(Math.max(...truth)).toBeGreaterThan(0.9);
    expect(Math.max(...truth)).toBeLessThan(1.1);
    expect(Math.max(...reference!)).toBeGreaterThan(0.8);
    expect(Math.max(...reference!)).toBeLessThan(1.1);
  });

  it('leaves out by name what has no reference, and keeps it where none is wanted', async () => {
    const out = await newFolder();
    const { leftOut } = await prepare(out);
    expect(leftOut).toEqual([{ name: 'without', patient: 'without', reason: expect.stringMatching(/t1/) }]);
    expect((await readManifest(out)).manifest.leftOut).toEqual(leftOut);
    const alone = await prepare(await newFolder(), { reference: undefined });
    expect(alone.leftOut).toEqual([]);
    expect(alone.train.cases).toBe(7);
  });

  it('gives the same bytes for the same cases, wherever they are written', async () => {
    const [a, b] = [await newFolder(), await newFolder()];
    const first = await prepare(a, { validationShare: 0.4, testShare: 0.2 });
    await prepare(b, { validationShare: 0.4, testShare: 0.2 });
    expect((await readdir(a)).sort()).toEqual((await readdir(b)).sort());
    for (const name of await readdir(a))
      expect(await readFile(join(a, name))).toEqual(await readFile(join(b, name)));
    // A path, or a time, in the manifest would make it another's.
    expect(await readFile(join(a, 'data.json'), 'utf8')).not.toContain(cases);
    const other = await prepare(await newFolder(), { validationShare: 0.4, testShare: 0.2, seed: 3 });
    expect(other.sha256).not.toBe(first.sha256);
  });

  it('cuts nearly isotropic cases in all planes to train on, and as acquired to measure on', async () => {
    const out = await newFolder();
    await prepare(out, { planes: 'all', validation: ['cubic-2'] });
    const { manifest, cases: opened } = await openPreparedData(out, true, QUIET_JOB);
    const planes = (patient: string) =>
      manifest.cases.flatMap((one) => (one.patient === patient ? [`${one.name} ${one.plane}`] : [])).sort();
    expect(planes('cubic-1')).toEqual([
      'cubic-1.axial axial',
      'cubic-1.coronal coronal',
      'cubic-1.sagittal sagittal',
    ]);
    expect(planes('cubic-2')).toHaveLength(1);
    expect(planes('p-2')).toEqual(['p-2 axial']);
    const size = (name: string) => {
      const one = opened.train.find((each) => each.name === name)!;
      return [
        one.columns,
        one.rows,
        ...one.spacingMm.map((mm) => mm.toFixed(1)),
        one.sliceThicknessMm.toFixed(1),
      ];
    };
    expect(size('cubic-1.axial')).toEqual([24, 32, '1.0', '1.2', '1.0']);
    expect(size('cubic-1.coronal')).toEqual([24, 40, '1.0', '1.0', '1.2']);
    expect(size('cubic-1.sagittal')).toEqual([32, 40, '1.2', '1.0', '1.0']);
    // Planes of one scan are one patient's: on one side.
    expect(
      new Set(manifest.cases.filter(({ patient }) => patient === 'cubic-1').map(({ split }) => split)),
    ).toEqual(new Set(['train']));
  });

  it('leaves no manifest where it is cancelled, nor where no case is left to train on', async () => {
    const out = await newFolder();
    const controller = new AbortController();
    const job: JobContext = {
      signal: controller.signal,
      progress: ({ stage, done }) => {
        if (stage === 'preparing' && done === 2) controller.abort();
      },
    };
    await expect(prepare(out, {}, job)).rejects.toMatchObject({ code: 'cancelled' });
    await expect(access(join(out, 'data.json'))).rejects.toThrow();

    const nothing = await newFolder();
    await expect(prepare(nothing, { leastSlices: 1000 })).rejects.toMatchObject({
      code: 'nothing-readable',
      message: expect.stringMatching(/p-2: Fewer than 1000 slices/),
    });
    await expect(access(join(nothing, 'data.json'))).rejects.toThrow();
  });

  it('refuses a folder that holds something before it reads a case', async () => {
    await expect(prepare(cases, { sources: [join(cases, 'nowhere')] })).rejects.toMatchObject({
      code: 'output-exists',
      path: cases,
    });
  });

  it('leaves a reference where the headers place it only where they can be trusted', async () => {
    const head = (contrast: 't1' | 't2', seed: number) =>
      stackToVolume(
        makePhantom({
          contrast,
          rows: 64,
          columns: 64,
          slices: 12,
          fieldOfViewMm: [240, 240],
          sliceThicknessMm: 10,
          orientation: 'axial',
          noise: 0.01,
          seed,
          lesions: 0,
        }),
      );
    const heads = await temporaryFolder();
    const t1 = head('t1', 1);
    await writeCase({ t2: head('t2', 2), t1 }, join(heads, 'right'));
    // Nothing of the other shows in this one.
    const unrelated = { ...t1, voxels: t1.voxels.map((_, n) => ((n * 7919) % 1013) / 1013) };
    await writeCase({ t2: head('t2', 3), t1: unrelated }, join(heads, 'wrong'));
    const out = await newFolder();
    const { leftOut, train } = await prepare(out, { sources: [heads], registration: 'headers' });
    expect(leftOut).toEqual([
      { name: 'wrong', patient: 'wrong', reason: expect.stringMatching(/little in common/) },
    ]);
    expect(train.cases).toBe(1);
    const { manifest } = await readManifest(out);
    expect(manifest.cases[0]!.registration).toMatch(/^by the headers, checked: /);
  });

  it.skipIf(dataRoot() === undefined)(
    'registers what lies beside itself, and leaves out what cannot be trusted [needs shared data]',
    { timeout: 240_000 },
    async () => {
      const pairs = join(dataRoot() ?? '', 'pairs');
      const out = await newFolder();
      const { leftOut } = await prepare(out, {
        sources: [join(pairs, 'ms-long-12-v1'), join(pairs, 'ixi-slices')],
        registration: 'auto',
      });
      expect(leftOut).toEqual([
        { name: 'ixi-slices', patient: 'ixi-slices', reason: expect.stringMatching(/little in common/) },
      ]);
      const { manifest, cases: opened } = await openPreparedData(out, true, QUIET_JOB);
      const moved = /registered, moved by ([\d.]+) mm/.exec(manifest.cases[0]!.registration ?? '');
      expect(Number(moved?.[1])).toBeGreaterThan(2.4);
      expect(Number(moved?.[1])).toBeLessThan(3.4);
      const unmoved = await newFolder();
      await prepare(unmoved, { sources: [join(pairs, 'ms-long-12-v1')], registration: 'headers-unchecked' });
      const asItLies = (await openPreparedData(unmoved, true, QUIET_JOB)).cases.train[0]!;
      const [before, after] = [asItLies, opened.train[0]!].map(edgesTogether);
      expect(after).toBeGreaterThan(1.1 * before!);
    },
  );
});

/** Correlation of where the edges are in truth and reference, of the middle slice. */
function edgesTogether({
  rows,
  columns,
  places,
  slice,
}: {
  rows: number;
  columns: number;
  places: readonly number[];
  slice(n: number): { truth: Float32Array; reference: Float32Array | undefined };
}): number {
  const { truth, reference } = slice(Math.floor(places.length / 2));
  const edges = (image: Float32Array) => {
    const found: number[] = [];
    for (let row = 1; row < rows - 1; row++) {
      for (let column = 1; column < columns - 1; column++) {
        const at = row * columns + column;
        found.push(Math.hypot(image[at + 1]! - image[at - 1]!, image[at + columns]! - image[at - columns]!));
      }
    }
    const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
    return found.map((value) => value - mean);
  };
  const [a, b] = [edges(truth), edges(reference!)];
  const product = (x: number[], y: number[]) => x.reduce((sum, value, n) => sum + value * y[n]!, 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}
