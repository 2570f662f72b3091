import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TandemError } from '../../../src/core/errors.ts';
import { initialValues } from '../../../src/core/graph/index.ts';
import { type NamedTensor, writeSafetensors } from '../../../src/core/graph/safetensors.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { networkGraph } from '../../../src/core/networks/index.ts';
import { type ModelCard, modelCardSchema } from '../../../src/main/models/card.ts';
import { renderCard } from '../../../src/main/models/cardText.ts';
import { listModelPackages } from '../../../src/main/models/listModelPackages.ts';
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

describe('the models that are here', () => {
  it('are listed, and those that do not hold are refused with the reason', async () => {
    await cp(folder, join(models, 'broken'), { recursive: true });
    await writeFile(join(models, 'broken', 'weights.safetensors'), 'x');
    const { models: found, refused } = await listModelPackages(models);
    expect(found.map(({ id }) => id)).toEqual(['small-x2']);
    expect(refused).toEqual([
      {
        path: join(models, 'broken'),
        code: 'bad-model',
        message: expect.stringMatching(/not the \d+ bytes/),
      },
    ]);
    expect((await listModelPackages(join(root, 'nowhere'))).models).toEqual([]);
  });

  it('that ship are whole, and say what the issue asks of a card', async () => {
    const { models: shipped, refused } = await modelsOperation({}, QUIET_JOB);
    expect(refused).toEqual([]);
    expect(shipped.map(({ id }) => id)).toEqual([
      'srcnn-guided-x2',
      'srcnn-guided-x4',
      'srcnn-x2',
      'srcnn-x4',
    ]);
    for (const model of shipped) {
      expect(model.id).toBe(`${model.network}-x${model.scale}`);
      expect(model.usesReference).toBe(model.network === 'srcnn-guided');
      expect(model.intendedUse).toMatch(/Research use only/);
      expect(model.licence).toMatch(/^CC BY, as the data/);
      expect(model.card).toMatch(/Lesjak et al\./);
      expect(model.card).toMatch(/tcga-fg-6692/);
      expect(model.card).toBe(await readFile(join(model.path, 'card.md'), 'utf8'));
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
      'seed 1',
      'CC BY-SA 3.0',
      'Trained on data of others.',
      card.weights.sha256,
    ]) {
      expect(text).toContain(part);
    }
  });
});
