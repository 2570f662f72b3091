import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { evaluateRequest } from '../../../src/core/contract/evaluation.ts';
import { modelsMeasure } from '../../../src/core/contract/measuring.ts';
import type { RequestInput } from '../../../src/core/contract/operations.ts';
import { type Progress, QUIET_JOB } from '../../../src/core/job.ts';
import { evaluateOperation } from '../../../src/main/evaluation/evaluateOperation.ts';
import { renderCard } from '../../../src/main/models/cardText.ts';
import { loadModelCard, loadModelPackage } from '../../../src/main/models/loadModelPackage.ts';
import { measureOperation } from '../../../src/main/models/measureOperation.ts';
import { rewriteCard } from '../../../src/main/models/writeModelPackage.ts';
import { commands } from '../../../src/main/shell/cli/commands.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';
import { head, writeCase } from '../evaluation/cases.ts';

let root = '';
let cases = '';
let packages = '';
let single = '';
let guided = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-measure-'));
  cases = join(root, 'cases');
  await writeCase({ t2: head(100), t1: head(7) }, join(cases, 'ann'));
  await writeCase({ t2: head(80, 1), t1: head(9, 1) }, join(cases, 'bob'));
  await writeCase({ t2: head(80, 2) }, join(root, 'no-reference'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

beforeEach(async () => {
  packages = await mkdtemp(join(root, 'packages-'));
  single = join(packages, 'single');
  guided = join(packages, 'guided');
  await writeTestPackage(single, 'single', testModel('srcnn', 2, { features: [2, 1], correction: true }));
  await writeTestPackage(
    guided,
    'guided',
    testModel('srcnn-guided', 2, { features: [2, 1], correction: true }),
  );
  await writeFile(join(guided, 'curves.svg'), '<svg/>');
});

const measure = (changes: Partial<RequestInput<'modelsMeasure'>>, job = QUIET_JOB) =>
  measureOperation(
    modelsMeasure.request.parse({ models: [single, guided], cases: [join(cases, 'ann')], ...changes }),
    job,
  );

const old = (name: string) => ({
  case: name,
  trainedOn: false,
  scale: 2 as const,
  slices: 3,
  methods: { 'zero-fill': { psnr: 1, ssim: 0.1, psnrInside: 2, ssimInside: 0.2 } },
});

/** Every file of a folder, by name. */
async function contents(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'base64')])),
  );
}

describe('models measure', () => {
  it('writes what evaluate finds onto the cards, and leaves all else as it was', async () => {
    const card = await loadModelCard(guided);
    const before = {
      ...card,
      limits: ['Not for feet.'],
      measured: [old('ann'), old('zoe')],
      robustness: [{ case: 'zoe', rows: [{ disturbance: 'blank', psnr: 20, psnrInside: 19 }] }],
    };
    await rewriteCard(guided, before);
    const files = await contents(guided);

    const result = await measure({ cases: [cases], disturb: true });
    expect(modelsMeasure.result.parse(result)).toEqual(result);
    const evaluated = await evaluateOperation(
      evaluateRequest.parse({
        cases: [cases],
        target: 't2',
        reference: 't1',
        scale: 2,
        models: [guided, single],
        disturb: true,
      }),
      QUIET_JOB,
    );
    const found = evaluated.cases.map((one) => {
      const numbers = ['zero-fill', 'cubic', 'guided'].map((method) => {
        const { perSlice: _, secondsPerSlice: __, ...quality } = one.methods[method]!;
        return [method, quality] as const;
      });
      return { case: one.case, trainedOn: false, scale: 2, slices: 5, methods: Object.fromEntries(numbers) };
    });
    const disturbed = evaluated.cases.map((one) => ({
      case: one.case,
      rows: one.disturbed.map(({ disturbance, methods }) => {
        const { psnr, psnrInside } = methods.guided!;
        return { disturbance, psnr, psnrInside };
      }),
    }));

    const after = await loadModelCard(guided);
    expect(after).toEqual({
      ...before,
      measured: [found[0], old('zoe'), found[1]],
      robustness: [before.robustness[0], ...disturbed],
      performance: {
        device: expect.stringMatching(/^CPU, \d+ core/),
        secondsPerSlice: expect.any(Number),
        rows: 48,
        columns: 40,
        memoryMb: expect.any(Number),
      },
    });
    expect(after.robustness![1]!.rows.map(({ disturbance }) => disturbance)).toEqual([
      'shift-1mm',
      'shift-2mm',
      'shift-3mm',
      'rotate-2deg',
      'blank',
      'other-patient',
    ]);
    expect(result.models.map(({ id, casesOnCard }) => [id, casesOnCard])).toEqual([
      ['single', 2],
      ['guided', 3],
    ]);
    expect(result.models[1]!.measured[1]!.methods).toEqual(after.measured[2]!.methods);
    const { measured, robustness } = await loadModelCard(single);
    expect(measured.map((one) => Object.keys(one.methods))).toEqual([
      ['zero-fill', 'cubic', 'single'],
      ['zero-fill', 'cubic', 'single'],
    ]);
    expect(robustness).toBeUndefined();

    const now = await contents(guided);
    expect(Object.keys(now)).toEqual(Object.keys(files));
    for (const name of ['weights.safetensors', 'curves.svg']) expect(now[name]).toBe(files[name]);
    expect(await readFile(join(guided, 'card.md'), 'utf8')).toBe(renderCard(after));
    expect((await loadModelPackage(guided)).card).toEqual(after);

    const told = commands.find(({ name }) => name === 'models measure')!.print(result as never);
    const [ann] = after.measured;
    expect(told).toContain('guided ×2: 2 of the 3 cases on its card measured');
    expect(told).toContain(ann!.methods.guided!.psnrInside.toFixed(2));
    expect(told).toContain(guided);
  });

  it('leaves every card as it was where it is stopped', async () => {
    const before = [await contents(single), await contents(guided)];
    const controller = new AbortController();
    let seen = '';
    const progress = ({ message = '' }: Progress): void => {
      if (!message.includes('bob') || !message.includes('single')) return;
      seen = message;
      controller.abort();
    };
    const stopped = measure({ cases: [cases] }, { progress, signal: controller.signal });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen).toContain('bob (2/2)');
    expect([await contents(single), await contents(guided)]).toEqual(before);
  });

  it('keeps what the card gained meanwhile, but does not write on one of other weights', async () => {
    const path = join(single, 'model.json');
    /** Something done once the model runs. */
    const meanwhile = (change: () => void) => {
      let done = false;
      const progress = ({ stage }: Progress): void => {
        if (stage !== 'enhancing' || done) return;
        done = true;
        change();
      };
      return measure({ models: [single] }, { ...QUIET_JOB, progress });
    };
    await meanwhile(() => {
      const card = JSON.parse(readFileSync(path, 'utf8'));
      writeFileSync(path, JSON.stringify({ ...card, measured: [old('late')] }));
    });
    expect((await loadModelCard(single)).measured.map((one) => one.case)).toEqual(['late', 'ann']);

    const other = join(packages, 'other');
    await writeTestPackage(other, 'single', testModel('srcnn', 2, { features: [2, 1] }));
    await expect(meanwhile(() => cpSync(other, single, { recursive: true }))).rejects.toMatchObject({
      code: 'bad-model',
      path: single,
    });
    expect(await contents(single)).toEqual(await contents(other));
  });

  it('measures several scales at once, and what can be measured where another cannot', async () => {
    const four = join(packages, 'four');
    await writeTestPackage(four, 'four', testModel('srcnn', 4, { features: [2, 1] }));
    const folder = join(root, 'no-reference');
    const result = await measure({ models: [guided, four], cases: [folder] });
    expect(result.models.map(({ id, scale, target, reference }) => [id, scale, target, reference])).toEqual([
      ['four', 4, 't2', null],
    ]);
    expect(result.failed).toEqual([
      {
        case: 'no-reference',
        path: folder,
        models: ['guided'],
        code: 'not-found',
        message: 'The case has no t1.nii.gz',
      },
    ]);
    expect((await loadModelCard(four)).measured.map((one) => one.case)).toEqual(['no-reference']);
    expect((await loadModelCard(guided)).measured).toEqual([]);
    await expect(measure({ models: [guided], cases: [folder] })).rejects.toMatchObject({
      code: 'not-found',
      path: folder,
    });
  });

  it('refuses what cannot be measured before it begins', async () => {
    const told: Progress[] = [];
    const begun = { ...QUIET_JOB, progress: (progress: Progress) => told.push(progress) };
    await expect(measure({ cases: ['/nowhere'] }, begun)).rejects.toMatchObject({ code: 'not-found' });
    await expect(measure({ target: 'flair' }, begun)).rejects.toThrow(/No flair.nii.gz/);
    await expect(measure({ models: [single], disturb: true }, begun)).rejects.toMatchObject({
      code: 'usage',
    });
    const other = join(root, 'no-reference');
    await expect(measure({ disturb: true, otherPatient: other }, begun)).rejects.toMatchObject({
      code: 'not-found',
      path: other,
    });
    // Of another scale, so that the first of them would not run before the other models have.
    const four = join(packages, 'four');
    await writeTestPackage(four, 'single', testModel('srcnn', 4, { features: [2, 1] }));
    const twin = join(packages, 'twin');
    cpSync(four, twin, { recursive: true });
    await expect(measure({ models: [guided, four, twin] }, begun)).rejects.toThrow(
      /Two methods are called single/,
    );
    expect(told).toEqual([]);
    expect(modelsMeasure.request.safeParse({ models: ['m'], cases: ['c'], otherPatient: 'p' }).success).toBe(
      false,
    );
  });

  it('refuses a package whose weights are not those of its card', async () => {
    const weights = join(guided, 'weights.safetensors');
    const bytes = await readFile(weights);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(weights, bytes);
    const before = await contents(guided);
    await expect(measure({ models: [guided] })).rejects.toMatchObject({ code: 'bad-model', path: weights });
    const card = await loadModelCard(guided);
    await expect(rewriteCard(guided, card)).rejects.toMatchObject({ code: 'bad-model', path: weights });
    await rm(weights);
    await expect(rewriteCard(guided, card)).rejects.toMatchObject({ code: 'bad-model', path: weights });
    const { 'weights.safetensors': _, ...rest } = before;
    expect(await contents(guided)).toEqual(rest);
  });

  it.skipIf(process.platform === 'win32')(
    'says no-permission of a package that cannot be written',
    async () => {
      await chmod(root, 0o755);
      await chmod(packages, 0o755);
      const closed = join(packages, 'closed');
      await mkdir(closed);
      await chmod(closed, 0o555);
      // Asked by someone without rights: root may write everywhere.
      const module = join(import.meta.dirname, '../../../src/main/models/writeModelPackage.ts');
      const script = `const { checkCardWritable } = await import(process.argv[1]);
      await checkCardWritable(process.argv[2]).then(() => console.log('fine'), (e) => console.log(e.code, e.path));`;
      const uid = process.getuid?.() === 0 ? 65534 : undefined;
      const asNobody = (folder: string) =>
        spawnSync(process.execPath, ['--input-type=module', '-e', script, module, folder], { uid })
          .stdout.toString()
          .trim();
      expect(asNobody(closed)).toBe(`no-permission ${closed}`);
      await chmod(closed, 0o777);
      expect(asNobody(closed)).toBe('fine');
    },
  );
});
