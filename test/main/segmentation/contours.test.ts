import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import dicomParser from 'dicom-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Evidence } from '../../../src/core/contract/auditing.ts';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import { runsOf } from '../../../src/core/segmentation/runs.ts';
import { isAudited } from '../../../src/main/audit/audited.ts';
import { sha256 } from '../../../src/main/audit/entry.ts';
import { compareOperation } from '../../../src/main/segmentation/compareOperation.ts';
import { correctOperation } from '../../../src/main/segmentation/correctOperation.ts';
import { segmentationExportOperation } from '../../../src/main/segmentation/exportOperation.ts';
import { segmentationImportOperation } from '../../../src/main/segmentation/importOperation.ts';
import { segmentOperation } from '../../../src/main/segmentation/segmentOperation.ts';
import { readNiftiFile } from '../../../src/main/studies/niftiFile.ts';
import { enhanceOperation } from '../../../src/main/superres/enhanceOperation.ts';
import { volumeOperation } from '../../../src/main/superres/volumeOperation.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';
import { type PhantomSource, phantomSources } from '../export/companionSeries.ts';
import { items } from '../export/readBack.ts';
import { brightFiles, brightModel } from './models.ts';

let root: string;
let target: PhantomSource;
let bright: string;
let acquired: string;
let filled: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-contours-'));
  target = (
    await phantomSources(join(root, 'study'), {
      contrasts: ['flair', 't1'],
      orientation: 'oblique',
      matrix: 32,
      slices: 5,
    })
  )[0]!;
  bright = join(root, 'bright');
  const files = brightFiles(join(root, 'elsewhere'), { model: brightModel({ above: 0.2 }) });
  await segmentationImportOperation({ ...files, id: 'bright', out: bright }, QUIET_JOB);
  const single = join(root, 'single');
  await writeTestPackage(single, 'single', testModel('srcnn', 2));
  const { id } = await enhanceOperation(
    operations.enhance.request.parse({
      target: { paths: [], series: target.folder },
      scale: 2,
      model: single,
    }),
    QUIET_JOB,
  );
  ({ id: acquired } = await segment({ image: at(target.folder), model: bright }));
  ({ id: filled } = await segment({ image: { kind: 'zero-filled', id }, model: bright }));
}, 120_000);
afterAll(() => rm(root, { recursive: true, force: true }));

const at = (series: string) => ({ kind: 'series' as const, series: { paths: [], series } });
const segment = (request: RequestInput<'segment'>) =>
  segmentOperation(operations.segment.request.parse(request), QUIET_JOB);
const compare = (request: RequestInput<'segmentationCompare'>) =>
  compareOperation(operations.segmentationCompare.request.parse(request), QUIET_JOB);
const view = (id: string) => volumeOperation({ kind: 'segmentation', id, what: 'labels' }, QUIET_JOB);
async function labelsOf(id: string): Promise<Int16Array> {
  const { voxels } = await view(id);
  return new Int16Array(voxels.buffer, voxels.byteOffset, voxels.byteLength / 2).slice();
}
/** Truth as a file: labels on the grid of a segmentation. */
async function writeLabels(name: string, id: string, labels: Int16Array): Promise<string> {
  const { size, spacingMm, originLps, axesLps } = await view(id);
  const path = join(root, name);
  const grid = { size, spacingMm, originLps, axesLps };
  await writeFile(path, encodeNifti({ grid, voxels: Float32Array.from(labels) }, { dataType: 'int16' }));
  return path;
}

describe('comparing segmentations', () => {
  it('of the acquired and the interpolated image is done on the finer grid, every two in order', async () => {
    const found = await compare({ segmentations: [acquired, filled] });
    expect(found.volumes.map(({ id }) => id)).toEqual([acquired, filled]);
    expect(found.agreements).toHaveLength(1);
    const [agreement] = found.agreements;
    expect(agreement).toMatchObject({ first: acquired, second: filled });
    const [a, b] = [await labelsOf(acquired), await labelsOf(filled)];
    // The grids share their first sample: areas are counted in quarters of the finer pixels.
    let both = 0;
    let ofCoarse = 0;
    const side = [...Array(128).keys()];
    for (const k of [0, 1, 2, 3, 4]) {
      for (const y of side) {
        for (const x of side) {
          const [i, j] = [(x - 0.5) / 4, (y - 0.5) / 4].map(Math.round) as [number, number];
          const coarse = i > 31 || j > 31 ? 0 : a[i + 32 * (j + 32 * k)]!;
          ofCoarse += coarse;
          both += coarse * b[(x >> 1) + 64 * ((y >> 1) + 64 * k)]!;
        }
      }
    }
    const ofFine = 4 * b.reduce((sum, value) => sum + value, 0);
    expect(agreement!.dice).toBeCloseTo((2 * both) / (ofCoarse + ofFine), 12);
    expect(agreement!.dice).toBeGreaterThan(0.5);
    expect(agreement!.dice).toBeLessThan(1);
    expect(agreement!.hd95Mm).toBeGreaterThan(0);
    expect(agreement!.curve).toHaveLength(5);
    expect(found.slices).toHaveLength(5);
    expect(found.truthMl).toBeNull();
    const swapped = await compare({ segmentations: [filled, acquired] });
    expect(swapped.agreements[0]!.dice).toBe(agreement!.dice);
  });

  it('with labels that were drawn: alike where they are the same, and never with those of another head', async () => {
    const labels = await labelsOf(acquired);
    const same = await writeLabels('same.nii', acquired, labels);
    const alone = await compare({ segmentations: [acquired], truth: { path: same } });
    expect(alone.agreements).toMatchObject([{ second: 'truth', dice: 1, hd95Mm: 0 }]);
    const found = await compare({ segmentations: [acquired, filled], truth: { path: same } });
    const to = (id: string) =>
      found.agreements.find(({ first, second }) => first === id && second === 'truth');
    expect(found.agreements).toHaveLength(3);
    expect(to(acquired)).toMatchObject({ dice: 1, hd95Mm: 0 });
    expect(to(filled)!.dice).toBeCloseTo(found.agreements[0]!.dice, 12);
    expect(found.truthMl).toBeCloseTo(found.volumes[0]!.ml, 3);
    // Only the value that is asked for counts.
    const two = await writeLabels(
      'two.nii',
      acquired,
      labels.map((value, n) => (value === 0 ? 0 : n % 2 === 0 ? 3 : 4)),
    );
    const half = await compare({ segmentations: [acquired], truth: { path: two, values: [3] } });
    expect(half.truthMl! / found.truthMl!).toBeCloseTo(0.5, 1);
    expect(half.agreements[0]!.dice).toBeCloseTo(2 / 3, 1);
    const { size, spacingMm, axesLps } = await view(acquired);
    const away = join(root, 'away.nii');
    const grid = { size, spacingMm, originLps: [4000, 0, 0] as const, axesLps };
    await writeFile(away, encodeNifti({ grid, voxels: Float32Array.from(labels) }, { dataType: 'int16' }));
    await expect(compare({ segmentations: [acquired], truth: { path: away } })).rejects.toMatchObject({
      code: 'no-overlap',
    });
  });

  it('that are gone, or of two series, is refused', async () => {
    await expect(compare({ segmentations: [acquired, 'gone'] })).rejects.toMatchObject({
      code: 'series-not-found',
    });
    const other = (
      await phantomSources(join(root, 'other'), { contrasts: ['flair'], matrix: 32, slices: 5 })
    )[0]!;
    const { id } = await segment({ image: at(other.folder), model: bright });
    await expect(compare({ segmentations: [acquired, id] })).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('a correction', () => {
  it('takes the place of what was found: volumes, parts, what was added and removed, for viewing and comparing', async () => {
    const before = await labelsOf(acquired);
    const after = before.slice();
    const first = after.indexOf(1);
    after[first] = 0;
    for (const n of [0, 1, 2]) after[n] = 1;
    const corrected = await correctOperation({ id: acquired, runs: runsOf(after) }, QUIET_JOB);
    const { voxelMl } = await segment({ image: at(target.folder), model: bright });
    expect(corrected.addedMl).toBeCloseTo(3 * voxelMl, 12);
    expect(corrected.removedMl).toBeCloseTo(voxelMl, 12);
    const count = after.reduce((sum, value) => sum + value, 0);
    expect(corrected.labels).toMatchObject([{ value: 1, ml: expect.closeTo(count * voxelMl, 9) }]);
    expect(corrected.labels[0]!.parts).toBeGreaterThan(1);
    expect(await labelsOf(corrected.id)).toEqual(after);
    expect(await labelsOf(acquired)).toEqual(before);
    expect((await view(corrected.id)).label).toContain('corrected by hand');
    const found = await compare({ segmentations: [acquired, corrected.id] });
    expect(found.agreements[0]!.dice).toBeCloseTo((2 * (count - 3)) / (2 * count - 2), 12);
    await expect(
      correctOperation({ id: corrected.id, runs: runsOf(after) }, QUIET_JOB),
    ).rejects.toMatchObject({ code: 'usage' });
    await expect(correctOperation({ id: acquired, runs: [0, 7] }, QUIET_JOB)).rejects.toMatchObject({
      code: 'usage',
    });
    // Another correction takes the place of the first, whatever else was corrected meanwhile.
    for (let n = 0; n < 20; n++)
      await correctOperation({ id: filled, runs: runsOf(await labelsOf(filled)) }, QUIET_JOB);
    const nothing = await correctOperation({ id: acquired, runs: [0, after.length] }, QUIET_JOB);
    await expect(view(corrected.id)).rejects.toMatchObject({ code: 'series-not-found' });
    expect((await view(nothing.id)).label).toContain('corrected by hand');
    expect(nothing).toMatchObject({ nothingFound: true, labels: [{ ml: 0, parts: 0 }] });
  });

  it('is written as what it is: semi-automatic, named corrected, with what was changed', async () => {
    const after = await labelsOf(filled);
    after[after.indexOf(1)] = 0;
    const { id, removedMl } = await correctOperation({ id: filled, runs: runsOf(after) }, QUIET_JOB);
    const out = join(root, 'corrected');
    const written = await segmentationExportOperation({ id, out }, QUIET_JOB);
    expect(written.validation).toMatchObject({ files: 2, errors: 0 });
    const set = dicomParser.parseDicom(await readFile(join(out, 'segmentation.dcm')));
    const segmented = items(set, 'x00620002')[0]!;
    expect(segmented.string('x00620008')).toBe('SEMIAUTOMATIC');
    expect(segmented.string('x00620005')).toBe('Whole tumour (preview, corrected, RUO)');
    expect(set.string('x00700081')).toBe('RUO preview, corrected, zero-filled x2');
    const pixels = set.elements.x7fe00010!;
    let marked = 0;
    for (let n = 0; n < pixels.length; n++) {
      for (let bits = set.byteArray[pixels.dataOffset + n]!; bits > 0; bits >>= 1) marked += bits & 1;
    }
    expect(marked).toBe(after.reduce((sum, value) => sum + value, 0));
    expect(set.string('x0008103e')).toMatch(/ CANDIDATE RUO$/);
    const report = (await readFile(join(out, 'report.dcm'))).toString('latin1');
    expect(report).toContain('Whole tumour, preview, corrected, zero-filled x2, CANDIDATE bright');
    const folder = join(root, 'corrected-nifti');
    await segmentationExportOperation({ id, out: folder, format: 'nifti' }, QUIET_JOB);
    const header = gunzipSync(await readFile(join(folder, 'segmentation.nii.gz'))).subarray(0, 352);
    expect(header.toString('latin1')).toContain('RUO preview, corrected, CANDIDATE bright');
    const json = JSON.parse(await readFile(join(folder, 'segmentation.json'), 'utf8'));
    expect(json).toMatchObject({
      corrected: { addedMl: 0, removedMl: expect.closeTo(removedMl, 12) },
      labels: [{ confidence: null }],
    });
    expect(json.parts.every((part: { confidence: null }) => part.confidence === null)).toBe(true);
  });
});

describe('writing what is in memory', () => {
  it('gives the very bytes that segmenting with a folder gives', async () => {
    const [now, later] = [join(root, 'now'), join(root, 'later')];
    const { id } = await segment({ image: at(target.folder), model: bright, out: now, format: 'nifti' });
    await segmentationExportOperation({ id, out: later, format: 'nifti' }, QUIET_JOB);
    expect((await readdir(later)).sort()).toEqual((await readdir(now)).sort());
    for (const name of await readdir(now)) {
      expect(await readFile(join(later, name))).toEqual(await readFile(join(now, name)));
    }
    const labels = await readNiftiFile(join(later, 'segmentation.nii.gz'));
    expect(Int16Array.from(labels.voxels)).toEqual(await labelsOf(id));
    expect(gunzipSync(await readFile(join(later, 'segmentation.nii.gz'))).length).toBeGreaterThan(352);
    await expect(
      segmentationExportOperation({ id, out: later, format: 'nifti' }, QUIET_JOB),
    ).rejects.toMatchObject({ code: 'output-exists' });
  });

  it('is recorded: which model, which series, whether it was corrected', async () => {
    expect(isAudited('segmentationExport')).toBe(true);
    const told: Evidence[] = [];
    const job = { ...QUIET_JOB, evidence: (evidence: Evidence) => void told.push(evidence) };
    await segmentationExportOperation({ id: acquired, out: join(root, 'recorded') }, job);
    expect(told).toMatchObject([
      {
        model: { id: 'bright', state: 'candidate' },
        inputs: [{ role: 'series', seriesSha256: sha256(target.entry.summary.uid) }],
        settings: { format: 'dicom-seg', image: 'acquired', corrected: false },
        outputs: { labels: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
    ]);
  });
});
