import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../../src/core/graph/safetensors.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { segmentationModelsOperation } from '../../../src/main/segmentation/modelsOperation.ts';
import type { SegmentationCard } from '../../../src/main/segmentation/packages/card.ts';
import { siteSegmentationFolder } from '../../../src/main/segmentation/packages/folders.ts';
import { loadSegmentationPackage } from '../../../src/main/segmentation/packages/loadPackage.ts';
import { rewriteSegmentationCard } from '../../../src/main/segmentation/packages/writePackage.ts';
import { tinyWeights, writeTiny } from './models.ts';

let root: string;
let good: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-segmentation-packages-'));
  good = join(root, 'good');
  await writeTiny(good);
});
afterAll(() => rm(root, { recursive: true, force: true }));

type Card = { spec: SegmentationCard['spec']; source: object; weights: object };

let copies = 0;
/** A copy with its card or its weights changed; `rehash` makes the card true again. */
async function changed({
  card = (one: Card): object | string => one,
  weights,
  rehash = false,
}: {
  card?: (one: Card) => object | string;
  weights?: (bytes: Uint8Array) => Uint8Array;
  rehash?: boolean;
}): Promise<string> {
  const folder = join(root, `copy-${copies++}`);
  await cp(good, folder, { recursive: true });
  const file = join(folder, 'weights.safetensors');
  const bytes = weights?.(await readFile(file)) ?? (await readFile(file));
  await writeFile(file, bytes);
  const json = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
  if (rehash) {
    json.weights = { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.byteLength };
  }
  const written = card(json);
  await writeFile(
    join(folder, 'model.json'),
    typeof written === 'string' ? written : JSON.stringify(written),
  );
  return folder;
}

/** The weights with one tensor changed, in half precision. */
function otherWeights(change: (weights: ReturnType<typeof tinyWeights>) => void): () => Uint8Array {
  return () => {
    const weights = tinyWeights();
    change(weights);
    return writeSafetensors(weights, new Map(), { type: 'F16', path: 'w' });
  };
}

describe('a segmentation package', () => {
  it('gives its weights back, rounded to half precision, and its card', async () => {
    const { id, card, weights } = await loadSegmentationPackage(good);
    expect([id, card.version, card.source.kind]).toEqual(['tiny', '1.2.3', 'network']);
    const written = tinyWeights();
    expect([...weights!.keys()].sort()).toEqual([...written.keys()].sort());
    for (const [path, { data }] of weights!) {
      for (const [n, value] of data.entries()) expect(value).toBe(Math.f16round(written.get(path)!.data[n]!));
    }
    const text = await readFile(join(good, 'card.md'), 'utf8');
    for (const said of [
      'attention-unet',
      'Whole tumour',
      'FLAIR, T1 (may be missing)',
      card.weights.sha256,
    ]) {
      expect(text).toContain(said);
    }
  });

  it.each([
    [
      'a flipped bit of its weights',
      () => changed({ weights: (bytes) => bytes.with(bytes.length - 3, 7) }),
      /hash differs/,
    ],
    [
      'weights cut short',
      () => changed({ weights: (bytes) => bytes.subarray(0, -2) }),
      /are not the \d+ bytes/,
    ],
    ['a card that is no JSON', () => changed({ card: () => '{' }), /not JSON/],
    [
      'the card of another kind',
      () => changed({ card: (one) => ({ ...one, format: 'tandem-model' }) }),
      /not the card of a segmentation/,
    ],
    ['a newer format', () => changed({ card: (one) => ({ ...one, formatVersion: 2 }) }), /newer than 1/],
    ['a field that nobody knows', () => changed({ card: (one) => ({ ...one, more: 1 }) }), /malformed/],
    [
      'labels that contradict each other',
      () =>
        changed({
          card: (one) => ({
            ...one,
            spec: { ...one.spec, labels: [one.spec.labels[0], one.spec.labels[0]] },
          }),
        }),
      /same value/,
    ],
    [
      'another network',
      () => changed({ card: (one) => ({ ...one, source: { ...one.source, network: 'unet' } }) }),
      /no segmentation network called unet/,
    ],
    [
      'options of a wider network',
      () =>
        changed({ card: (one) => ({ ...one, source: { ...one.source, options: { width: 8, scales: 2 } } }) }),
      /has the shape/,
    ],
    [
      'more contrasts than it has weights for',
      () =>
        changed({
          card: (one) => ({
            ...one,
            spec: { ...one.spec, contrasts: [...one.spec.contrasts, { name: 't2', required: false }] },
          }),
        }),
      /has the shape/,
    ],
    [
      'a canvas that the network cannot halve',
      () => changed({ card: (one) => ({ ...one, spec: { ...one.spec, canvas: { size: 63, pixelMm: 4 } } }) }),
      /canvas of 63/,
    ],
    [
      'an output that the network has not',
      () => changed({ card: (one) => ({ ...one, spec: { ...one.spec, output: 'softmax' } }) }),
      /one logit a pixel/,
    ],
    [
      'another precision than it says',
      () => changed({ card: (one) => ({ ...one, source: { ...one.source, precision: 'float32' } }) }),
      /stored as F16/,
    ],
    [
      'a missing tensor',
      () => changed({ rehash: true, weights: otherWeights((w) => w.delete('logits.bias')) }),
      /lack the parameter logits\.bias/,
    ],
    [
      'a tensor too many',
      () =>
        changed({
          rehash: true,
          weights: otherWeights((w) => w.set('more', { shape: [1], data: new Float32Array(1) })),
        }),
      /hold more/,
    ],
    [
      'values that are not finite',
      () =>
        changed({
          rehash: true,
          weights: otherWeights((w) =>
            w.set('logits.bias', { shape: [1], data: Float32Array.of(Number.NaN) }),
          ),
        }),
      /not finite/,
    ],
  ])('is refused with %s', async (_, make, message) => {
    await expect(make().then(loadSegmentationPackage)).rejects.toMatchObject({
      code: 'bad-model',
      message: expect.stringMatching(message),
    });
  });

  it('that is not there is told with the names of those that are', async () => {
    const site = siteSegmentationFolder();
    await writeTiny(join(site, 'of-site'), 'of-site');
    try {
      await expect(loadSegmentationPackage('nobody')).rejects.toMatchObject({
        code: 'model-not-found',
        hint: expect.stringContaining('of-site'),
      });
      expect((await loadSegmentationPackage('of-site')).path).toBe(join(site, 'of-site'));
      await writeTiny(join(site, 'broken'), 'broken');
      await writeFile(join(site, 'broken', 'weights.safetensors'), 'x');
      const { models, refused } = await segmentationModelsOperation({}, QUIET_JOB);
      expect(models.filter(({ state }) => state === 'candidate')).toMatchObject([
        {
          id: 'of-site',
          network: 'attention-unet',
          dice: null,
          labels: [{ value: 1, name: 'Whole tumour' }],
        },
      ]);
      expect(refused).toMatchObject([{ path: join(site, 'broken'), code: 'bad-model' }]);
    } finally {
      await rm(site, { recursive: true, force: true });
    }
  });

  it('is never written over, and its card only beside the weights that it speaks of', async () => {
    await expect(writeTiny(good)).rejects.toMatchObject({ code: 'output-exists' });
    const copy = await changed({});
    const { card } = await loadSegmentationPackage(copy);
    const more = { case: 'a', trainedOn: false, image: 'original', dice: 0.8, diceSlices: null, hd95Mm: 4 };
    await rewriteSegmentationCard(copy, { ...card, measured: [more] });
    expect((await loadSegmentationPackage(copy)).card.measured).toEqual([more]);
    const other = { ...card, weights: { ...card.weights, sha256: '0'.repeat(64) } };
    await expect(rewriteSegmentationCard(copy, other)).rejects.toMatchObject({ code: 'bad-model' });
    expect((await loadSegmentationPackage(copy)).card.measured).toEqual([more]);
  });

  it('that ships is small and holds', async () => {
    const { models, refused } = await segmentationModelsOperation({}, QUIET_JOB);
    expect(refused).toEqual([]);
    for (const { path, state } of models) {
      expect(state).toBe('shipped');
      expect((await stat(join(path, 'weights.safetensors'))).size).toBeLessThan(10e6);
    }
  });
});
