import { createHash } from 'node:crypto';
import { access, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { type JobContext, QUIET_JOB } from '../../../src/core/job.ts';
import { partialSibling } from '../../../src/main/export/leftovers.ts';
import { loadModelPackage } from '../../../src/main/models/loadModelPackage.ts';
import { AUGMENTATION, NO_AUGMENTATION } from '../../../src/main/training/augmentation.ts';
import { prepareOperation } from '../../../src/main/training/data/prepareOperation.ts';
import { parseLogCsv } from '../../../src/main/training/trainingLog.ts';
import { trainHere } from '../../../src/main/training/trainOperation.ts';
import { head, temporaryFolder, writeCase } from '../evaluation/cases.ts';

let root: string;
let data: string;

beforeAll(async () => {
  root = await temporaryFolder();
  for (const [n, name] of ['one-v1', 'one-v2', 'two', 'three'].entries()) {
    await writeCase({ t2: head(100, n), t1: head(30, n + 5) }, join(root, 'cases', name));
  }
  data = join(root, 'data');
  const request = operations.dataPrepare.request.parse({
    ...{ sources: [join(root, 'cases')], target: 't2', reference: 't1', out: data, name: 'heads' },
    ...{ registration: 'headers-unchecked', validation: ['two'], test: ['three'] },
  });
  await prepareOperation(request, QUIET_JOB);
});
afterAll(() => rm(root, { recursive: true, force: true }));

function train(out: string, more: Partial<RequestInput<'train'>> = {}, job: JobContext = QUIET_JOB) {
  const request = operations.train.request.parse({
    ...{ network: 'srcnn-guided', options: { features: [3, 2], kernels: [3, 1, 3] }, scale: 2 },
    ...{ data, steps: 6, patch: 32, batch: 2, shards: 1, validateEvery: 3, out: join(root, out) },
    ...more,
  });
  return trainHere({ request, device: { kind: 'cpu', reason: 'the CPU was asked for' } }, job);
}

/** A job that is cancelled after a step, or does something then. */
function afterStep(step: number, what: () => void): JobContext {
  return {
    signal: QUIET_JOB.signal,
    progress: ({ stage, done }) => stage === 'training' && done === step && what(),
  };
}
function cancelledAfter(step: number): JobContext {
  const controller = new AbortController();
  return { ...afterStep(step, () => controller.abort()), signal: controller.signal };
}

describe('training on prepared data', () => {
  it('tells in the card which data, split, choice of weights and variations made it', async () => {
    const result = await train('card', { precision: 'float16', limits: ['Heads only.'] });
    const { card } = await loadModelPackage(result.path);
    const manifest = await readFile(join(data, 'data.json'));
    expect(card.training!.data).toEqual({
      name: 'heads',
      manifestSha256: createHash('sha256').update(manifest).digest('hex'),
      split: { train: ['one'], validation: ['two'], test: ['three'] },
    });
    expect(
      card.training!.cases.map(({ name, patient, registration }) => [name, patient, registration]),
    ).toEqual([
      ['one-v1', 'one', 'by the headers, unchecked'],
      ['one-v2', 'one', 'by the headers, unchecked'],
    ]);
    expect(card.contrasts).toEqual({ target: 't2', reference: 't1' });
    expect(card.training!.augmentation).toEqual(AUGMENTATION);
    expect(card.training!.selection).toMatch(
      new RegExp(`^The weights of step ${result.keptStep} of 6: best`),
    );
    expect(card.limits).toEqual(['Heads only.']);
    expect(card.weights.precision).toBe('float16');
    const plain = await train('plain', { augmentation: 'none', keep: 'last' });
    const other = (await loadModelPackage(plain.path)).card;
    expect(other.training!.augmentation).toEqual(NO_AUGMENTATION);
    expect(other.training!.selection).toBe('The weights of the last step, 6.');
    expect(other.training!.optimizer).toMatch(/clipped .* moving average/);
  });

  it('puts its log and its curves into the package, and says what was gained', async () => {
    const result = await train('log');
    const log = parseLogCsv(await readFile(join(result.path, 'training.csv'), 'utf8'));
    expect(log.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(log.flatMap(({ step, validation }) => (validation ? [step] : []))).toEqual([0, 3, 6]);
    const kept = log.find(({ step }) => step === result.keptStep)!.validation!;
    expect(result.gainInside!).toBeCloseTo(kept.gainInside, 4);
    expect(result.gain!).toBeCloseTo(kept.gain, 4);
    expect(await readFile(join(result.path, 'curves.svg'), 'utf8')).toContain('<svg');
    const { card } = await loadModelPackage(result.path);
    expect(card.files?.map(({ name }) => name).sort()).toEqual(['curves.svg', 'training.csv']);
  });

  it('shows a page while it runs, and none when it is done', async () => {
    const seen: Promise<string>[] = [];
    const page = join(root, 'page', 'training.html');
    const result = await train(
      'page',
      {},
      afterStep(2, () => seen.push(readFile(page, 'utf8'))),
    );
    expect(seen).toHaveLength(1);
    expect(await seen[0]).toMatch(/page: srcnn-guided ×2[\s\S]*Step [01] of 6 [\s\S]*--resume/);
    expect((await readdir(result.path)).sort()).toEqual(
      ['card.md', 'curves.svg', 'model.json', 'training.csv', 'weights.safetensors'].sort(),
    );
  });

  it('goes on where it was stopped, without what a killed run was writing', async () => {
    const whole = await loadModelPackage((await train('whole')).path);
    await expect(train('stopped', {}, cancelledAfter(4))).rejects.toMatchObject({ code: 'cancelled' });
    await access(join(root, 'stopped', 'training.html'));
    // A process of that number is not alive: no system has so many.
    const left = partialSibling(join(root, 'stopped', 'checkpoint.safetensors')).replace(
      `-${process.pid}-`,
      '-99999999-',
    );
    await writeFile(left, 'half of it');
    const { path } = await train('stopped', { resume: true });
    const resumed = await loadModelPackage(path);
    expect(resumed.weights).toEqual(whole.weights);
    expect(resumed.card.training!.selection).toBe(whole.card.training!.selection);
    expect((await readdir(path)).sort()).toEqual((await readdir(join(root, 'whole'))).sort());
  });

  it('begins with the weights of a package, and says so', async () => {
    const first = await train('first', { keep: 'last', ema: 0 });
    const before = await loadModelPackage(first.path);
    const second = await train('second', { init: first.path, learningRate: 1e-30 });
    const { card, weights } = await loadModelPackage(second.path);
    expect(card.training!.initialisedFrom).toEqual({ id: 'first', sha256: before.weightsSha256 });
    expect(weights).toEqual(before.weights);
    expect(second.gainInside).toBe(first.gainInside);
    await expect(train('third', { init: first.path, network: 'srcnn', options: {} })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/first is a srcnn-guided: a srcnn cannot begin with it/),
    });
  });

  it.each<[string, Partial<RequestInput<'train'>>, RegExp]>([
    ['neither data nor cases', { data: undefined }, /either prepared data .* or cases/],
    ['both data and cases', { cases: ['x'] }, /either prepared data .* or cases/],
    ['neither steps nor minutes', { steps: undefined }, /either --steps or --minutes/],
    ['both steps and minutes', { minutes: 5 }, /either --steps or --minutes/],
    ['cases to validate on beside data that have some', { validation: ['x'] }, /their own validation/],
    ['another target than the data have', { target: 'flair' }, /t2 as target, not flair/],
    ['another reference than the data have', { reference: 'pd' }, /t1 as reference, not pd/],
    ['an augmentation that is not known', { augmentation: { blur: 1 } }, /augmentation/],
    ['shards that do not fit the batch', { shards: 4 }, /2 patches .* 4 equal shards/],
  ])('is refused with %s, before anything is written', async (name, more, message) => {
    await expect(train(`refused-${name.length}`, more)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(message),
    });
    await expect(access(join(root, `refused-${name.length}`))).rejects.toThrow();
  });

  it('refuses a patient on both sides, and data that were prepared without a reference', async () => {
    const [one, again] = ['one-v1', 'one-v2'].map((name) => join(root, 'cases', name));
    const asked = { data: undefined, cases: [one!], validation: [again!] };
    await expect(train('both-sides', asked)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('one'),
    });
    const single = join(root, 'single');
    await prepareOperation(
      operations.dataPrepare.request.parse({
        sources: [one!],
        target: 't2',
        out: single,
        reference: undefined,
      }),
      QUIET_JOB,
    );
    await expect(train('no-reference', { data: single })).rejects.toMatchObject({ code: 'no-reference' });
    const options = { network: 'srcnn', options: { features: [2, 2], kernels: [3, 1, 3] } };
    const alone = await train('alone', { ...options, data: single });
    expect((await loadModelPackage(alone.path)).card.contrasts).toEqual({ target: 't2', reference: null });
    expect(alone).toMatchObject({ gain: null, gainInside: null, keptStep: 6 });
    expect(basename(alone.path)).toBe('alone');
  });

  it('refuses a checkpoint of other data', async () => {
    await expect(train('moved', {}, cancelledAfter(3))).rejects.toMatchObject({ code: 'cancelled' });
    const cases = { data: undefined, cases: [join(root, 'cases', 'one-v1')], resume: true };
    await expect(train('moved', cases)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('(cases)'),
    });
  });
});
