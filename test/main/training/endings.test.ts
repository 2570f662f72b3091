import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type JobContext, QUIET_JOB } from '../../../src/core/job.ts';
import { lastStages } from '../../../src/core/networks/lastStages.ts';
import { writeError } from '../../../src/main/export/writeErrors.ts';
import { recipeFor } from '../../../src/main/training/recipes.ts';
import type { TrainingSettings } from '../../../src/main/training/settings.ts';
import { type TrainingData, trainNetwork } from '../../../src/main/training/train.ts';
import { pairOfImages, SETTINGS } from './smallTraining.ts';

/** Checkpoints that are still to fail, and with what. */
const disk = vi.hoisted(() => ({ failures: 0, code: 'ENOSPC', tried: 0 }));
vi.mock('../../../src/main/export/atomic.ts', async (original) => {
  const real = await original<typeof import('../../../src/main/export/atomic.ts')>();
  return {
    ...real,
    writeFileAtomically: async (path: string, bytes: Uint8Array) => {
      disk.tried++;
      if (disk.failures-- > 0)
        throw writeError(Object.assign(new Error('no room'), { code: disk.code }), path);
      return real.writeFileAtomically(path, bytes);
    },
  };
});

const image = (name: string, seed: number) => pairOfImages({ rows: 48, columns: 40, seed, name });
const DATA: TrainingData = { train: [image('a', 1)], validation: [image('b', 2)] };
const STEADY: TrainingSettings = { ...SETTINGS, steps: 20, validateEvery: 2, warmUp: 0 };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-endings-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The same images, but from a slice of so many on they hold no numbers. */
function poisonedFrom(reads: number): TrainingData {
  let read = 0;
  const [source] = DATA.train;
  const slice = (n: number) => {
    const { truth, reference } = source!.slice(n);
    return { truth: ++read > reads ? truth.map(() => Number.NaN) : truth, reference };
  };
  // A slice that was read is kept: many cases make many reads.
  const train = Array.from({ length: 40 }, (_, n) => ({
    ...source!,
    name: `a${n}`,
    patient: `a${n}`,
    slice,
  }));
  return { ...DATA, train };
}

describe('the end of a training', () => {
  it('that diverges keeps the best weights before it, where that is asked for', async () => {
    const checkpoint = join(folder, 'diverged.safetensors');
    const options = { checkpoint, keepBestWhenDiverged: true };
    const result = await trainNetwork(STEADY, poisonedFrom(12), options, QUIET_JOB);
    expect(result.ended).toBe('diverged');
    expect(result.steps).toBeGreaterThan(2);
    expect(result.steps).toBeLessThan(20);
    expect(result.keptStep).toBeGreaterThan(0);
    expect(result.keptStep).toBeLessThanOrEqual(result.steps);
    const best = Math.max(...result.records.map(({ validation }) => validation?.gainInside ?? -99));
    expect(result.validation!.gainInside).toBe(best);
    for (const { data } of result.weights.values()) expect(data.every(Number.isFinite)).toBe(true);
    // Else it is told as what it is.
    const plain = trainNetwork(STEADY, poisonedFrom(12), {}, QUIET_JOB);
    await expect(plain).rejects.toMatchObject({ code: 'diverged' });
  });

  it('comes when it is asked for, after a last validation', async () => {
    let steps = 0;
    const counting: JobContext = {
      ...QUIET_JOB,
      progress: ({ done }) => {
        steps = done;
      },
    };
    const settings = { ...STEADY, steps: 1000, validateEvery: 1000 };
    const result = await trainNetwork(settings, DATA, { finish: () => steps >= 7 }, counting);
    expect(result).toMatchObject({ ended: 'asked', steps: 7, plannedSteps: 1000 });
    expect(result.records.at(-1)).toMatchObject({ step: 7 });
    expect(result.records.at(-1)!.validation).toBeDefined();
    expect([0, 7]).toContain(result.keptStep);
  });

  it('does not come with a full disk: it waits for room, and goes on to the same weights', async () => {
    const whole = await trainNetwork(STEADY, DATA, {}, QUIET_JOB);
    const told: string[] = [];
    const watching: JobContext = { ...QUIET_JOB, progress: ({ stage }) => told.push(stage) };
    const checkpoint = join(folder, 'full.safetensors');
    const options = { checkpoint, checkpointSeconds: 0.001, waitForDiskMs: 5 };
    disk.failures = 3;
    const result = await trainNetwork(STEADY, DATA, options, watching);
    expect(told.filter((stage) => stage === 'disk-full')).toHaveLength(3);
    expect(result.weights).toEqual(whole.weights);
    expect(result.ended).toBe('planned');

    // Nobody waits where that was not asked for, nor for a disk that fails otherwise.
    disk.failures = 99;
    const impatient = trainNetwork(STEADY, DATA, { checkpoint, checkpointSeconds: 0.001 }, QUIET_JOB);
    await expect(impatient).rejects.toMatchObject({ code: 'write-failed' });
    [disk.failures, disk.code] = [99, 'EIO'];
    await expect(trainNetwork(STEADY, DATA, options, QUIET_JOB)).rejects.toMatchObject({
      code: 'write-failed',
    });
    // And nobody waits for ever.
    [disk.failures, disk.code] = [99, 'ENOSPC'];
    const controller = new AbortController();
    const cancelled = trainNetwork(STEADY, DATA, options, {
      signal: controller.signal,
      progress: ({ stage }) => {
        if (stage === 'disk-full') controller.abort();
      },
    });
    await expect(cancelled).rejects.toMatchObject({ code: expect.stringMatching(/cancelled|write-failed/) });
    disk.failures = 0;
  });
});

describe('the last stages of a network', () => {
  it.each([
    'glmamba',
    'sanet',
  ])('of %s are all that a training changes, running statistics among the rest', async (network) => {
    const options =
      network === 'glmamba'
        ? { ...recipeFor(network, 'workstation').options, channels: 4, N: 2, refinement: 1 }
        : { n_resgroups: 2, n_resblocks: 1, n_feats: 16, effective_stages: 2 };
    const settings: TrainingSettings = {
      ...{ ...SETTINGS, network, options, loss: 'paper', learningRate: 1e-2, warmUp: 0 },
      ...{ steps: 3, validateEvery: 100, keep: 'last', lastStages: true },
    };
    const alone = { ...DATA, validation: [] };
    const before = await trainNetwork({ ...settings, learningRate: 1e-30, steps: 1 }, alone, {}, QUIET_JOB);
    const after = await trainNetwork(settings, alone, { start: before.weights }, QUIET_JOB);
    const whole = await trainNetwork(
      { ...settings, lastStages: undefined },
      alone,
      { start: before.weights },
      QUIET_JOB,
    );
    const changed = ({ weights }: typeof after) =>
      [...weights].flatMap(([path, { data }]) =>
        bytesOf(data).equals(bytesOf(before.weights.get(path)!.data)) ? [] : [path],
      );
    const trained = lastStages(network, options, 2);
    expect(new Set(changed(after))).toEqual(trained);
    // Otherwise the others do change.
    expect(changed(whole).length).toBeGreaterThan(trained.size);
  });
});

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
