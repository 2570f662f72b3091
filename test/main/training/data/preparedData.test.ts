import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../../../src/core/graph/safetensors.ts';
import { QUIET_JOB } from '../../../../src/core/job.ts';
import { createRandom } from '../../../../src/core/random.ts';
import { encodeCase, openCase } from '../../../../src/main/training/data/caseFile.ts';
import {
  type DataManifest,
  manifestText,
  readManifest,
} from '../../../../src/main/training/data/manifest.ts';
import { openPreparedData } from '../../../../src/main/training/data/preparedData.ts';
import type { FullSlice } from '../../../../src/main/training/data/trainingCase.ts';
import { imageOf } from '../trainingCases.ts';

const [ROWS, COLUMNS] = [16, 24];
const random = createRandom(4);
const image = () => imageOf(ROWS, COLUMNS, () => random.between(0, 1.4) * 10 ** -random.integer(5));
const slices: FullSlice[] = Array.from({ length: 5 }, () => ({ truth: image(), reference: image() }));
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

let root: string;
let folder: string;
let count = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-prepared-'));
});
beforeEach(async () => {
  folder = join(root, `${count++}`);
  await mkdir(folder);
});
afterAll(() => rm(root, { recursive: true, force: true }));

function described(name: string, bytes: Uint8Array): DataManifest['cases'][number] {
  return {
    name,
    patient: name,
    split: 'train',
    sources: [{ name: 't2.nii.gz', sha256: 'a'.repeat(64) }],
    plane: 'axial',
    rows: ROWS,
    columns: COLUMNS,
    spacingMm: [0.9, 1.1],
    sliceThicknessMm: 4,
    places: [3, 4, 5, 8, 9],
    registration: 'by the headers, unchecked',
    file: `${name}.safetensors`,
    bytes: bytes.byteLength,
    sha256: sha256(bytes),
  };
}

/** Writes prepared data of cases by name, the manifest changed at will. */
async function write(
  names: readonly string[] = ['a', 'b'],
  change: (manifest: DataManifest) => unknown = (manifest) => manifest,
): Promise<DataManifest> {
  const bytes = encodeCase(slices, ROWS, COLUMNS);
  for (const name of names) await writeFile(join(folder, `${name}.safetensors`), bytes);
  const manifest: DataManifest = {
    format: 'tandem-data',
    formatVersion: 1,
    name: 'some data',
    target: 't2',
    reference: 't1',
    preparation: { seed: 1 },
    cases: names.map((name) => described(name, bytes)),
    leftOut: [{ name: 'c', reason: 'It lies elsewhere.' }],
  };
  await writeFile(join(folder, 'data.json'), JSON.stringify(change(manifest)));
  return manifest;
}

const open = (withReference = true) => openPreparedData(folder, withReference, QUIET_JOB);
const refused = (path: string, message: RegExp) =>
  expect.objectContaining({
    code: 'bad-training-data',
    path: join(folder, path),
    message: expect.stringMatching(message),
    hint: expect.stringContaining('tandem data prepare'),
  });

describe('the slices of a prepared case', () => {
  it('come back in half precision, each the one that is asked for', async () => {
    await write();
    const { cases } = await open();
    const [one] = cases.train;
    expect(one).toMatchObject({
      rows: ROWS,
      columns: COLUMNS,
      spacingMm: [0.9, 1.1],
      places: [3, 4, 5, 8, 9],
    });
    expect(one).toMatchObject({ name: 'a', patient: 'a', sliceThicknessMm: 4 });
    expect(one!.files).toEqual([{ name: 't2.nii.gz', sha256: 'a'.repeat(64) }]);
    for (const n of [3, 0, 4, 1, 2]) {
      const read = one!.slice(n);
      for (const kind of ['truth', 'reference'] as const) {
        const was = slices[n]![kind]!;
        // Half a unit of the last of 11 bits; below 2⁻¹⁴ the unit is 2⁻²⁴.
        const worst = was.reduce(
          (most, value, at) =>
            Math.max(most, Math.abs(read[kind]![at]! - value) / Math.max(value * 2 ** -11, 2 ** -25)),
          0,
        );
        expect(worst).toBeLessThanOrEqual(1);
        expect(worst).toBeGreaterThan(0);
      }
    }
  });

  it('are without a reference where none is wanted, or none was there', async () => {
    await write();
    expect((await open(false)).cases.train[0]!.slice(1).reference).toBeUndefined();

    const single = encodeCase(
      slices.map(({ truth }) => ({ truth, reference: undefined })),
      ROWS,
      COLUMNS,
    );
    await writeFile(join(folder, 'single.safetensors'), single);
    const path = join(folder, 'single.safetensors');
    const case_ = openCase(path, described('single', single), false);
    expect(case_.slice(4).truth).toEqual((await open(false)).cases.train[0]!.slice(4).truth);
    expect(() => openCase(path, described('single', single), true)).toThrow(
      refused('single.safetensors', /no reference/),
    );
  });

  it('are the same bytes for the same slices', () => {
    expect(encodeCase(slices, ROWS, COLUMNS)).toEqual(encodeCase(slices, ROWS, COLUMNS));
  });
});

describe('the file of a prepared case', () => {
  const bytes = encodeCase(slices, ROWS, COLUMNS);
  const tensor = (type: 'F16' | 'F32', shape: readonly number[], name = 'target') =>
    writeSafetensors(
      new Map([[name, { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }]]),
      new Map(),
      { type },
    );
  const header = (text: string) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, Buffer.from(text)]);
  };
  it.each([
    ['a text', Buffer.from('this is no such file'), /header|too early/],
    ['a few bytes', Buffer.from('abc'), /too early/],
    ['nothing', Buffer.alloc(0), /too early/],
    ['no JSON', header('{"target": '), /malformed/],
    ['something else', header('{"target": {"dtype": "F16"}}'), /malformed/],
    ['another precision', tensor('F32', [5, ROWS, COLUMNS]), /malformed/],
    ['other slices', tensor('F16', [4, ROWS, COLUMNS]), /no target of the size/],
    ['another size', tensor('F16', [5, COLUMNS, ROWS]), /no target of the size/],
    ['no target', tensor('F16', [5, ROWS, COLUMNS], 'reference'), /malformed/],
  ])('is refused where it holds %s', async (_, content, message) => {
    const path = join(folder, 'a.safetensors');
    await writeFile(path, content);
    expect(() => openCase(path, described('a', bytes), false)).toThrow(refused('a.safetensors', message));
  });

  it('is refused where it is cut off behind its header, or gone, when a slice is read', async () => {
    const path = join(folder, 'a.safetensors');
    await writeFile(path, bytes.subarray(0, bytes.length - 3));
    const case_ = openCase(path, described('a', bytes), true);
    expect(case_.slice(0).truth).toHaveLength(ROWS * COLUMNS);
    expect(() => case_.slice(4)).toThrow(refused('a.safetensors', /too early/));
    await rm(path);
    expect(() => case_.slice(0)).toThrow(refused('a.safetensors', /cannot be read/));
  });
});

describe('prepared data', () => {
  it('are named by the hash of their manifest, and split as it says', async () => {
    const manifest = await write(['a', 'b', 'c'], (all) => ({
      ...all,
      cases: all.cases.map((one, n) => ({ ...one, split: (['validation', 'train', 'test'] as const)[n]! })),
    }));
    const opened = await open();
    expect(opened.sha256).toBe(sha256(await readFile(join(folder, 'data.json'))));
    expect(opened.manifest.leftOut).toEqual(manifest.leftOut);
    const names = (side: 'train' | 'validation' | 'test') => opened.cases[side].map(({ name }) => name);
    expect([names('train'), names('validation'), names('test')]).toEqual([['b'], ['a'], ['c']]);
    expect(opened.cases.train[0]!.sha256).toBe(manifest.cases[1]!.sha256);
  });

  it('have a manifest that is written as it is read', async () => {
    const manifest = await write();
    await writeFile(join(folder, 'data.json'), manifestText(manifest));
    expect((await readManifest(folder)).manifest).toEqual(manifest);
    expect(manifestText((await readManifest(folder)).manifest)).toBe(manifestText(manifest));
  });

  it('are refused where one byte of a file, or its length, is another', async () => {
    const { cases } = await write();
    const bytes = await readFile(join(folder, 'b.safetensors'));
    const changed = Buffer.from(bytes);
    changed[bytes.length - 7]! ^= 1;
    await writeFile(join(folder, 'b.safetensors'), changed);
    await expect(open()).rejects.toEqual(refused('b.safetensors', /not the one that was prepared/));
    await writeFile(join(folder, 'b.safetensors'), bytes.subarray(1));
    await expect(open()).rejects.toEqual(
      refused('b.safetensors', new RegExp(`${bytes.length - 1} bytes, not ${cases[1]!.bytes}`)),
    );
    await rm(join(folder, 'b.safetensors'));
    await expect(open()).rejects.toEqual(refused('b.safetensors', /missing/));
  });

  const first = (change: object) => (all: DataManifest) => ({
    ...all,
    cases: [{ ...all.cases[0]!, ...change }, ...all.cases.slice(1)],
  });
  it.each([
    ['another format', (all: DataManifest) => ({ ...all, format: 'tandem-model' }), /format/],
    ['a later version', (all: DataManifest) => ({ ...all, formatVersion: 2 }), /formatVersion/],
    ['no case', (all: DataManifest) => ({ ...all, cases: [] }), /cases/],
    ['a file elsewhere', first({ file: '../a.safetensors' }), /cases\.0\.file/],
    ['an absolute path', first({ file: '/etc/passwd' }), /cases\.0\.file/],
    ['a path of Windows', first({ file: 'x\\a.safetensors' }), /cases\.0\.file/],
    ['the folder above', first({ file: '..' }), /cases\.0\.file/],
    ['no hash', first({ sha256: 'b' }), /cases\.0\.sha256/],
    ['no rows', first({ rows: 0 }), /cases\.0\.rows/],
    ['no slices', first({ places: [] }), /cases\.0\.places/],
    ['a side that is none', first({ split: 'both' }), /cases\.0\.split/],
    ['a list', () => [1, 2], /not of this version/],
    [
      'a patient on two sides',
      first({ split: 'test', patient: 'b' }),
      /patient b is both in test and in train/,
    ],
  ] as const)('are refused where the manifest has %s', async (_, change, message) => {
    await write(['a', 'b'], change as (all: DataManifest) => unknown);
    await expect(open()).rejects.toEqual(refused('data.json', message));
  });

  it('are refused where the manifest is no JSON, not there, or of single images when a reference is wanted', async () => {
    await expect(open()).rejects.toMatchObject({ code: 'not-found', path: folder });
    await writeFile(join(folder, 'data.json'), '{"format":');
    await expect(open()).rejects.toEqual(refused('data.json', /not JSON/));
    await write(['a'], (all) => ({ ...all, reference: null }));
    await expect(open(true)).rejects.toMatchObject({ code: 'no-reference', path: folder });
    await expect(open(false)).resolves.toBeDefined();
  });

  it('can be cancelled while their files are checked', async () => {
    await write();
    await expect(
      openPreparedData(folder, true, { ...QUIET_JOB, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });
});
