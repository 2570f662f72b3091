import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../../../src/core/graph/safetensors.ts';
import { type Progress, QUIET_JOB } from '../../../src/core/job.ts';
import { loadCheckpoint } from '../../../src/main/training/checkpoint.ts';
import type { TrainingSettings } from '../../../src/main/training/settings.ts';
import { checkMemory } from '../../../src/main/training/stepModel.ts';
import { trainNetwork } from '../../../src/main/training/train.ts';
import { SCORE_NAMES } from '../../../src/main/training/trainingLog.ts';
import { cancelledAfter, cases, discs, failure, SETTINGS, trainedOn } from './smallTraining.ts';
import { caseOf } from './trainingCases.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-training-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('training', () => {
  it('learns one small pair by heart, from zero-filling on', async () => {
    const settings = { ...SETTINGS, steps: 250, learningRate: 4e-3 };
    const result = await trainNetwork(settings, cases, {}, QUIET_JOB);
    expect(result.steps).toBe(250);
    expect(result.lastLoss).toBeLessThan(0.6 * result.firstLoss);
  });

  it.each(['mse', 'l1+mse'] as const)('learns with the loss %s too', async (loss) => {
    const settings = { ...SETTINGS, loss, steps: 150, learningRate: 4e-3 };
    const result = await trainNetwork(settings, cases, {}, QUIET_JOB);
    expect(result.lastLoss).toBeLessThan(0.8 * result.firstLoss);
  });

  it.each([
    ['glmamba', { channels: 4, stages_per_branch: 1, N: 2 }],
    ['edsr', { blocks: 1, features: 8 }],
  ] as const)('learns with the loss of the paper, from the target as acquired: %s', async (network, options) => {
    const settings = { ...SETTINGS, network, options, loss: 'paper', steps: 30, learningRate: 1e-3 } as const;
    const result = await trainNetwork(settings, cases, {}, QUIET_JOB);
    expect(result.lastLoss).toBeLessThan(0.9 * result.firstLoss);
  });

  it('gives the same weights for the same seed and others for another', async () => {
    const first = await trainNetwork(SETTINGS, cases, {}, QUIET_JOB);
    expect((await trainNetwork(SETTINGS, cases, {}, QUIET_JOB)).weights).toEqual(first.weights);
    const other = await trainNetwork({ ...SETTINGS, seed: 8 }, cases, {}, QUIET_JOB);
    expect(other.weights).not.toEqual(first.weights);
  });

  it.each([
    ['Adam', {}],
    [
      'AdamW with clipping and an average',
      {
        optimizer: 'adamw',
        weightDecay: 0.1,
        clipNorm: 0.05,
        ema: 0.8,
        emaStart: 4,
        schedule: 'step',
        loss: 'l1+mse',
      },
    ],
  ] as const)('with %s, interrupted anywhere, ends at the same bits as without a break', async (name, more) => {
    const settings: TrainingSettings = { ...SETTINGS, ...more };
    const whole = await trainNetwork(settings, cases, {}, QUIET_JOB);
    // A first break at every step, and two or three breaks in one training.
    for (const breaks of [[1], [2, 3], [4], [5, 9], [6, 7, 11], [8], [10]]) {
      const checkpoint = join(folder, `resumed ${name} ${breaks.join(' ')}.safetensors`);
      for (const [n, at] of breaks.entries()) {
        const stopped = await failure(
          trainNetwork(settings, cases, { checkpoint, resume: n > 0 }, cancelledAfter(at)),
        );
        expect(stopped.code).toBe('cancelled');
      }
      const resumed = await trainNetwork(settings, cases, { checkpoint, resume: true }, QUIET_JOB);
      expect(resumed.weights, `breaks at ${breaks}`).toEqual(whole.weights);
      expect([resumed.firstLoss, resumed.lastLoss]).toEqual([whole.firstLoss, whole.lastLoss]);
    }
  });

  it('keeps the average of the weights, where one is asked for, and each setting tells', async () => {
    const plain = await trainNetwork(SETTINGS, cases, {}, QUIET_JOB);
    for (const more of [
      { ema: 0.9 },
      { clipNorm: 0.01 },
      { optimizer: 'adamw', weightDecay: 1 },
      { schedule: 'constant' },
      { warmUp: 0 },
    ] as const) {
      const other = await trainNetwork({ ...SETTINGS, ...more }, cases, {}, QUIET_JOB);
      expect([...other.weights.keys()]).toEqual([...plain.weights.keys()]);
      expect(other.weights, JSON.stringify(more)).not.toEqual(plain.weights);
    }
  });

  it('ends at the same bits where blocks are computed again', async () => {
    const plain = await trainNetwork(SETTINGS, cases, {}, QUIET_JOB);
    const again = await trainNetwork({ ...SETTINGS, recompute: 'blocks' }, cases, {}, QUIET_JOB);
    expect(again.weights).toEqual(plain.weights);
  });

  it('refuses what cannot fit before it takes any of it, and says what to lower', async () => {
    const settings = { ...SETTINGS, batch: 2_000_000 };
    const error = await failure(trainNetwork(settings, cases, {}, QUIET_JOB));
    expect(error.code).toBe('out-of-memory');
    expect(error.message).toMatch(/2000000 patches of 32 × 32 takes about [\d,]+ MB, and [\d,]+ MB are free/);
    expect(error.hint).toMatch(/--batch \(2000000\) or --patch \(32\)/);
    expect(checkMemory(SETTINGS, 1000)).toBeLessThan(100);
    expect(() => checkMemory(SETTINGS, 20)).toThrow(/20 MB are free/);
  });

  it('resumes only with the settings and the data it began with', async () => {
    const checkpoint = join(folder, 'other.safetensors');
    await failure(trainNetwork(SETTINGS, cases, { checkpoint }, cancelledAfter(3)));
    const resume = { checkpoint, resume: true };
    expect((await failure(trainNetwork({ ...SETTINGS, seed: 8 }, cases, resume, QUIET_JOB))).code).toBe(
      'usage',
    );
    const renamed = trainedOn({ ...discs, name: 'others' });
    expect((await failure(trainNetwork(SETTINGS, renamed, resume, QUIET_JOB))).code).toBe('usage');
    const missing = { checkpoint: join(folder, 'missing.safetensors'), resume: true };
    expect((await failure(trainNetwork(SETTINGS, cases, missing, QUIET_JOB))).code).toBe('not-found');
  });

  it('refuses a checkpoint that is malformed', async () => {
    const path = join(folder, 'malformed.safetensors');
    await failure(trainNetwork(SETTINGS, cases, { checkpoint: path }, cancelledAfter(2)));
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 1));
    const cut = await failure(trainNetwork(SETTINGS, cases, { checkpoint: path, resume: true }, QUIET_JOB));
    expect(cut.code).toBe('bad-tensor-file');
  });

  it('stops where it diverges, with the last good state in the checkpoint', async () => {
    const sound = discs.slice(0);
    // Most patches are sound: some steps are done before one comes that is not.
    const bad = { ...sound, truth: sound.truth.map(() => 1e30) };
    const broken = trainedOn(caseOf(64, 56, [...Array.from({ length: 9 }, () => sound), bad]));
    const settings = { ...SETTINGS, batch: 1, loss: 'mse', steps: 60 } as const;
    const checkpoint = join(folder, 'diverged.safetensors');
    const seen: number[] = [];
    const watched = { ...QUIET_JOB, progress: ({ done }: Progress) => seen.push(done) };
    const error = await failure(trainNetwork(settings, broken, { checkpoint }, watched));
    expect(error.code).toBe('diverged');
    const good = seen.length;
    expect(good).toBeGreaterThan(0);
    expect(error.message).toContain(`step ${good + 1}:`);

    const { tensors, metadata } = readSafetensors(await readFile(checkpoint));
    expect(JSON.parse(metadata.get('training')!).step).toBe(good);
    // The same state that a training has which is stopped there for another reason.
    const other = join(folder, 'stopped before it diverged.safetensors');
    await failure(trainNetwork(settings, broken, { checkpoint: other }, cancelledAfter(good)));
    expect(tensors).toEqual(readSafetensors(await readFile(other)).tensors);
    for (const { data } of tensors.values()) expect(data.every(Number.isFinite)).toBe(true);
  });

  it('reports loss, steps and time left', async () => {
    const seen: Progress[] = [];
    await trainNetwork(SETTINGS, cases, {}, { ...QUIET_JOB, progress: (progress) => seen.push(progress) });
    expect(seen.map(({ done }) => done)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
    expect(seen.at(-1)).toMatchObject({ stage: 'training', total: 12, secondsLeft: 0 });
    expect(seen[3]!.secondsLeft).toBeGreaterThan(0);
    expect(seen[3]!.message).toMatch(/loss 0\.\d+, learning rate/);
    seen.length = 0;
    const settings = { ...SETTINGS, loss: 'l1+mse', clipNorm: 1 } as const;
    await trainNetwork(settings, cases, {}, { ...QUIET_JOB, progress: (progress) => seen.push(progress) });
    expect(seen[3]!.message).toMatch(
      /loss 0\.\d+ \(l1 0\.\d+, mse 0\.\d+, gradient norm \d\.\d+\), learning/,
    );
  });

  it('checks a checkpoint against the state it is for', async () => {
    const path = join(folder, 'shapes.safetensors');
    await failure(trainNetwork(SETTINGS, cases, { checkpoint: path }, cancelledAfter(2)));
    const { metadata } = readSafetensors(await readFile(path));
    const { settings } = JSON.parse(metadata.get('training')!);
    const expected = new Map([['patches.weight', { shape: [1], data: new Float32Array(1) }]]);
    expect((await failure(loadCheckpoint(path, settings, expected, SCORE_NAMES))).code).toBe(
      'bad-tensor-file',
    );
  });

  it('refuses patches that are too small to learn from', async () => {
    expect((await failure(trainNetwork({ ...SETTINGS, patch: 15 }, cases, {}, QUIET_JOB))).code).toBe(
      'usage',
    );
  });

  it('refuses patches that are no multiple of the scale', async () => {
    const error = await failure(trainNetwork({ ...SETTINGS, patch: 33 }, cases, {}, QUIET_JOB));
    expect(error.code).toBe('usage');
    expect(error.message).toMatch(/no multiple of the scale, 2/);
  });
});
