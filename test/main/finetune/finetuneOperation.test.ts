import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FinetuneResult } from '../../../src/core/contract/finetune.ts';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { type JobContext, QUIET_JOB } from '../../../src/core/job.ts';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import { casesOperation } from '../../../src/main/finetune/casesOperation.ts';
import { finetuneOperation } from '../../../src/main/finetune/finetuneOperation.ts';
import {
  finetuneControlOperation,
  finetuneStatusOperation,
} from '../../../src/main/finetune/watchOperations.ts';
import { loadModelPackage } from '../../../src/main/models/loadModelPackage.ts';
import { stateOf } from '../../../src/main/models/standing.ts';
import { sha256OfFile } from '../../../src/main/studies/caseFolder.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';
import { temporaryFolder } from '../evaluation/cases.ts';
import { person, writePeople } from './people.ts';

let folder = '';
let people = '';
let base = '';

beforeAll(async () => {
  folder = await temporaryFolder();
  [people, base] = [join(folder, 'people'), join(folder, 'base')];
  await writePeople(people, 7);
  // It spoils the images: whatever is learned helps at once.
  await writeTestPackage(base, 'base-x2', testModel('srcnn-guided', 2, { correction: true }));
}, 60_000);

function asked(out: string, more: Partial<RequestInput<'finetune'>> = {}) {
  return operations.finetune.request.parse({
    base,
    cases: [people],
    registration: 'headers-unchecked',
    steps: 60,
    patch: 32,
    learningRate: 0.004,
    patience: 30,
    out: join(folder, out),
    ...more,
  });
}

async function tune(out: string, more: Partial<RequestInput<'finetune'>> = {}, job: JobContext = QUIET_JOB) {
  return finetuneOperation(asked(out, more), job);
}

/** Calls back at a step of the training; the job can be cancelled. */
function atStep(step: number, act: (cancel: () => void) => void): JobContext {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    progress: ({ stage, done }) => {
      if (stage === 'training' && done === step) act(() => controller.abort());
    },
  };
}

const weightsOf = async ({ path }: FinetuneResult) => (await loadModelPackage(path)).weights;
const sideOf = ({ run }: FinetuneResult, side: string) =>
  run.cases.flatMap((one) => (one.side === side ? [one.name] : []));

let whole: FinetuneResult;

describe('tandem finetune', () => {
  it('makes a candidate that is judged on people it never saw, all of it written down before', async () => {
    const hashesAtFirstStep: Record<string, string> = {};
    const run = join(folder, 'whole', 'run');
    const watching = atStep(1, () => {
      void Promise.all(
        ['thresholds.json', 'locked-test.json', 'data/data.json'].map(async (name) => {
          hashesAtFirstStep[name] = await sha256OfFile(join(run, name));
        }),
      );
    });
    whole = await tune('whole', {}, watching);
    expect(whole).toMatchObject({ state: 'finished', steps: 60, ended: 'planned', run: { model: 'whole' } });
    expect(hashesAtFirstStep).toEqual({
      'thresholds.json': whole.run.thresholdsSha256,
      'locked-test.json': whole.run.lockedSha256,
      'data/data.json': whole.run.dataSha256,
    });

    const [train, validation, test] = ['train', 'validation', 'test'].map((side) => sideOf(whole, side));
    expect([train!.length, validation!.length, test!.length]).toEqual([3, 1, 3]);
    expect(new Set([...train!, ...validation!, ...test!]).size).toBe(7);

    const tuned = await loadModelPackage(whole.path);
    expect(await stateOf(tuned)).toBe('candidate');
    expect(tuned.weightsSha256).toBe(whole.weightsSha256);
    expect(tuned.card.training).toMatchObject({
      initialisedFrom: { id: 'base-x2' },
      data: { manifestSha256: whole.run.dataSha256, split: { train, validation, test } },
    });
    expect(tuned.card.measured.map(({ case: name }) => name).toSorted()).toEqual(test!.toSorted());

    const { acceptance } = whole;
    expect(await sha256OfFile(acceptance!.path)).toBe(acceptance!.sha256);
    const report = JSON.parse(await readFile(join(whole.path, 'acceptance.json'), 'utf8'));
    expect(report.tuned.weightsSha256).toBe(whole.weightsSha256);
    expect(report.testSet).toMatchObject({ manifestSha256: whole.run.lockedSha256, leaks: [], failed: [] });
    expect(report.cases.map(({ name }: { name: string }) => name).toSorted()).toEqual(test!.toSorted());
    // What was learned must help people it never saw.
    expect(acceptance!.psnrInside.mean).toBeGreaterThan(0.3);
    expect(acceptance!.psnrInside.patients).toBe(3);
    expect(whole.validation.tuned!).toBeGreaterThan(whole.validation.base! + 0.3);
    // Nothing of the way is left in the folder.
    expect((await readdir(whole.path)).filter((name) => /checkpoint|running|partial/.test(name))).toEqual([]);
    expect(await readdir(run)).not.toContain('checkpoint.safetensors');

    await expect(tune('whole')).rejects.toMatchObject({ code: 'output-exists' });
    expect(await tune('whole', { resume: true })).toEqual(whole);
  }, 180_000);

  it('goes on after it was cancelled and after it was paused, to the same weights', async () => {
    const events: string[] = [];
    await expect(
      tune(
        'cut',
        {},
        atStep(7, (cancel) => cancel()),
      ),
    ).rejects.toMatchObject({ code: 'cancelled' });
    const out = join(folder, 'cut');
    const status = () => finetuneStatusOperation({ out, samples: true }, QUIET_JOB);
    expect(await status()).toMatchObject({ stage: 'interrupted', asked: null });
    await expect(loadModelPackage(out)).rejects.toMatchObject({ code: 'model-not-found' });
    await expect(tune('cut')).rejects.toMatchObject({ code: 'output-exists' });
    await expect(tune('cut', { resume: true, steps: 61 })).rejects.toMatchObject({ code: 'usage' });

    const slow = atStep(20, () => {
      events.push('asked');
      void finetuneControlOperation({ out, action: 'pause' }, QUIET_JOB);
      // The step after it is not done before the request was seen.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    });
    let steps = 0;
    const paused = await finetuneOperation(operations.finetune.request.parse({ out, resume: true }), {
      ...slow,
      progress: (progress) => {
        slow.progress(progress);
        if (progress.stage === 'training' && events.length > 0) {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
          steps++;
        }
      },
    });
    expect(paused).toMatchObject({ state: 'paused', weightsSha256: null, acceptance: null });
    expect(steps).toBeLessThan(30);
    const told = await status();
    expect(told).toMatchObject({ stage: 'paused', asked: 'pause', result: null });
    expect(told.records.filter(({ validation }) => validation !== null).length).toBeGreaterThan(3);
    const [sample] = told.samples;
    expect(Buffer.from(sample!.before!.png, 'base64').subarray(1, 4).toString()).toBe('PNG');
    expect(sample!.before!.step).toBe(0);
    expect(sample!.after!.step).toBeGreaterThan(0);

    const done = await finetuneOperation(operations.finetune.request.parse({ out, resume: true }), QUIET_JOB);
    expect(done).toMatchObject({ state: 'finished', keptStep: whole.keptStep });
    expect(await weightsOf(done)).toEqual(await weightsOf(whole));
    expect(done.weightsSha256).toBe(whole.weightsSha256);
    expect((await status()).result).toEqual(done);
  }, 180_000);

  it('is killed in the middle of judging without judging again what was judged', async () => {
    const controller = new AbortController();
    const judged = (said: string[]) =>
      new Set(said.flatMap((message) => /^(p\d) \(/.exec(message)?.[1] ?? []));
    const before: string[] = [];
    const cut = tune(
      'judged',
      {},
      {
        signal: controller.signal,
        progress: ({ stage, message = '' }) => {
          if (stage !== 'judging') return;
          before.push(message);
          if (message.includes('(2/3)') && message.includes('tuned')) controller.abort();
        },
      },
    );
    await expect(cut).rejects.toMatchObject({ code: 'cancelled' });
    const test = sideOf(whole, 'test').toSorted();
    expect(judged(before)).toEqual(new Set(test.slice(0, 2)));
    const after: string[] = [];
    const done = await tune(
      'judged',
      { resume: true },
      {
        ...QUIET_JOB,
        progress: ({ stage, message = '' }) => {
          if (stage === 'judging' && message.includes('tuned')) after.push(message);
        },
      },
    );
    expect(judged(after)).toEqual(new Set(test.slice(1)));
    const report = async ({ path }: FinetuneResult) => {
      const { begun, ended, thresholds, tuned, ...numbers } = JSON.parse(
        await readFile(join(path, 'acceptance.json'), 'utf8'),
      );
      expect(Date.parse(thresholds.read)).toBeLessThanOrEqual(Date.parse(begun));
      // The manifest holds the time at which it was written.
      return { ...numbers, testSet: { ...numbers.testSet, manifestSha256: null } };
    };
    expect(await report(done)).toEqual(await report(whole));
    expect(await readdir(join(done.path, 'run'))).not.toContain('judged');
  }, 180_000);

  it('judges on the cases that it locked where all of them lie in one folder', async () => {
    const archive = join(await temporaryFolder(), 'IXI');
    await mkdir(archive);
    for (let n = 1; n <= 7; n++) {
      for (const contrast of ['t1', 't2'] as const) {
        const name = `IXI00${n}-Guys-000${n}-${contrast.toUpperCase()}.nii`;
        await cp(join(people, `p${n}`, `${contrast}.nii`), join(archive, name));
      }
    }
    const result = await tune('ixi', { cases: [archive], steps: 20 });
    const report = JSON.parse(await readFile(join(result.path, 'acceptance.json'), 'utf8'));
    const names = report.cases.map(({ name }: { name: string }) => name);
    expect(names.toSorted()).toEqual(sideOf(result, 'test').toSorted());
    expect(names).toHaveLength(3);
  }, 120_000);

  it('can be begun again in a folder where it was stopped while cases were checked', async () => {
    const controller = new AbortController();
    const stopping: JobContext = {
      signal: controller.signal,
      progress: ({ message }) => {
        if (message === 'p3') controller.abort();
      },
    };
    await expect(tune('choosing', {}, stopping)).rejects.toMatchObject({ code: 'cancelled' });
    const out = join(folder, 'choosing');
    const alone = finetuneOperation(operations.finetune.request.parse({ out, resume: true }), QUIET_JOB);
    await expect(alone).rejects.toMatchObject({ code: 'usage', hint: expect.stringContaining('--base') });
    // As a program leaves it that was killed a little later.
    await mkdir(out, { recursive: true });
    await writeFile(join(out, 'choosing.json'), JSON.stringify({ software: 'another', known: {} }));
    const result = await tune('choosing', { steps: 5, testShare: 0, validationShare: 0 });
    expect(result.state).toBe('finished');
    expect(await readdir(out)).not.toContain('choosing.json');
  }, 120_000);

  it('stops when it is asked to, and keeps the best', async () => {
    const out = join(folder, 'asked');
    let seen = false;
    const watching: JobContext = {
      ...QUIET_JOB,
      progress: ({ stage, done }) => {
        if (stage !== 'training' || done < 10) return;
        if (!seen) void finetuneControlOperation({ out, action: 'finish' }, QUIET_JOB);
        seen = true;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      },
    };
    const result = await tune('asked', { steps: 100_000, testShare: 0 }, watching);
    expect(result).toMatchObject({ state: 'finished', ended: 'asked', acceptance: null });
    expect(result.steps).toBeGreaterThan(9);
    expect(result.steps).toBeLessThan(1000);
    // Never validated before it was asked: the last weights have their chance.
    expect(result.keptStep).toBe(result.steps);
    expect(result.run.notes.join()).toContain('test set');
  }, 120_000);

  it('stops where validations become worse, and keeps the best', async () => {
    const result = await tune('worse', { patience: 4, testShare: 0, steps: 100, learningRate: 0.02 });
    expect(result).toMatchObject({ state: 'finished', ended: 'worsening' });
    expect(result.steps).toBeLessThan(100);
    expect(result.keptStep).toBe(result.steps - 4 * 5);
    expect(result.keptStep).toBeGreaterThan(0);
  }, 120_000);

  it('keeps nothing where nothing was better than the base', async () => {
    await expect(tune('useless', { learningRate: 1e30, testShare: 0 })).rejects.toMatchObject({
      code: 'diverged',
      message: expect.stringContaining('base'),
    });
    await expect(loadModelPackage(join(folder, 'useless'))).rejects.toMatchObject({
      code: 'model-not-found',
    });
  }, 120_000);

  it('changes only the last stages where only they may change', async () => {
    const result = await tune('last', { change: 'last-stages', testShare: 0, steps: 20 });
    const [before, after] = [(await loadModelPackage(base)).weights, await weightsOf(result)];
    const changed = [...before].flatMap(([path, { data }]) =>
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).equals(
        Buffer.from(after.get(path)!.data.buffer, after.get(path)!.data.byteOffset, data.byteLength),
      )
        ? []
        : [path],
    );
    expect(changed.toSorted()).toEqual([
      'mapping.bias',
      'mapping.weight',
      'reconstruction.bias',
      'reconstruction.weight',
    ]);
    expect(result.run.trained).toBeLessThan(result.run.parameters);
  }, 120_000);

  it('names a person who would be learned from and judged on, and begins nothing', async () => {
    const tested = join(await temporaryFolder(), 'study-of-another-uid');
    await cp(join(people, 'p2'), tested, { recursive: true });
    await expect(tune('leak', { test: [tested] })).rejects.toMatchObject({
      code: 'bad-training-data',
      message: expect.stringMatching(/p2.*study-of-another-uid|study-of-another-uid.*p2/),
    });
    await expect(readdir(join(folder, 'leak'))).rejects.toMatchObject({ code: 'ENOENT' });
    // Within one folder they go to one side together, and are named.
    const pool = join(await temporaryFolder(), 'pool');
    await cp(people, pool, { recursive: true });
    await cp(join(people, 'p2'), join(pool, 'q2'), { recursive: true });
    const result = await tune('pool', { cases: [pool], test: ['q2'], steps: 20 });
    expect(sideOf(result, 'test')).toEqual(['p2', 'q2']);
    expect(result.run.samePeople.join()).toMatch(/p2|q2/);
  }, 120_000);

  it('judges on a set that was locked before, unchanged, and learns from nobody of it', async () => {
    const pool = join(await temporaryFolder(), 'pool');
    for (const [n, name] of ['eva-v1', 'kain', 'seth', 'lea', 'rahel'].entries()) {
      await cp(join(people, `p${n + 1}`), join(pool, name), { recursive: true });
    }
    const lock = join(await temporaryFolder(), 'locked');
    const { locked } = await casesOperation(
      operations.finetuneCases.request.parse({
        ...{ sources: [pool], target: 't2', reference: 't1', registration: 'headers-unchecked' },
        ...{ test: ['eva', 'kain'], out: lock },
      }),
      QUIET_JOB,
    );
    // Another visit of hers comes in afterwards.
    await cp(join(people, 'p7'), join(pool, 'eva-v2'), { recursive: true });
    const result = await tune('locked', { cases: [pool], locked: locked!.path, steps: 20 });
    expect(sideOf(result, 'test').toSorted()).toEqual(['eva-v1', 'kain']);
    expect(result.run.lockedSha256).toBe(locked!.sha256);
    expect(await sha256OfFile(join(result.path, 'run', 'locked-test.json'))).toBe(locked!.sha256);
    expect(result.run.leftOut).toEqual([
      expect.objectContaining({ name: 'eva-v2', reason: expect.stringContaining('eva-v1') }),
    ]);
    expect(result.acceptance!.failures.join()).toMatch(/patients/);

    // Half of it is no locked set.
    await rm(join(pool, 'kain'), { recursive: true });
    await expect(tune('half', { cases: [pool], locked: locked!.path })).rejects.toMatchObject({
      code: 'bad-training-data',
      message: expect.stringContaining('kain'),
    });
  }, 120_000);

  it('refuses to judge on somebody whom the base learned from', async () => {
    const tuned = whole.path;
    const [known] = sideOf(whole, 'train');
    await expect(tune('known', { base: tuned, test: [known!] })).rejects.toMatchObject({
      code: 'bad-training-data',
      message: expect.stringContaining(known!),
    });
    // Left to itself it judges on others.
    const again = await tune('again', { base: tuned, validationShare: 0, testShare: 0.5, steps: 2 });
    expect(sideOf(whole, 'train')).toEqual(expect.arrayContaining(sideOf(whole, 'train')));
    expect(sideOf(again, 'train')).toEqual(expect.arrayContaining(sideOf(whole, 'train')));
  }, 120_000);

  it('leaves out what cannot be learned from, with reasons, and begins nothing where nothing is left', async () => {
    const poisoned = join(await temporaryFolder(), 'poisoned');
    await cp(people, poisoned, { recursive: true });
    const nan = person('t2', 1);
    nan.voxels[700] = Number.NaN;
    await writeFile(join(poisoned, 'p1', 't2.nii'), encodeNifti(nan, { dataType: 'float32' }));
    const constant = person('t1', 3);
    constant.voxels.fill(5);
    await writeFile(join(poisoned, 'p3', 't1.nii'), encodeNifti(constant, { dataType: 'float32' }));
    await rm(join(poisoned, 'p4', 't1.nii'));
    const result = await tune('poisoned', { cases: [poisoned], testShare: 0, steps: 2, validationShare: 0 });
    expect(result.run.leftOut.map(({ name }) => name).toSorted()).toEqual(['p1', 'p3', 'p4']);
    for (const { reason } of result.run.leftOut) expect(reason.length).toBeGreaterThan(10);

    const only = ['p1', 'p3', 'p4'].map((name) => join(poisoned, name));
    await expect(tune('only', { cases: only })).rejects.toMatchObject({
      code: 'nothing-readable',
      message: expect.stringMatching(/p1: .*p3: .*p4: /),
    });
    await expect(readdir(join(folder, 'only'))).rejects.toMatchObject({ code: 'ENOENT' });
  }, 120_000);

  it('is not begun twice at a time', async () => {
    let second: Promise<unknown> | undefined;
    const watching = atStep(2, (cancel) => {
      second ??= expect(tune('twice', { resume: true }))
        .rejects.toMatchObject({ code: 'output-exists', message: expect.stringContaining('going on') })
        .finally(cancel);
    });
    const first = tune('twice', { steps: 1_000_000, testShare: 0 }, watching);
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    await second;
    expect(second).toBeDefined();
  }, 120_000);
});
