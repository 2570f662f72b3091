import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TandemError } from '../../../src/core/errors.ts';
import { initialValues } from '../../../src/core/graph/index.ts';
import { type NamedTensor, writeSafetensors } from '../../../src/core/graph/safetensors.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { networkGraph, networkNamed } from '../../../src/core/networks/index.ts';
import { type ModelCard, modelCardSchema } from '../../../src/main/models/card.ts';
import { renderCard } from '../../../src/main/models/cardText.ts';
import { listPackagesBelow } from '../../../src/main/models/listModelPackages.ts';
import { loadModelPackage } from '../../../src/main/models/loadModelPackage.ts';
import { modelsOperation } from '../../../src/main/models/modelsOperation.ts';
import { type CardDraft, writeModelPackage } from '../../../src/main/models/writeModelPackage.ts';

const OPTIONS = { features: [4, 3], kernels: [3, 1, 3] };

const draft: CardDraft = {
  format: 'tandem-model',
  formatVersion: 1,
  id: 'small-x2',
  version: '1.2.3',
  network: 'srcnn-guided',
  options: OPTIONS,
  scale: 2,
  contrasts: { target: 't2', reference: 't1' },
  envelope: {
    target: ['t2'],
    reference: ['t1'],
    spacingMm: [0.5, 1],
    matrix: [152, 448],
    sliceThicknessMm: [1, 4],
  },
  training: {
    cases: [
      {
        name: 'case-a',
        slices: 97,
        rows: 216,
        columns: 176,
        spacingMm: [1, 1],
        sliceThicknessMm: 1,
        files: [{ name: 't2.nii.gz', sha256: 'b'.repeat(64) }],
      },
    ],
    degradation: 'k-space truncation.',
    loss: 'L1.',
    optimizer: 'Adam.',
    schedule: 'Cosine.',
    augmentation: {},
    steps: 10,
    batch: 2,
    patch: 32,
    learningRate: 1e-3,
    seed: 1,
    firstLoss: 0.1,
    lastLoss: 0.05,
    seconds: 60,
    software: 'Tandem MR',
  },
  measured: [
    {
      case: 'case-b',
      trainedOn: false,
      scale: 2,
      slices: 100,
      methods: { 'zero-fill': { psnr: 32.93, ssim: 0.9, psnrInside: 31.22, ssimInside: 0.89 } },
    },
  ],
  intendedUse: 'Research use only. Not for diagnosis.',
  licence: { weights: 'CC BY-SA 3.0', notices: ['Trained on data of others.'] },
};

function drawnWeights(): Map<string, NamedTensor> {
  const { parameters } = networkGraph('srcnn-guided', OPTIONS, 2, { batch: 1, rows: 8, columns: 8 });
  const values = initialValues(parameters, 3);
  return new Map(
    parameters.map(({ path, tensor }) => [path, { shape: tensor.shape, data: values.get(path)! }]),
  );
}

let root: string;
let models: string;
let folder: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-models-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  models = await mkdtemp(join(root, 'models-'));
  folder = join(models, 'small-x2');
  await writeModelPackage(folder, draft, drawnWeights());
});

async function refusal(promise: Promise<unknown>): Promise<TandemError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TandemError);
  return error as TandemError;
}

async function editCard(edit: (card: Record<string, unknown> & ModelCard) => void): Promise<void> {
  const path = join(folder, 'model.json');
  const card = JSON.parse(await readFile(path, 'utf8'));
  edit(card);
  await writeFile(path, JSON.stringify(card));
}

/** Replaces the weights, with a card that has their size and hash. */
async function replaceWeights(weights: ReadonlyMap<string, NamedTensor>): Promise<void> {
  const bytes = writeSafetensors(weights);
  await writeFile(join(folder, 'weights.safetensors'), bytes);
  await editCard((card) => {
    card.weights.bytes = bytes.length;
    card.weights.sha256 = createHash('sha256').update(bytes).digest('hex');
  });
}

describe('a model package', () => {
  it('loads by id and by path, with the weights that were written', async () => {
    const byId = await loadModelPackage('small-x2', models);
    const byPath = await loadModelPackage(folder);
    expect(byPath).toEqual(byId);
    expect(byId.id).toBe('small-x2');
    expect(byId.path).toBe(folder);
    expect(byId.card.training).toEqual(draft.training);
    expect(byId.weightsSha256).toBe(byId.card.weights.sha256);
    const weights = drawnWeights();
    expect([...byId.weights.keys()].sort()).toEqual([...weights.keys()].sort());
    for (const [path, tensor] of weights) expect(byId.weights.get(path)).toEqual(tensor);
  });

  it('that is not there is named with those that are', async () => {
    const error = await refusal(loadModelPackage('large-x2', models));
    expect(error.code).toBe('model-not-found');
    expect(error.hint).toBe('Models: small-x2.');
    expect((await refusal(loadModelPackage('..', models))).code).toBe('model-not-found');
    expect((await refusal(loadModelPackage(join(root, 'nowhere')))).code).toBe('model-not-found');
  });

  it('of a newer format is refused, saying so', async () => {
    await editCard((card) => Object.assign(card, { formatVersion: 2, anything: { new: true } }));
    const error = await refusal(loadModelPackage(folder));
    expect(error.code).toBe('bad-model');
    expect(error.message).toMatch(/format version 2, newer than 1/);
    expect(error.hint).toMatch(/newer version of Tandem MR/);
  });

  it.each<[string, (card: Record<string, unknown> & ModelCard) => void, RegExp]>([
    ['no id', (card) => Reflect.deleteProperty(card, 'id'), /malformed: id/],
    ['an id that is a path', (card) => Object.assign(card, { id: '../../etc' }), /malformed: id/],
    [
      'another format',
      (card) => Object.assign(card, { format: 'onnx' }),
      /not the card of a Tandem MR model/,
    ],
    ['an unknown network', (card) => Object.assign(card, { network: 'esrgan' }), /no network called esrgan/],
    [
      'options of no sense',
      (card) => Object.assign(card, { options: { kernels: 3 } }),
      /Options of srcnn-guided/,
    ],
    [
      'another size of the weights',
      (card) => Object.assign(card.weights, { bytes: card.weights.bytes + 1 }),
      /not the \d+ bytes/,
    ],
    ['another hash', (card) => Object.assign(card.weights, { sha256: '0'.repeat(64) }), /hash differs/],
    [
      'shapes that are not the network’s',
      (card) => Object.assign(card.weights.parameters[0]!, { shape: [1] }),
      /needs \[4, 2, 3, 3\]/,
    ],
    [
      'a network of other shapes',
      (card) => Object.assign(card, { options: { ...OPTIONS, features: [5, 3] } }),
      /needs \[5, 2, 3, 3\]/,
    ],
  ])('with %s in its card is refused', async (_what, edit, message) => {
    await editCard(edit);
    const error = await refusal(loadModelPackage(folder));
    expect(error.code).toBe('bad-model');
    expect(error.message).toMatch(message);
  });

  it('whose card is no JSON, or whose weights are missing, is refused', async () => {
    await rm(join(folder, 'weights.safetensors'));
    expect((await refusal(loadModelPackage(folder))).message).toMatch(/missing/);
    await writeFile(join(folder, 'model.json'), '{');
    expect((await refusal(loadModelPackage(folder))).message).toMatch(/not JSON/);
  });

  it('with one flipped bit in its weights is refused', async () => {
    const path = join(folder, 'weights.safetensors');
    const bytes = await readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(path, bytes);
    expect((await refusal(loadModelPackage(folder))).message).toMatch(/hash differs/);
  });

  it('with parameters too few, too many or not finite is refused, whatever the card says', async () => {
    const fewer = drawnWeights();
    fewer.delete('mapping.bias');
    await replaceWeights(fewer);
    expect((await refusal(loadModelPackage(folder))).message).toMatch(/lack the parameter mapping\.bias/);

    const more = drawnWeights().set('extra', { shape: [1], data: new Float32Array(1) });
    await replaceWeights(more);
    expect((await refusal(loadModelPackage(folder))).message).toMatch(/hold extra/);

    const bad = drawnWeights();
    bad.get('patches.bias')!.data[0] = Number.NaN;
    await replaceWeights(bad);
    expect((await refusal(loadModelPackage(folder))).message).toMatch(/not finite/);
  });

  it('follows no path that its files name', async () => {
    await editCard((card) => Object.assign(card.weights, { file: '/etc/passwd' }));
    const { card } = await loadModelPackage(folder);
    expect(JSON.stringify(card)).not.toContain('passwd');
  });

  it('whose card is a folder, or endless, is refused', async () => {
    await rm(join(folder, 'model.json'));
    await symlink('/dev/zero', join(folder, 'model.json'));
    expect((await refusal(loadModelPackage(folder))).code).toBe('bad-model');
  });
});

describe('a model package in half precision', () => {
  const half = (changes: Partial<CardDraft> = {}) =>
    writeModelPackage(folder, { ...draft, ...changes }, drawnWeights(), { precision: 'float16' });

  it('takes half the bytes and loads with each weight rounded once', async () => {
    const whole = (await loadModelPackage(folder)).card.weights;
    await half();
    const { card, weights } = await loadModelPackage(folder);
    expect(whole.precision).toBe('float32');
    expect(card.weights.precision).toBe('float16');
    const values = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
    // The header is as long but for its offsets, and padded to 8 bytes.
    expect(Math.abs(whole.bytes - card.weights.bytes - 2 * values)).toBeLessThanOrEqual(16);
    let rounded = 0;
    for (const [path, { shape, data }] of drawnWeights()) {
      expect(weights.get(path)!.shape).toEqual(shape);
      expect([...weights.get(path)!.data]).toEqual([...data].map(Math.f16round));
      rounded += data.filter((value) => Math.f16round(value) !== value).length;
    }
    expect(rounded).toBeGreaterThan(values / 2);
    expect(await readFile(join(folder, 'card.md'), 'utf8')).toContain('parameters, stored in float16.');
  });

  it('of a card that says otherwise, or says nothing, is refused', async () => {
    await half();
    await editCard((card) => Object.assign(card.weights, { precision: 'float32' }));
    expect((await refusal(loadModelPackage(folder))).message).toMatch(/stored as F16, the card says float32/);
    await editCard((card) => Reflect.deleteProperty(card.weights, 'precision'));
    expect((await refusal(loadModelPackage(folder))).message).toMatch(/stored as F16, the card says float32/);
    await writeModelPackage(folder, draft, drawnWeights());
    await editCard((card) => Object.assign(card.weights, { precision: 'float16' }));
    expect((await refusal(loadModelPackage(folder))).message).toMatch(/stored as F32, the card says float16/);
    await editCard((card) => Object.assign(card.weights, { precision: 'int8' }));
    expect((await refusal(loadModelPackage(folder))).message).toMatch(/malformed: weights\.precision/);
  });

  it('holds no weight that it cannot, and leaves the package before as it was', async () => {
    const before = await loadModelPackage(folder);
    const weights = drawnWeights();
    weights.get('mapping.bias')!.data[1] = 7e4;
    const error = await refusal(writeModelPackage(folder, draft, weights, { precision: 'float16' }));
    expect(error.code).toBe('bad-tensor-file');
    expect(error.path).toBe(join(folder, 'weights.safetensors'));
    expect(error.message).toMatch(/mapping\.bias holds 70000/);
    expect(await loadModelPackage(folder)).toEqual(before);
  });

  it('whose card is from before there was a choice is float32', async () => {
    await editCard((card) => Reflect.deleteProperty(card.weights, 'precision'));
    const { card, weights } = await loadModelPackage(folder);
    expect(card.weights.precision).toBe('float32');
    for (const [path, tensor] of drawnWeights()) expect(weights.get(path)).toEqual(tensor);
  });
});

describe('the further files of a package', () => {
  const files = new Map([
    ['curves.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['training.csv', 'step,…\n'],
  ]);

  it('are written with it and listed on its card with their hashes; the curves are shown', async () => {
    const card = await writeModelPackage(folder, draft, drawnWeights(), { files });
    for (const [name, text] of files) {
      expect(await readFile(join(folder, name), 'utf8')).toBe(text);
      const sha256 = createHash('sha256').update(text).digest('hex');
      expect(card.files).toContainEqual({ name, sha256 });
    }
    expect((await loadModelPackage(folder)).card).toEqual(card);
    const text = await readFile(join(folder, 'card.md'), 'utf8');
    expect(text).toMatch(/## How it was trained[^#]*!\[curves\]\(curves\.svg\)/);
    expect(text).toContain('[training.csv](training.csv)');
    expect(text).not.toContain('[curves.svg]');
  });

  it('are not spoken of where there are none', async () => {
    const { card } = await loadModelPackage(folder);
    expect(card).not.toHaveProperty('files');
    expect(renderCard(card)).not.toMatch(/curves|Also in this package/);
  });

  it.each([
    'model.json',
    'Weights.SafeTensors',
    'card.md',
    '../escape.csv',
    'a/b.csv',
    '.hidden',
    '',
  ])('cannot be called “%s”', async (name) => {
    const out = join(models, 'refused');
    const write = writeModelPackage(out, draft, drawnWeights(), { files: new Map([[name, 'text']]) });
    expect((await refusal(write)).code).toBe('usage');
    await expect(readdir(out)).rejects.toThrow(/ENOENT/);
    expect(await readdir(models)).toEqual(['small-x2']);
  });
});

describe('the models that are here', () => {
  it('are listed, and those that do not hold are refused with the reason', async () => {
    await cp(folder, join(models, 'broken'), { recursive: true });
    await writeFile(join(models, 'broken', 'weights.safetensors'), 'x');
    const { models: found, refused } = await listPackagesBelow(models);
    expect(found.map(({ id }) => id)).toEqual(['small-x2']);
    expect(refused).toEqual([
      {
        path: join(models, 'broken'),
        code: 'bad-model',
        message: expect.stringMatching(/not the \d+ bytes/),
      },
    ]);
    expect((await listPackagesBelow(join(root, 'nowhere'))).models).toEqual([]);
  });

  it('that ship are whole, small, and say where they are from and what they do', async () => {
    const { models: shipped, refused } = await modelsOperation({}, QUIET_JOB);
    expect(refused).toEqual([]);
    const ids = shipped.map(({ id }) => id);
    const guided = ['srcnn-guided', 'edsr-guided', 'edsr-guided-folded', 'sanet', 'minet', 'glmamba'];
    const flair = ['glmamba-flair', 'sanet-flair', 'edsr-guided-flair'];
    for (const name of ['srcnn', 'edsr', 'deform-mamba', 'iconet', ...guided, ...flair]) {
      expect(ids).toEqual(expect.arrayContaining([`${name}-x2`, `${name}-x4`]));
    }
    let bytes = 0;
    for (const model of shipped) {
      const { card } = await loadModelPackage(model.id);
      bytes += card.weights.bytes;
      expect(model.id).toMatch(new RegExp(`^${model.network}(-[a-z]+)*-x${model.scale}$`));
      expect(model.usesReference).toBe(networkNamed(model.network).usesReference);
      expect(model.intendedUse).toMatch(/Research use only/);
      expect(model.card).toMatch(/Lesjak et al\./);
      expect(model.card).toBe(await readFile(join(model.path, 'card.md'), 'utf8'));
      const names = card.training?.cases.map(({ name }) => name) ?? [];
      const free = names.some((name) => name.startsWith('tcga-lgg')) ? /^CC BY-NC-SA/ : /^CC BY, as the data/;
      expect(model.licence).toMatch(free);
      expect(names.length).toBeGreaterThan(0);
    }
    expect(bytes).toBeLessThan(80e6);
  });

  it('that ship gain on a patient they have never seen, in PSNR and in SSIM', async () => {
    const { models: shipped } = await modelsOperation({}, QUIET_JOB);
    for (const { id } of shipped) {
      const { card } = await loadModelPackage(id);
      const unseen = card.measured.filter(({ trainedOn }) => !trainedOn);
      expect(unseen.length, id).toBeGreaterThan(0);
      for (const { methods } of unseen) {
        const [own, zeroFilled] = [methods[id]!, methods['zero-fill']!];
        expect(own.psnrInside, id).toBeGreaterThan(zeroFilled.psnrInside);
        expect(own.ssimInside, id).toBeGreaterThan(zeroFilled.ssimInside);
        expect(own.ssim, id).toBeGreaterThan(zeroFilled.ssim);
      }
    }
  });
});

describe.each([2, 4])('the models of T2 that ship, ×%i, on a patient they have never seen', (scale) => {
  /** PSNR inside the foreground of tcga-fg-6692, by network; a folded network has a name of its own. */
  async function insideByName(): Promise<Map<string, { readonly inside: number; readonly guided: boolean }>> {
    const { models: shipped } = await modelsOperation({}, QUIET_JOB);
    const found = new Map<string, { readonly inside: number; readonly guided: boolean }>();
    for (const { id, target, usesReference, ...rest } of shipped) {
      if (target !== 't2' || rest.scale !== scale) continue;
      const { card } = await loadModelPackage(id);
      const measured = card.measured.find((one) => one.case === 'tcga-fg-6692');
      expect(measured?.trainedOn, id).toBe(false);
      const name = id.replace(/-x[24]$/, '');
      found.set(name, { inside: measured!.methods[id]!.psnrInside, guided: usesReference });
    }
    return found;
  }

  it('rank as the results say', async () => {
    const found = await insideByName();
    const of = (name: string) => found.get(name)!.inside;
    const single = [...found].filter(([, { guided }]) => !guided).map(([name]) => name);
    expect(single.sort()).toEqual(['deform-mamba', 'edsr', 'iconet', 'srcnn']);
    expect(of('glmamba')).toBeGreaterThanOrEqual(of('srcnn-guided') + 0.3);
    for (const name of ['edsr-guided', 'minet', ...single]) expect(of('glmamba')).toBeGreaterThan(of(name));
    for (const name of single) {
      expect(of('sanet'), name).toBeGreaterThan(of(name));
      expect(of('minet'), name).toBeGreaterThan(of(name));
      if (name !== 'srcnn') expect(of(name), name).toBeGreaterThan(of('srcnn'));
    }
  });
});

describe('the card in words', () => {
  it('says what it knows, what was measured, how it was trained and under which licence', async () => {
    const { card } = await loadModelPackage(folder);
    expect(modelCardSchema.parse(card)).toEqual(card);
    const text = renderCard(card);
    for (const part of [
      '# small-x2',
      'Research use only',
      'T2 ×2 in-plane, guided by T1',
      '0.5 to 1 mm',
      '| zero-fill | 32.93 | 0.9000 | 31.22 | 0.8900 |',
      'case-b (never trained on), ×2, 100 slices',
      'case-a | 97 | 176 × 216',
      'in 60 seconds',
      'seed 1',
      'CC BY-SA 3.0',
      'Trained on data of others.',
      card.weights.sha256,
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toMatch(/undefined|Known limits|disturbed|Mean ±|Data:|takes|patient \||float/);
  });

  it('says all that a newer card knows', async () => {
    const quality = (psnr: number, psnrInside: number) => ({ psnr, ssim: 0.9, psnrInside, ssimInside: 0.8 });
    const measured = [
      { case: 'seen', trainedOn: true, own: 40, zero: 30 },
      { case: 'b', trainedOn: false, own: 33, zero: 30 },
      { case: 'c', trainedOn: false, own: 36, zero: 32 },
    ].map(({ case: name, trainedOn, own, zero }) => ({
      case: name,
      trainedOn,
      scale: 2 as const,
      slices: 10,
      methods: { 'zero-fill': quality(zero + 1, zero), 'small-x2': quality(own + 1, own) },
    }));
    const written = await writeModelPackage(
      folder,
      {
        ...draft,
        measured,
        training: {
          ...draft.training!,
          seconds: 9000,
          precision: 'float32',
          selection: 'The weights of the best validation inside, at step 8.',
          initialisedFrom: { id: 'small-x4', sha256: 'c'.repeat(64) },
          data: {
            name: 'pairs-t2',
            manifestSha256: 'd'.repeat(64),
            split: { train: ['p1', 'p2'], validation: ['p3'], test: [] },
            licence: 'CC BY 4.0',
          },
          cases: [
            { ...draft.training!.cases[0]!, patient: 'p1', registration: 'good | checked' },
            { ...draft.training!.cases[0]!, name: 'case-c' },
          ],
        },
        robustness: [
          { case: 'b', rows: [{ disturbance: 'shifted by 2 mm', psnr: 33.456, psnrInside: 31.2 }] },
        ],
        performance: {
          device: 'CPU, 1 thread',
          secondsPerSlice: 0.3149,
          rows: 240,
          columns: 200,
          memoryMb: 1234.5,
        },
        limits: ['Never tried on children.'],
      },
      drawnWeights(),
    );
    const { card } = await loadModelPackage(folder);
    expect(card).toEqual(written);
    const text = renderCard(card);
    for (const part of [
      'over the 2 cases that it was never trained on',
      // Gains of 3 and 4 dB; 30 and 32, 33 and 36 inside.
      '| zero-fill | 32.00 ± 1.41 | 0.9000 ± 0.0000 | 31.00 ± 1.41 | 0.8000 ± 0.0000 |  |',
      '| small-x2 | 35.50 ± 2.12 | 0.9000 ± 0.0000 | 34.50 ± 2.12 | 0.8000 ± 0.0000 | 3.50 ± 0.71 |',
      'seen (**trained on**: no evidence for other patients)',
      'b with the reference disturbed:',
      '| shifted by 2 mm | 33.46 | 31.20 |',
      'A slice of 200 × 240 takes 0.31 s, 1,235 MB of memory (CPU, 1 thread).',
      '## Known limits\n\n- Never tried on children.',
      `Data: pairs-t2 (SHA-256 of its manifest \`${'d'.repeat(64)}\`), split by patient:`,
      '- trained on: 2 (p1, p2)\n- validated on while training: 1 (p3)\n- kept aside: none',
      `It began with the weights of small-x4 (SHA-256 \`${'c'.repeat(64)}\`).`,
      '| case | patient | slices | matrix | spacing mm | thickness mm | registration | files (SHA-256) |',
      '| case-a | p1 | 97 | 176 × 216 | 1 | 1 | good \\| checked | t2.nii.gz bbbbbbbbbbbb… |',
      '| case-c |  | 97 | 176 × 216 | 1 | 1 |  | t2.nii.gz bbbbbbbbbbbb… |',
      'seed 1. Computed in float32. Loss 0.1000 → 0.05000 in 2.5 hours.',
      'The weights of the best validation inside, at step 8.',
      'Data: CC BY 4.0',
    ]) {
      expect(text).toContain(part);
    }
  });
});
