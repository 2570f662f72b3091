import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { evaluateSegmentationOperation } from '../../../src/main/segmentation/evaluation/evaluateOperation.ts';
import { loadSegmentedCase } from '../../../src/main/segmentation/evaluation/loadCase.ts';
import { spreadOf, summarise, summariseFalse } from '../../../src/main/segmentation/evaluation/summarise.ts';
import { segmentationImportOperation } from '../../../src/main/segmentation/importOperation.ts';
import { loadSegmentationPackage } from '../../../src/main/segmentation/packages/loadPackage.ts';
import { segmentOperation } from '../../../src/main/segmentation/segmentOperation.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';
import { writeCase } from './cases.ts';
import { brightFiles, brightModel } from './models.ts';

let root: string;
let bright: string;
let enhancer: string;
let cases: string[];
let clean: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-evaluate-segmentation-'));
  bright = join(root, 'models', 'bright');
  // Pixels of the cases are 7 mm wide: the canvas has them as they are.
  const spec = { canvas: { size: 64, pixelMm: 7 } };
  const files = brightFiles(join(root, 'elsewhere'), { spec, model: brightModel({ above: 4 }) });
  await segmentationImportOperation({ ...files, id: 'bright', out: bright }, QUIET_JOB);
  enhancer = join(root, 'models', 'sharper');
  // It adds nothing to zero-filling.
  await writeTestPackage(enhancer, 'sharper', testModel('srcnn-guided', 2));
  cases = [writeCase(root, 'one', { seed: 1 }), writeCase(root, 'two', { seed: 2, radius: 4 })];
  clean = writeCase(root, 'well', { seed: 3, tumour: false });
}, 60_000);
afterAll(() => rm(root, { recursive: true, force: true }));

const run = (more: Partial<RequestInput<'evaluateSegmentation'>> = {}) =>
  evaluateSegmentationOperation(
    operations.evaluateSegmentation.request.parse({
      cases,
      models: [bright],
      enhancers: [enhancer],
      scales: [2],
      ...more,
    }),
    QUIET_JOB,
  );

describe('evaluating a segmentation', () => {
  it('finds the bright ball of the original, less of it in what was truncated, as much as zero-filled where a model adds nothing', async () => {
    const out = join(root, 'report');
    const result = await run({ out, withoutTumour: [{ path: clean }, { path: clean, first: 't2' }] });
    expect(result.failed).toEqual([]);
    expect(result.cases.map((one) => one.case)).toEqual(['one', 'two']);
    for (const { images, truthMl } of result.cases) {
      expect(images.map(({ image }) => image)).toEqual(['original', 'zero-filled x2', 'sharper']);
      const [original, zeroFilled, enhanced] = images as [
        (typeof images)[0],
        (typeof images)[0],
        (typeof images)[0],
      ];
      expect(original.truth.dice).toBe(1);
      expect(original.truth.hd95Mm).toBe(0);
      expect(original.ml).toBeCloseTo(truthMl, 9);
      expect(zeroFilled.truth.dice).toBeGreaterThan(0.4);
      expect(zeroFilled.truth.dice).toBeLessThan(1);
      // The original is the truth here: both comparisons say the same.
      expect(zeroFilled.original).toEqual(zeroFilled.truth);
      expect(enhanced.truth.dice).toBeCloseTo(zeroFilled.truth.dice, 2);
    }
    const row = result.summary.find(({ image }) => image === 'zero-filled x2')!;
    const dice = result.cases.map(({ images }) => images[1]!.truth.dice);
    expect(row.dice.mean).toBeCloseTo((dice[0]! + dice[1]!) / 2, 12);
    expect(row.ofOriginal).toBeCloseTo(row.dice.mean, 12);
    expect(result.withoutTumour).toMatchObject({
      cases: [{ case: 'well' }, { case: 'well-t2' }],
      summary: [{ model: 'bright', medianMl: 0, worstMl: 0 }],
    });
    expect((await readdir(out)).sort()).toEqual(['results.json', 'results.md', 'slices.csv']);
    expect(JSON.parse(await readFile(join(out, 'results.json'), 'utf8'))).toEqual(result);
    const table = await readFile(join(out, 'results.md'), 'utf8');
    expect(table).toContain('| bright | original | 1.000 ± 0.000 | 100.0 % |');
    expect(table).toContain('not for diagnosis');
    const slices = (await readFile(join(out, 'slices.csv'), 'utf8')).trim().split('\n');
    expect(slices[0]).toBe('case,network,image,slice,dice');
    const ofOne = slices
      .filter((line) => line.startsWith('one,bright,original,'))
      .map((line) => Number(line.split(',')[4]));
    expect(ofOne.length).toBeGreaterThan(1);
    expect(ofOne.every((value) => value === 1)).toBe(true);
  }, 60_000);

  it('sees what tandem segment sees in the same file', async () => {
    const { cases: found } = await run({ cases: [cases[0]!], enhancers: [], scales: [2] });
    const asked = operations.segment.request.parse({
      image: { kind: 'series', series: { paths: [], series: join(cases[0]!, 'flair.nii') } },
      reference: { paths: [], series: join(cases[0]!, 't1.nii') },
      model: bright,
    });
    const { labels } = await segmentOperation(asked, QUIET_JOB);
    expect(labels[0]!.ml).toBe(found[0]!.images[0]!.ml);
  });

  it('tells a case that cannot be evaluated and goes on; where none can be, it is the error', async () => {
    const { cases: done, failed } = await run({ cases: [cases[0]!, clean], enhancers: [] });
    expect(done).toHaveLength(1);
    expect(failed).toMatchObject([
      { case: 'well', code: 'not-found', message: expect.stringContaining('tumour') },
    ]);
    await expect(run({ cases: [clean], enhancers: [] })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('refuses what it could not tell apart, or was not asked for', async () => {
    await expect(run({ scales: [4] })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('×2'),
    });
    await expect(run({ reference: null })).rejects.toMatchObject({ code: 'no-reference' });
    await expect(run({ cases: [], withoutTumour: [] })).rejects.toMatchObject({ code: 'usage' });
    await expect(run({ out: root })).rejects.toMatchObject({ code: 'output-exists' });
    await expect(run({ models: ['nobody'] })).rejects.toMatchObject({ code: 'model-not-found' });
  });

  it('writes the numbers onto the card, in the place of the old ones of the same case', async () => {
    await run({ ontoCards: true, enhancers: [], withoutTumour: [{ path: clean }] });
    const first = (await loadSegmentationPackage(bright)).card;
    expect(first.measured.map((one) => `${one.case} ${one.image}`)).toEqual([
      'one original',
      'one zero-filled x2',
      'two original',
      'two zero-filled x2',
    ]);
    expect(first.falsePositives).toEqual([{ case: 'well', trainedOn: false, ml: 0 }]);
    await run({ ontoCards: true, cases: [cases[0]!], enhancers: [] });
    const again = (await loadSegmentationPackage(bright)).card;
    expect(again.measured).toHaveLength(4);
    expect(again.falsePositives).toEqual(first.falsePositives);
    expect(await readFile(join(bright, 'card.md'), 'utf8')).toContain(
      'On original, 2 patients that it was never trained on',
    );
  }, 60_000);
});

describe('a case', () => {
  it('has its mask on the slices of its target, and is refused where it is of another size', async () => {
    const names = { target: 'flair', mask: 'tumour', reference: 't1' };
    const { target, truth, reference, hashes } = await loadSegmentedCase(cases[0]!, names);
    expect(truth).toHaveLength(target.slices.length);
    for (const [n, { pixels }] of target.slices.entries()) {
      for (const [at, value] of pixels.entries()) expect(value > 350).toBe(truth![n]![at] === 1);
    }
    expect(reference?.grid.size).toEqual([32, 32, 6]);
    expect(hashes).toHaveLength(3);
  });
});

describe('numbers over cases', () => {
  it('are means and sample deviations, medians and the worst', () => {
    expect(spreadOf([1, null, 3])).toEqual({ mean: 2, deviation: Math.SQRT2, cases: 2 });
    expect(spreadOf([1])).toEqual({ mean: 1, deviation: null, cases: 1 });
    expect(spreadOf([null])).toBeNull();
    const of = (...volumes: number[]) =>
      summariseFalse(
        volumes.map((ml) => ({ case: '', path: '', trainedOn: [], found: [{ model: 'm', ml, parts: 0 }] })),
      );
    expect(of(5, 0, 1)).toEqual([{ model: 'm', medianMl: 1, worstMl: 5 }]);
    expect(of(5, 0, 1, 2)).toEqual([{ model: 'm', medianMl: 1.5, worstMl: 5 }]);
    expect(summarise([])).toEqual([]);
  });
});
