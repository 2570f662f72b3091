import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JobContext, QUIET_JOB } from '../../../src/core/job.ts';
import { AUGMENTATION } from '../../../src/main/training/augmentation.ts';
import type { TrainingSettings } from '../../../src/main/training/settings.ts';
import { type TrainingData, type TrainingResult, trainNetwork } from '../../../src/main/training/train.ts';
import { failure, pairOfImages, SETTINGS } from './smallTraining.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-resume-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const image = (name: string, seed: number) => pairOfImages({ rows: 48, columns: 40, seed, name });
const DATA: TrainingData = {
  train: [image('a', 1), image('b', 2)],
  validation: [image('c', 3), image('d', 4)],
};
/** All that draws numbers or is carried from step to step. */
const EVERYTHING = {
  ...SETTINGS,
  steps: 6,
  optimizer: 'adamw',
  clipNorm: 0.5,
  ema: 0.7,
  emaStart: 1,
  loss: 'l1+mse',
  augmentation: { ...AUGMENTATION, targetNoise: [0, 0.02] },
  validateEvery: 2,
} satisfies TrainingSettings;

/** A job that is found to be cancelled when it is asked for the nth time, and counts how often it is. */
function cancelledAtCheck(nth: number): { job: JobContext; checks: () => number } {
  let asked = 0;
  const signal = new Proxy(new AbortController().signal, {
    get: (target, name) => (name === 'aborted' ? asked++ >= nth : Reflect.get(target, name, target)),
  });
  return { job: { signal, progress: () => {} }, checks: () => asked };
}

/** A result but for the time that it took, and for the parameters, which hold functions. */
function timeless({ seconds: _, parameters: __, records, ...rest }: TrainingResult) {
  return { ...rest, records: records.map(({ seconds: ___, ...record }) => record) };
}

/** Trains, interrupted at these checks of one run after another, to the end. */
async function interrupted(name: string, settings: TrainingSettings, at: readonly number[]) {
  const checkpoint = join(folder, `${name} ${at.join(' ')}.safetensors`);
  const begun = () =>
    access(checkpoint).then(
      () => true,
      () => false,
    );
  for (const nth of at) {
    const { job } = cancelledAtCheck(nth);
    const error = await failure(trainNetwork(settings, DATA, { checkpoint, resume: await begun() }, job));
    expect(error.code).toBe('cancelled');
  }
  return trainNetwork(settings, DATA, { checkpoint, resume: await begun() }, QUIET_JOB);
}

describe('a training that was interrupted', () => {
  it('ends like one that was not, bit for bit, wherever it was: between steps, in any validation, more than once', async () => {
    const uncut = cancelledAtCheck(Number.POSITIVE_INFINITY);
    const whole = timeless(await trainNetwork(EVERYTHING, DATA, {}, uncut.job));
    expect(whole.records.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(whole.records.map(({ validation }) => validation !== undefined)).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
    expect(Number.isNaN(whole.records[0]!.loss)).toBe(true);
    // Two slices in each of four validations, and once before each step.
    expect(uncut.checks()).toBe(4 * 2 + 6);
    for (let nth = 0; nth < uncut.checks(); nth++) {
      const result = timeless(await interrupted('everything', EVERYTHING, [nth]));
      expect(result, `check ${nth}`).toEqual(whole);
    }
    expect(timeless(await interrupted('everything', EVERYTHING, [4, 0, 2, 3, 1]))).toEqual(whole);
  });

  it.each([
    ['in shards', { ...EVERYTHING, shards: 2 }, [4, 2]],
    [
      'with statistics of batches in the state',
      {
        ...EVERYTHING,
        network: 'sanet',
        options: { n_resblocks: 1, n_feats: 16, effective_stages: 1 },
        loss: 'paper',
        steps: 4,
      },
      [5, 1],
    ],
    ['that keeps the last weights', { ...EVERYTHING, keep: 'last', ema: undefined }, [6]],
  ] as const)('ends so too %s', async (name, settings, at) => {
    const whole = timeless(await trainNetwork(settings, DATA, {}, QUIET_JOB));
    expect(timeless(await interrupted(name, settings, at))).toEqual(whole);
  });

  it('may be given more minutes, and goes on with the clock where it stood', async () => {
    const checkpoint = join(folder, 'minutes.safetensors');
    const settings = { ...SETTINGS, steps: undefined, minutes: 100 };
    const { job } = cancelledAtCheck(9);
    await failure(trainNetwork(settings, DATA, { checkpoint }, job));
    const shorter = { ...settings, minutes: 1e-9 };
    const result = await trainNetwork(shorter, DATA, { checkpoint, resume: true }, QUIET_JOB);
    // Its time was over long ago: nothing is trained, but the last weights are validated.
    expect(result.steps).toBeGreaterThan(4);
    expect(result.records.at(-1)).toMatchObject({ step: result.steps, validation: expect.anything() });
  });

  it.each([
    ['batch', { batch: 4 }],
    ['patch', { patch: 16 }],
    ['learningRate', { learningRate: 1e-3 }],
    ['loss', { loss: 'l1' }],
    ['seed', { seed: 8 }],
    ['steps', { steps: 7 }],
    ['options', { options: { features: [8, 4], kernels: [5, 1, 3] } }],
    ['augmentation', { augmentation: { ...AUGMENTATION, referenceBlank: 0.5 } }],
    ['ema', { ema: 0.8 }],
    ['validateEvery', { validateEvery: 3 }],
    ['keep', { keep: 'last' }],
    ['patience', { patience: 5 }],
    ['init', { init: 'a'.repeat(64) }],
    ['shards', { shards: 2 }],
    ['scale', { scale: 4 }],
  ] as const)('goes on only with the settings that it began with: %s', async (name, more) => {
    const checkpoint = join(folder, 'settings.safetensors');
    const { job } = cancelledAtCheck(4);
    await failure(trainNetwork(EVERYTHING, DATA, { checkpoint }, job));
    const other: TrainingSettings = { ...EVERYTHING, ...more };
    const error = await failure(trainNetwork(other, DATA, { checkpoint, resume: true }, QUIET_JOB));
    expect(error).toMatchObject({ code: 'usage', path: checkpoint });
    expect(error.message).toContain(`(${name})`);
  });

  it('goes on only with the slices that it began with, trained and validated on', async () => {
    const checkpoint = join(folder, 'data.safetensors');
    const { job } = cancelledAtCheck(4);
    await failure(trainNetwork(EVERYTHING, DATA, { checkpoint }, job));
    const again = { ...DATA.train[0]!, sha256: 'b'.repeat(64) };
    for (const [named, data] of [
      ['cases', { ...DATA, train: [again, DATA.train[1]!] }],
      ['cases', { ...DATA, train: DATA.train.toReversed() }],
      ['validation', { ...DATA, validation: DATA.validation.slice(1) }],
    ] as const) {
      const error = await failure(trainNetwork(EVERYTHING, data, { checkpoint, resume: true }, QUIET_JOB));
      expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining(`(${named})`) });
    }
  });
});
