import { cpSync } from 'node:fs';
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { type JobContext, QUIET_JOB } from '../../../src/core/job.ts';
import { loadSegmentationPackage } from '../../../src/main/segmentation/packages/loadPackage.ts';
import { commandOf } from '../../../src/main/segmentation/training/commandOf.ts';
import { trainSegmentationHere } from '../../../src/main/segmentation/training/trainOperation.ts';
import { parseArguments } from '../../../src/main/shell/cli/command.ts';
import { trainSegmentationCommands } from '../../../src/main/shell/cli/commands/trainSegmentation.ts';
import { writeCase } from './cases.ts';

let root: string;
let base: RequestInput<'trainSegmentation'>;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-train-segmentation-'));
  base = {
    network: 'attention-unet',
    options: { width: 4, scales: 2 },
    cases: [writeCase(root, 'ann-v1', { seed: 1 }), writeCase(root, 'bob', { seed: 2 })],
    validation: [writeCase(root, 'val', { seed: 3 })],
    negatives: [{ path: writeCase(root, 'well', { seed: 4, tumour: false }), first: 't2' }],
    steps: 4,
    batch: 2,
    patch: 32,
    shards: 1,
    validateEvery: 2,
    notices: ['Say so'],
    out: '',
  };
}, 60_000);
afterAll(() => rm(root, { recursive: true, force: true }));

const parsed = (more: Partial<typeof base>) =>
  operations.trainSegmentation.request.parse({ ...base, ...more });
const train = (more: Partial<typeof base>, job: JobContext = QUIET_JOB) =>
  trainSegmentationHere(parsed(more), job);

describe('training a network that segments', () => {
  it('writes a package that says who it learned from, and leaves nothing else', async () => {
    const out = join(root, 'first');
    const result = await train({ out });
    expect(result).toMatchObject({ model: 'first', path: out, steps: 4 });
    expect(result.dice).toBeGreaterThanOrEqual(0);
    expect(result.worstDice).toBeLessThanOrEqual(result.dice!);
    expect((await readdir(out)).sort()).toEqual([
      'card.md',
      'model.json',
      'training.csv',
      'weights.safetensors',
    ]);
    await expect(access(`${out}.training`)).rejects.toThrow();
    const { card } = await loadSegmentationPackage(out);
    expect(card.training).toMatchObject({
      cases: [
        { name: 'ann-v1', patient: 'ann', slices: 6 },
        { name: 'bob', patient: 'bob' },
        { name: 'well-t2', patient: 'well', marked: 0 },
      ],
      validation: [{ name: 'val' }],
      steps: 4,
    });
    expect(card.training!.cases[0]!.marked).toBeGreaterThan(0);
    expect(card.training!.cases[2]!.files.map(({ name }) => name)).toEqual(['t2.nii', 't1.nii']);
    expect(card.envelope).toEqual({ first: ['flair'], spacingMm: [7, 7], sliceMm: [10, 10] });
    expect(card.licence.notices).toEqual(['Say so']);
    const text = await readFile(join(out, 'card.md'), 'utf8');
    expect(text).toContain('--negative t2=DATA/well');
    expect(text).not.toContain(root);
  }, 120_000);

  it('gives the same weights where it was stopped and goes on', async () => {
    const whole = await train({ out: join(root, 'whole') });
    const out = join(root, 'stopped');
    const controller = new AbortController();
    const stopping: JobContext = {
      signal: controller.signal,
      progress: ({ stage, done }) => stage === 'training' && done === 2 && controller.abort(),
    };
    await expect(train({ out }, stopping)).rejects.toMatchObject({ name: expect.stringMatching(/Error/) });
    await expect(access(join(out, 'model.json'))).rejects.toThrow();
    await expect(train({ out })).rejects.toMatchObject({ code: 'output-exists' });
    const gone = await train({ out, resume: true });
    expect(gone.steps).toBe(whole.steps);
    const [a, b] = [await loadSegmentationPackage(whole.path), await loadSegmentationPackage(out)];
    expect(b.card.weights).toEqual(a.card.weights);
  }, 180_000);

  it('begins with the weights of another package, and says so', async () => {
    const first = await train({ out: join(root, 'parent'), steps: 3 });
    const parent = (await loadSegmentationPackage(first.path)).card;
    // A learning rate of nothing: what it began with is what it ends with, but for what batch norm watches.
    const out = join(root, 'child');
    await train({
      out,
      steps: 1,
      learningRate: 1e-30,
      weightDecay: 0,
      warmUp: 0,
      init: first.path,
      validation: [],
    });
    const { card, weights } = await loadSegmentationPackage(out);
    expect(card.training!.initialisedFrom).toEqual({ id: 'parent', sha256: parent.weights.sha256 });
    expect(await readFile(join(out, 'card.md'), 'utf8')).toContain('It began with the weights of parent');
    const before = (await loadSegmentationPackage(first.path)).weights!;
    for (const [path, { data }] of weights!) {
      if (!path.includes('running_')) expect([...data], path).toEqual([...before.get(path)!.data]);
    }
    await expect(
      train({ out: join(root, 'x'), network: 'swin-unet', options: {}, patch: 64, init: first.path }),
    ).rejects.toMatchObject({
      code: 'usage',
    });
  }, 180_000);

  it('refuses a patient on both sides, by name and by the files themselves', async () => {
    const visit = join(root, 'ann-v2');
    cpSync(writeCase(root, 'other', { seed: 9 }), visit, { recursive: true });
    const copy = join(root, 'renamed');
    cpSync(join(root, 'bob'), copy, { recursive: true });
    for (const [folder, patient] of [
      [visit, 'ann-v1'],
      [copy, 'bob'],
    ] as const) {
      await expect(train({ validation: [folder], out: join(root, 'leak') })).rejects.toMatchObject({
        code: 'bad-training-data',
        message: expect.stringContaining(patient),
      });
    }
    await expect(access(join(root, 'leak'))).rejects.toThrow();
  });

  it.each([
    [{ minutes: 1 }, 'usage'],
    [{ batch: 3, shards: 2 }, 'usage'],
    [{ patch: 512 }, 'usage'],
    [{ patch: 33 }, 'bad-model'],
    [{ network: 'unet' }, 'bad-model'],
    [{ options: { depth: 3 } }, 'bad-model'],
    [{ augmentation: { rotation: 3 } }, 'usage'],
    [{ contrasts: ['flair', 'xray'] }, 'usage'],
    [{ meaning: 'tumour' }, 'bad-model'],
    [{ mask: 'nothing' }, 'not-found'],
  ] as const)('refuses %j before it begins', async (more, code) => {
    await expect(train({ ...(more as object), out: join(root, 'refused') })).rejects.toMatchObject({ code });
  });
});

describe('the command on a card', () => {
  it('asks for the same training', () => {
    const request = parsed({
      out: resolve('DATA/x'),
      cases: ['a', 'b'].map((name) => resolve('DATA', name)),
      validation: [resolve('DATA/c')],
      negatives: [{ path: resolve('DATA/d') }, { path: resolve('DATA/e'), first: 't2' }],
      augmentation: { rotationDeg: 10 },
      ema: 0.9,
      patience: 3,
      mostParts: 2,
      init: 'attention-unet',
    });
    const said = commandOf(request, 'DATA/x');
    const words = [...said.replaceAll('\\\n', ' ').matchAll(/'([^']*)'|(\S+)/g)].map(
      (one) => one[1] ?? one[2]!,
    );
    const [command] = trainSegmentationCommands;
    expect(words.slice(0, 3)).toEqual(['npx', 'tandem', command!.name]);
    const again = command!.request(parseArguments(command!, words.slice(3)));
    // The licence is on the card itself.
    expect(operations.trainSegmentation.request.parse(again)).toEqual({ ...request, notices: [] });
  });
});
