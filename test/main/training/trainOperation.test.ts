import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import type { JobContext } from '../../../src/core/job.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { gridFromAffine } from '../../../src/core/volume/grid.ts';
import type { Volume } from '../../../src/core/volume/volume.ts';
import { loadModelPackage } from '../../../src/main/models/loadModelPackage.ts';
import { trainHere, trainOperation as trainInThread } from '../../../src/main/training/trainOperation.ts';
import { writeCase } from '../evaluation/cases.ts';

/** Rings with sharp edges; the other contrast inverts them. */
function rings(contrast: 't1' | 't2'): Volume {
  const size = 48;
  const grid = gridFromAffine(
    [size, size, 3],
    [
      [-1, 0, 0, 24],
      [0, -1, 0, 24],
      [0, 0, 5, 0],
    ],
  );
  const voxels = new Float32Array(size * size * 3);
  for (let n = 0; n < voxels.length; n++) {
    const [i, j] = [n % size, Math.floor(n / size) % size];
    const r = Math.hypot(i - 24, j - 22 + Math.floor(n / size ** 2));
    const value = r > 20 ? 0 : Math.floor(r / 3) % 2 === 0 ? 80 : 40;
    voxels[n] = contrast === 't2' || value === 0 ? value : 120 - value;
  }
  return { grid, voxels };
}

let folder: string;
let root: string;
let other: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-train-'));
  folder = await writeCase({ t1: rings('t1'), t2: rings('t2') });
  other = await writeCase({ t1: rings('t1'), t2: rings('t2') });
});
afterAll(async () => {
  for (const path of [root, folder, other]) await rm(path, { recursive: true, force: true });
});

function request(out: string, more: Partial<RequestInput<'train'>> = {}) {
  return operations.train.request.parse({
    network: 'srcnn-guided',
    options: { features: [2, 2], kernels: [3, 1, 3] },
    scale: 2,
    cases: [folder],
    steps: 6,
    patch: 32,
    out: join(root, out),
    notices: ['The data are rings.'],
    ...more,
  });
}

/** In this thread, where what `progress` does takes effect before the next step. */
const trainOperation = (asked: ReturnType<typeof request>, job: JobContext) =>
  trainHere({ request: asked, device: { kind: 'cpu', reason: 'the CPU was asked for' } }, job);

describe('tandem train', () => {
  it('runs in a thread of its own, with the same weights, progress and errors, and can be cancelled there', async () => {
    const stages = new Set<string>();
    const progress: JobContext['progress'] = ({ stage }) => stages.add(stage);
    const { path } = await trainInThread(request('in-thread', { measure: [other] }), {
      ...QUIET_JOB,
      progress,
    });
    expect([...stages]).toEqual(expect.arrayContaining(['preparing', 'reading', 'training', 'evaluating']));
    const here = await trainOperation(request('here'), QUIET_JOB);
    expect((await loadModelPackage(path)).weights).toEqual((await loadModelPackage(here.path)).weights);

    await expect(trainInThread(request('in-thread'), QUIET_JOB)).rejects.toMatchObject({
      code: 'output-exists',
      path: join(root, 'in-thread'),
    });

    const controller = new AbortController();
    const long = request('long', { steps: 1_000_000 });
    const stopping: JobContext = {
      signal: controller.signal,
      progress: ({ stage, done }) => {
        if (stage === 'training' && done === 3) controller.abort();
      },
    };
    await expect(trainInThread(long, stopping)).rejects.toMatchObject({ code: 'cancelled' });
    await access(join(root, 'long', 'checkpoint.safetensors'));
  });

  it('writes a whole package: checked, measured, with all that made it', async () => {
    const result = await trainOperation(request('rings-x2', { measure: [folder, other] }), QUIET_JOB);
    expect(result).toMatchObject({ model: 'rings-x2', path: join(root, 'rings-x2'), steps: 6 });
    const { card } = await loadModelPackage(result.path);
    expect(card.id).toBe('rings-x2');
    expect(card.contrasts).toEqual({ target: 't2', reference: 't1' });
    expect(card.options).toEqual({ features: [2, 2], kernels: [3, 1, 3] });
    expect(card.envelope).toMatchObject({ matrix: [48, 48], target: ['t2'], reference: ['t1'] });
    expect(card.training).toMatchObject({ steps: 6, patch: 32, seed: 1 });
    expect(card.training!.cases[0]).toMatchObject({ name: basename(folder), slices: 3 });
    expect(card.licence.notices).toEqual(['The data are rings.']);
    expect(card.measured.map(({ trainedOn }) => trainedOn)).toEqual([true, false]);
    for (const { methods } of card.measured) {
      expect(Object.keys(methods)).toEqual(['zero-fill', 'cubic', 'rings-x2']);
      expect(methods['zero-fill']!.psnrInside).toBeGreaterThan(10);
    }
    await expect(access(join(result.path, 'checkpoint.safetensors'))).rejects.toThrow();
    await expect(access(join(result.path, 'card.md'))).resolves.toBeUndefined();
  });

  it('records how it was trained, and says what it took and where', async () => {
    const result = await trainOperation(
      request('recorded', {
        optimizer: 'adamw',
        weightDecay: 0.05,
        clipNorm: 1,
        ema: 0.9,
        emaStart: 2,
        schedule: 'step',
        warmUp: 0,
      }),
      QUIET_JOB,
    );
    expect(result).toMatchObject({ device: 'cpu', fallBacks: [] });
    expect(result.memoryMb).toBeGreaterThan(1);
    const { training } = (await loadModelPackage(result.path)).card;
    expect(training!.optimizer).toBe(
      'AdamW (β₁ 0.9, β₂ 0.999, ε 1e-8, weight decay 0.05 but for norms and biases). ' +
        'Gradients clipped to a global norm of 1. The weights are their moving average (decay 0.9, from step 3 on).',
    );
    expect(training!.schedule).toBe('Times 0.1 after 50 % and 75 % of the steps.');
    expect(training!.software).toMatch(/CPU, batches in 2 parts$/);
    const asked = request('plain', { clipNorm: 0, ema: 0 });
    const plain = (await loadModelPackage((await trainOperation(asked, QUIET_JOB)).path)).card;
    expect(plain.training!.optimizer).toBe('Adam (β₁ 0.9, β₂ 0.999, ε 1e-8).');
    expect(plain.training!.schedule).toBe(
      'Linear rise over 100 steps (a tenth of all at most), then a half cosine down to 1 %.',
    );
  });

  it('refuses what cannot fit before a case is read', async () => {
    const huge = request('huge', { batch: 5_000_000, cases: [join(root, 'nowhere')] });
    await expect(trainOperation(huge, QUIET_JOB)).rejects.toMatchObject({ code: 'out-of-memory' });
    await expect(access(join(root, 'huge'))).rejects.toThrow();
  });

  it('says what it will take before it begins', async () => {
    const seen: string[] = [];
    const progress: JobContext['progress'] = ({ stage, message = '' }) => seen.push(`${stage}: ${message}`);
    await trainOperation(request('told'), { ...QUIET_JOB, progress });
    expect(seen[0]).toMatch(/^preparing: training takes about \d+ MB on CPU$/);
  });

  it('never trains over a package, nor over a checkpoint unless asked to go on', async () => {
    await trainOperation(request('done'), QUIET_JOB);
    await expect(trainOperation(request('done'), QUIET_JOB)).rejects.toMatchObject({ code: 'output-exists' });

    const controller = new AbortController();
    const stopping: JobContext = {
      signal: controller.signal,
      progress: ({ stage, done }) => {
        if (stage === 'training' && done === 3) controller.abort();
      },
    };
    await expect(trainOperation(request('stopped'), stopping)).rejects.toMatchObject({ code: 'cancelled' });
    await expect(trainOperation(request('stopped'), QUIET_JOB)).rejects.toMatchObject({
      code: 'output-exists',
    });
    const resumed = await trainOperation(request('stopped', { resume: true }), QUIET_JOB);
    const whole = await loadModelPackage(join(root, 'done'));
    expect((await loadModelPackage(resumed.path)).weights).toEqual(whole.weights);
  });

  it('measures a model after all that was stopped while it was measured', async () => {
    const controller = new AbortController();
    const stopping: JobContext = {
      signal: controller.signal,
      progress: ({ stage }) => {
        if (stage === 'evaluating') controller.abort();
      },
    };
    const asked = { measure: [other] };
    await expect(trainOperation(request('unmeasured', asked), stopping)).rejects.toThrow();
    const { path } = await trainOperation(request('unmeasured', { ...asked, resume: true }), QUIET_JOB);
    expect((await loadModelPackage(path)).card.measured).toHaveLength(1);
    await expect(access(join(path, 'checkpoint.safetensors'))).rejects.toThrow();
  });

  it('refuses an id that no package can have before the training, not after it', async () => {
    await expect(trainOperation(request('two words'), QUIET_JOB)).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('--id'),
    });
    await expect(access(join(root, 'two words'))).rejects.toThrow();
  });

  it('trains a single-image network without looking for a reference', async () => {
    const result = await trainOperation(request('single', { network: 'srcnn', reference: 'pd' }), QUIET_JOB);
    const { card } = await loadModelPackage(result.path);
    expect(card.contrasts).toEqual({ target: 't2', reference: null });
    expect(card.envelope!.reference).toEqual([]);
  });

  it('refuses an unknown network and a case that is not there, before anything is written', async () => {
    await expect(trainOperation(request('a', { network: 'x' }), QUIET_JOB)).rejects.toMatchObject({
      code: 'bad-model',
    });
    const missing = request('a', { cases: [join(root, 'nowhere')] });
    await expect(trainOperation(missing, QUIET_JOB)).rejects.toMatchObject({ code: 'not-found' });
    await expect(access(join(root, 'a'))).rejects.toThrow();
  });
});
