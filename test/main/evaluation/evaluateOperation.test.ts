import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluateRequest, evaluateResult } from '../../../src/core/contract/evaluation.ts';
import type { RequestInput } from '../../../src/core/contract/operations.ts';
import { type Progress, QUIET_JOB } from '../../../src/core/job.ts';
import { evaluateCase } from '../../../src/main/evaluation/evaluateCase.ts';
import { evaluateOperation } from '../../../src/main/evaluation/evaluateOperation.ts';
import { loadEvaluationCase } from '../../../src/main/evaluation/evaluationCase.ts';
import { measurePackage } from '../../../src/main/evaluation/measurePackage.ts';
import { fillVolume } from '../../core/volume/volumes.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';
import { head, headGrid, temporaryFolder, writeCase } from './cases.ts';

let root = '';
let single = '';
let guided = '';
let patients = '';

beforeAll(async () => {
  root = await temporaryFolder();
  single = join(root, 'single');
  guided = join(root, 'guided');
  patients = join(root, 'patients');
  await writeTestPackage(single, 'single', testModel('srcnn', 2, { features: [2, 1] }));
  await writeTestPackage(
    guided,
    'guided',
    testModel('srcnn-guided', 2, { features: [2, 1], correction: true }),
  );
  await writeCase({ t2: head(100), t1: head(7) }, join(patients, 'ann'));
  await writeCase({ t2: head(80, 1), t1: head(9, 1) }, join(patients, 'bob'));
  await writeCase({ t2: head(80, 2) }, join(patients, 'no-reference'));
  await writeCase({ t2: fillVolume(headGrid, () => 0), t1: head(9) }, join(patients, 'blank'));
  await writeCase({ flair: head(5) }, join(patients, 'other-contrast'));
});

const evaluate = (changes: Partial<RequestInput<'evaluate'>>, job = QUIET_JOB) =>
  evaluateOperation(
    evaluateRequest.parse({
      cases: [join(patients, 'ann')],
      target: 't2',
      reference: 't1',
      scale: 2,
      models: [single, guided],
      ...changes,
    }),
    job,
  );

describe('evaluateOperation', () => {
  it('names a model that is not there before it reads anything', async () => {
    const run = evaluate({ cases: ['/nowhere'], models: ['no-such-model'] });
    await expect(run).rejects.toMatchObject({ code: 'model-not-found' });
  });

  it('gives one case the numbers of evaluateCase, where they always stood', async () => {
    const result = await evaluate({});
    expect(evaluateResult.parse(result)).toEqual(result);
    expect(result).toMatchObject({ case: 'ann', slices: 5, scale: 2 });
    expect(Object.keys(result.methods!)).toEqual(['zero-fill', 'cubic', 'single', 'guided']);
    const loaded = await loadEvaluationCase(join(patients, 'ann'), 't2', 't1');
    const model = { id: 'guided', ...testModel('srcnn-guided', 2, { features: [2, 1], correction: true }) };
    const alone = await evaluateCase(loaded, { model, device: 'cpu', registration: 'none' }, QUIET_JOB);
    for (const method of ['zero-fill', 'cubic', 'guided']) {
      expect(result.methods![method]).toEqual(alone[method]);
      expect(result.cases[0]!.methods[method]).toMatchObject(alone[method]!);
    }
    expect(result.methods!.guided!.psnr).not.toBe(result.methods!.single!.psnr);
    const card = await measurePackage(
      guided,
      join(patients, 'ann'),
      { target: 't2', reference: 't1' },
      QUIET_JOB,
    );
    expect(card).toEqual({ case: 'ann', scale: 2, slices: 5, methods: alone });
    const [one] = result.cases;
    const bytes = await readFile(join(patients, 'ann', 't2.nii'));
    expect(one!.files).toEqual([
      { name: 't2.nii', sha256: createHash('sha256').update(bytes).digest('hex') },
      { name: 't1.nii', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect(one!.methods.guided!.secondsPerSlice).toBeGreaterThan(0);
    expect(one!.methods.guided!.perSlice.psnr.n).toBe(5);
    // The brightest voxel of the volume is 1 as well, so that only the mean over slices is another.
    expect(one!.methods.guided!.perSlice.ssim.mean).toBeCloseTo(alone.guided!.ssim, 10);
    expect(one!.methods.guided!.perSlice.psnr.mean).not.toBeCloseTo(alone.guided!.psnr, 3);
  });

  it('goes on where a case fails, and tells which and why', async () => {
    const told: Progress[] = [];
    const result = await evaluate(
      { cases: [patients], models: [single] },
      { ...QUIET_JOB, progress: (progress) => told.push(progress) },
    );
    expect(result.cases.map((one) => one.case)).toEqual(['ann', 'bob']);
    expect(result.failed.map((one) => [one.case, one.code])).toEqual([
      ['blank', 'nothing-readable'],
      ['no-reference', 'not-found'],
      ['other-contrast', 'not-found'],
    ]);
    expect(result).not.toHaveProperty('methods');
    const { methods, tests } = result.summary;
    const inside = result.cases.map((one) => one.methods.single!.psnrInside);
    expect(methods.find(({ method }) => method === 'single')!.quality.psnrInside.mean).toBeCloseTo(
      (inside[0]! + inside[1]!) / 2,
      10,
    );
    expect(tests.every(({ over }) => over === 'slices')).toBe(true);
    const messages = told.map(({ message = '' }) => message);
    expect(messages.some((said) => said.includes('bob (3/4)') && said.includes('single (1/1)'))).toBe(true);
  });

  it('throws the error of the only case, and of the first where all fail', async () => {
    const missing = join(patients, 'no-reference');
    await expect(evaluate({ cases: [missing] })).rejects.toMatchObject({ code: 'not-found', path: missing });
    const run = evaluate({ cases: [join(patients, 'blank'), missing] });
    await expect(run).rejects.toMatchObject({ code: 'nothing-readable' });
  });

  it('passes on what enhancing warns of, with the case and the model', async () => {
    const half = fillVolume({ ...headGrid, size: [4, 45, 50] }, ([i, j, k]) => i + j + k);
    const folder = await writeCase({ t2: head(100), t1: half }, join(root, 'half-covered'));
    const { warnings } = await evaluate({ cases: [folder] });
    expect(warnings).toEqual([
      expect.stringMatching(/^half-covered: guided: The reference covers less than 90 %/),
    ]);
  });

  it('tells which models were trained on a case, whatever it is called', async () => {
    const path = join(root, 'learned');
    const card = await writeTestPackage(path, 'learned', testModel('srcnn', 2, { features: [2, 1] }));
    const bytes = await readFile(join(patients, 'bob', 't2.nii'));
    const learned = {
      name: 'p7',
      slices: 5,
      rows: 48,
      columns: 40,
      spacingMm: [1, 1],
      sliceThicknessMm: 3,
      files: [{ name: 'T2w.nii', sha256: createHash('sha256').update(bytes).digest('hex') }],
    };
    await writeFile(
      join(path, 'model.json'),
      JSON.stringify({ ...card, training: { ...card.training, cases: [learned] } }),
    );
    const cases = [join(patients, 'ann'), join(patients, 'bob')];
    const result = await evaluate({ cases, models: [single, path] });
    expect(result.cases.map(({ trainedOn }) => trainedOn)).toEqual([[], ['learned']]);
    expect(result.warnings).toEqual([expect.stringMatching(/^learned was trained on bob:/)]);
  });

  it('measures the guided models again with each disturbed reference', async () => {
    const two = await evaluate({
      cases: [join(patients, 'ann'), join(patients, 'bob')],
      disturb: true,
    });
    const names = ['shift-1mm', 'shift-2mm', 'shift-3mm', 'rotate-2deg', 'blank', 'other-patient'];
    const [ann] = two.cases;
    expect(ann!.disturbed.map(({ disturbance }) => disturbance)).toEqual(names);
    expect(ann!.disturbed.at(-1)!.note).toContain('bob');
    for (const { methods } of ann!.disturbed) {
      expect(Object.keys(methods)).toEqual(['guided']);
      expect(methods.guided!.psnrInside).not.toBe(ann!.methods.guided!.psnrInside);
    }
    expect(two.summary.disturbed.map(({ disturbance }) => disturbance)).toEqual(names);
    const blank = two.summary.disturbed.find(({ disturbance }) => disturbance === 'blank')!;
    const mean = (values: number[]) => (values[0]! + values[1]!) / 2;
    expect(blank.toSingleImage!.psnrInside).toBeCloseTo(
      mean(two.cases.map((one) => one.disturbed[4]!.methods.guided!.psnrInside)) -
        mean(two.cases.map((one) => one.methods.single!.psnrInside)),
      10,
    );

    // The reference of the same scan, as that of “another” patient, changes nothing.
    const twin = await writeCase({ t1: head(7) });
    const same = await evaluate({ models: [guided], disturb: true, otherPatient: twin });
    expect(same.cases[0]!.disturbed.at(-1)).toMatchObject({
      disturbance: 'other-patient',
      methods: { guided: same.methods!.guided },
    });
    const alone = await evaluate({ models: [guided], disturb: true });
    expect(alone.cases[0]!.disturbed.at(-1)!.disturbance).toBe('mirrored');
    expect(alone.summary.singleImage).toBeNull();
  });

  it('has nothing to disturb without a reference', async () => {
    for (const changes of [{ models: [single] }, { models: [single], reference: undefined }]) {
      await expect(evaluate({ ...changes, disturb: true })).rejects.toMatchObject({ code: 'usage' });
    }
    await expect(
      evaluate({ disturb: true, otherPatient: join(patients, 'no-reference') }),
    ).rejects.toMatchObject({ code: 'not-found', path: join(patients, 'no-reference') });
    expect(
      evaluateRequest.safeParse({ cases: ['a'], target: 't2', scale: 2, models: 'all', otherPatient: 'b' })
        .success,
    ).toBe(false);
  });

  it('writes its report whole, and says the same in it', async () => {
    const out = join(root, 'report');
    const result = await evaluate({ cases: [join(patients, 'ann'), join(patients, 'bob')], out });
    expect(result.out).toBe(out);
    expect((await readdir(out)).sort()).toEqual([
      'maps',
      'results.html',
      'results.json',
      'results.md',
      'slices.csv',
    ]);
    expect(JSON.parse(await readFile(join(out, 'results.json'), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(result)),
    );
    const csv = (await readFile(join(out, 'slices.csv'), 'utf8')).trimEnd().split('\n');
    expect(csv).toHaveLength(1 + 2 * 4 * 5);
    const bob = csv.filter((row) => row.startsWith('bob,') && row.includes(',guided,'));
    const inside = bob.map((row) => Number(row.split(',')[6]));
    expect(inside.reduce((a, b) => a + b, 0) / 5).toBeCloseTo(
      result.cases[1]!.methods.guided!.perSlice.psnrInside.mean!,
      10,
    );
    expect(await readdir(join(out, 'maps'))).toEqual(['ann', 'bob']);
    expect((await readdir(join(out, 'maps', 'ann'))).sort()).toEqual(
      ['002', '003', '004'].flatMap((slice) =>
        ['guided-error', 'guided', 'single-error', 'single', 'truth', 'zero-fill-error', 'zero-fill'].map(
          (what) => `slice-${slice}-${what}.png`,
        ),
      ),
    );
    const page = await readFile(join(out, 'results.html'), 'utf8');
    // Images of both cases and the colour bar are in the page, which asks nothing of any other place.
    expect(page.match(/src="data:image\/png;base64,/g)).toHaveLength(2 * 3 * 7 + 1);
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
    for (const text of [page, await readFile(join(out, 'results.md'), 'utf8')]) {
      expect(text).toContain('Research use only, not for diagnosis.');
      expect(text).toContain(result.cases[0]!.files[0]!.sha256);
      expect(text).toContain(result.cases[1]!.methods.guided!.psnrInside.toFixed(2));
    }
  });

  it('writes over nothing, and leaves nothing where it fails or is cancelled', async () => {
    const taken = await temporaryFolder();
    await writeFile(join(taken, 'mine.txt'), '');
    await expect(evaluate({ out: taken, models: ['no-such-model'] })).rejects.toMatchObject({
      code: 'output-exists',
    });
    const out = join(await temporaryFolder(), 'report');
    await expect(evaluate({ out, cases: [join(patients, 'blank')] })).rejects.toMatchObject({
      code: 'nothing-readable',
    });
    const controller = new AbortController();
    let seen = '';
    const progress = ({ message = '' }: Progress): void => {
      if (!message.includes('bob') || !message.includes('guided')) return;
      seen = message;
      controller.abort();
    };
    await expect(
      evaluate(
        { out, cases: [join(patients, 'ann'), join(patients, 'bob')] },
        { progress, signal: controller.signal },
      ),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen).toContain('bob (2/2)');
    // The last case of all, cancelled, is no case that failed.
    const again = new AbortController();
    const cancelSoon = ({ message = '' }: Progress): void => {
      if (message.includes('bob') && message.includes('guided')) again.abort();
    };
    await expect(
      evaluate(
        { cases: [join(patients, 'ann'), join(patients, 'bob')] },
        { progress: cancelSoon, signal: again.signal },
      ),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect((await readdir(dirname(out))).map((name) => basename(name))).toEqual([]);
  });
});
