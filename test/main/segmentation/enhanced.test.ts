import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dicomParser from 'dicom-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { type JobContext, QUIET_JOB } from '../../../src/core/job.ts';
import { shareFrame } from '../../../src/main/segmentation/imageOf.ts';
import { segmentationImportOperation } from '../../../src/main/segmentation/importOperation.ts';
import { segmentOperation } from '../../../src/main/segmentation/segmentOperation.ts';
import { enhanceOperation } from '../../../src/main/superres/enhanceOperation.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';
import { type PhantomSource, phantomSources } from '../export/companionSeries.ts';
import { items, numbers } from '../export/readBack.ts';
import { brightFiles, brightModel } from './models.ts';

let root: string;
let target: PhantomSource;
let reference: PhantomSource;
let bright: string;
let id: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-segment-enhanced-'));
  [target, reference] = (await phantomSources(join(root, 'study'), {
    contrasts: ['flair', 't1'],
    orientation: 'oblique',
    matrix: 32,
    slices: 5,
  })) as [PhantomSource, PhantomSource];
  bright = join(root, 'bright');
  const files = brightFiles(join(root, 'elsewhere'), { model: brightModel({ above: 1 }) });
  await segmentationImportOperation({ ...files, id: 'bright', out: bright }, QUIET_JOB);
  const sharper = join(root, 'sharper');
  // It adds nothing to zero-filling.
  await writeTestPackage(sharper, 'sharper', testModel('srcnn-guided', 2));
  const asked = operations.enhance.request.parse({
    target: { paths: [], series: target.folder },
    reference: { paths: [], series: reference.folder },
    scale: 2,
    model: sharper,
    registration: 'none',
  });
  ({ id } = await enhanceOperation(asked, QUIET_JOB));
}, 120_000);
afterAll(() => rm(root, { recursive: true, force: true }));

const run = (request: RequestInput<'segment'>, job = QUIET_JOB) =>
  segmentOperation(operations.segment.request.parse(request), job);
const elementsOf = async (folder: string, name: string) =>
  dicomParser.parseDicom(await readFile(join(folder, name)));

describe('segmenting an enhanced series', () => {
  it('gives its masks on its finer grid, in the target’s frame, named as derived from its slices', async () => {
    const out = join(root, 'out');
    const found = await run({ image: { kind: 'enhanced', id }, model: bright, out });
    expect(found.size).toEqual([64, 64, 5]);
    // The reference that it was enhanced with stands for the second contrast.
    expect(found.contrasts).toEqual({ given: ['flair', 't1'], missing: [] });
    expect(found.validation).toMatchObject({ errors: 0 });
    const set = await elementsOf(out, 'segmentation.dcm');
    expect([set.uint16('x00280010'), set.uint16('x00280011')]).toEqual([64, 64]);
    expect(set.string('x00200052')).toBe(target.entry.frameOfReferenceUid);
    expect(set.string('x00700081')).toBe('RUO preview, enhanced x2 by CANDIDATE sharper');
    for (const name of ['segmentation.dcm', 'report.dcm']) {
      expect((await elementsOf(out, name)).string('x0008103e')).toMatch(/ CANDIDATE RUO$/);
    }
    const spacing = numbers(items(items(set, 'x52009229')[0]!, 'x00289110')[0]!, 'x00280030');
    expect(spacing[0]).toBeCloseTo(target.stack.spacingMm[1] / 2, 9);
    const frame = items(set, 'x52009230')[0]!;
    const sources = items(items(frame, 'x00089124')[0]!, 'x00082112').map((one) => one.string('x00081155'));
    const known = target.stack.slices.map(({ source }) => source!.sopInstanceUid);
    expect(sources.length).toBeGreaterThan(0);
    for (const uid of sources) expect(known).toContain(uid);
  });

  it('finds in one that a model added nothing to what it finds in the target zero-filled', async () => {
    const enhanced = await run({ image: { kind: 'enhanced', id }, model: bright });
    const filled = await run({ image: { kind: 'zero-filled', id }, model: bright });
    expect(filled.labelsSha256).toBe(enhanced.labelsSha256);
    expect(enhanced.nothingFound).toBe(false);
    const acquired = await run({
      image: { kind: 'series', series: { paths: [], series: target.folder } },
      reference: { paths: [], series: reference.folder },
      model: bright,
    });
    expect(enhanced.voxelMl).toBeCloseTo(acquired.voxelMl / 4, 9);
  });

  it('that is not there any more is told', async () => {
    await expect(run({ image: { kind: 'enhanced', id: 'gone' }, model: bright })).rejects.toMatchObject({
      code: 'series-not-found',
    });
  });
});

describe('segmenting', () => {
  const image = () => ({ kind: 'series' as const, series: { paths: [], series: target.folder } });

  it('is de-identified where that is asked for, and still in order', async () => {
    const out = join(root, 'nobody');
    const found = await run({ image: image(), model: bright, out, deidentify: { options: [] } });
    expect(found.validation).toMatchObject({ errors: 0 });
    for (const name of await readdir(out)) {
      const set = await elementsOf(out, name);
      expect(set.string('x00120062')).toBe('YES');
      expect(set.string('x0020000d')).not.toBe(target.entry.studyUid);
    }
  });

  it('stops when it is asked to, and writes nothing', async () => {
    const controller = new AbortController();
    const stopping: JobContext = {
      signal: controller.signal,
      progress: ({ stage, done }) => stage === 'segmenting' && done === 1 && controller.abort(),
    };
    const out = join(root, 'stopped');
    await expect(run({ image: image(), model: bright, out }, stopping)).rejects.toThrow();
    expect(controller.signal.aborted).toBe(true);
    expect(await readdir(root)).not.toContain('stopped');
  });

  it('takes the headers’ word for where a reference lies only within one frame of reference', () => {
    const other = { ...reference.entry, frameOfReferenceUid: '1.2.3' };
    expect(shareFrame(target.entry, reference.entry)).toBe(true);
    expect(shareFrame(target.entry, other)).toBe(false);
    expect(
      shareFrame(
        { ...target.entry, frameOfReferenceUid: undefined },
        { ...other, frameOfReferenceUid: undefined },
      ),
    ).toBe(false);
    const nifti = { ...other, summary: { ...other.summary, format: 'nifti' as const } };
    expect(shareFrame(target.entry, nifti)).toBe(false);
    expect(shareFrame(nifti, nifti)).toBe(true);
  });
});
