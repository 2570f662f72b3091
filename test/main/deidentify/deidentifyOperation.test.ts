import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dicomParser from 'dicom-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { CONFIDENTIALITY_TABLE } from '../../../src/core/dicom/deidentify/confidentialityTable.ts';
import { type DataSet, mergeDataSets, text } from '../../../src/core/dicom/derived/dataSet.ts';
import { loadVrDictionary } from '../../../src/core/dicom/derived/dictionary.ts';
import { encodeDataSet, encodeFilePrefix, turned } from '../../../src/core/dicom/derived/encode.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { deidentifyOperation } from '../../../src/main/deidentify/deidentifyOperation.ts';
import { phantomOperation } from '../../../src/main/phantom/phantomOperation.ts';
import { CANARIES, sampleOf } from '../../core/dicom/deidentify/samples.ts';
import { dataRoot } from '../../helpers/data.ts';
import { concat, dicomFile, type Element, mrSlice } from '../../helpers/dicomBuilder.ts';
import { findTool } from '../../helpers/tools.ts';

let root: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-deidentify-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const folder = () => join(root, `f${count++}`);
const run = (request: RequestInput<'deidentify'>) =>
  deidentifyOperation(operations.deidentify.request.parse(request), QUIET_JOB);

async function filesBelow(path: string): Promise<string[]> {
  const names = await readdir(path, { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function inFolder(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const path = folder();
  await mkdir(path);
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(path, name), bytes);
  return path;
}

const pixelsOf = (bytes: Uint8Array) => {
  const set = dicomParser.parseDicom(bytes, { inflater: undefined as never });
  const { dataOffset, length } = set.elements.x7fe00010!;
  return Buffer.from(set.byteArray.subarray(dataOffset, dataOffset + length)).toString('hex');
};

describe('tandem deidentify', () => {
  it('writes files under new names, the same bytes again for the same key, others for another', async () => {
    const source = folder();
    await phantomOperation(
      operations.phantom.request.parse({ out: source, matrix: 16, slices: 2 }),
      QUIET_JOB,
    );
    const keyFile = join(root, 'key');
    const [one, two, three] = [folder(), folder(), folder()];
    const first = await run({ paths: [source], out: one, keyFile });
    expect(first).toMatchObject({ files: 4, patients: 1, studies: 1, series: 2, key: 'new file' });
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
    expect((await run({ paths: [source], out: two, keyFile })).key).toBe('file');
    expect((await run({ paths: [source], out: three })).key).toBe('forgotten');
    const names = (await filesBelow(one)).map((path) => path.slice(one.length + 1));
    expect(names).toEqual([
      'series-0001/0001.dcm',
      'series-0001/0002.dcm',
      'series-0002/0001.dcm',
      'series-0002/0002.dcm',
    ]);
    for (const name of names) {
      const bytes = await readFile(join(one, name));
      expect(bytes.equals(await readFile(join(two, name)))).toBe(true);
      expect(bytes.equals(await readFile(join(three, name)))).toBe(false);
      expect(bytes.subarray(0, 128).every((byte) => byte === 0)).toBe(true);
    }
    const read = await Promise.all(
      names.map(async (n) => dicomParser.parseDicom(await readFile(join(one, n)))),
    );
    expect(new Set(read.map((set) => set.string('x0020000d'))).size).toBe(1);
    expect(new Set(read.map((set) => set.string('x00200052'))).size).toBe(1);
    expect(new Set(read.map((set) => set.string('x0020000e'))).size).toBe(2);
    for (const set of read) expect(set.string('x00080018')).toBe(set.string('x00020003'));
  });

  it('writes nothing in a dry run, makes no key, and tells of attributes but of no value', async () => {
    const source = await inFolder({ 'CANARY^NAME.dcm': dicomFile(mrSlice({ description: 'CANARY DESC' })) });
    const keyFile = join(root, 'no-key');
    const result = await run({ paths: [source], dryRun: true, keyFile });
    expect(result.out).toBeNull();
    await expect(stat(keyFile)).rejects.toThrow();
    expect(result.attributes).toContainEqual({
      tag: '(0008,103E)',
      keyword: 'SeriesDescription',
      outcome: 'removed',
      elements: 1,
      files: 1,
    });
    expect(JSON.stringify(result)).not.toMatch(/CANARY|PHANTOM\^ONE|20260102/);
  });

  it('refuses to guess: no folder and no dry run, both kinds of dates, a key that is too short', async () => {
    const source = await inFolder({ 'a.dcm': dicomFile(mrSlice()) });
    await expect(run({ paths: [source] })).rejects.toMatchObject({ code: 'usage' });
    expect(() =>
      operations.deidentify.request.parse({ paths: ['a'], options: ['retain-dates', 'shift-dates'] }),
    ).toThrow(/either retained or shifted/);
    const keyFile = join(root, 'short');
    await writeFile(keyFile, 'abc');
    await expect(run({ paths: [source], out: folder(), keyFile })).rejects.toMatchObject({
      code: 'bad-header',
      path: keyFile,
    });
  });

  it('tells of what is no DICOM and leaves it out; of nothing else it makes an error', async () => {
    const source = await inFolder({
      'a.dcm': dicomFile(mrSlice()),
      'letter.txt': new TextEncoder().encode('Dear Mrs. CANARY'),
      'cut.dcm': dicomFile(mrSlice()).subarray(0, -5),
    });
    const out = folder();
    const result = await run({ paths: [source], out });
    expect(result.files).toBe(1);
    expect(result.refused.map(({ code }) => code).sort()).toEqual(['not-an-image', 'truncated']);
    expect(await filesBelow(out)).toHaveLength(1);
    const only = await inFolder({ 'letter.txt': new TextEncoder().encode('Dear Mrs. CANARY') });
    const nothing = folder();
    await expect(run({ paths: [only], out: nothing })).rejects.toMatchObject({ code: 'nothing-readable' });
    await expect(stat(nothing)).rejects.toThrow();
  });

  it('warns of what only a look at the pixels can put right', async () => {
    const cs = (value: string): Element => ({ vr: 'CS', value });
    const source = await inFolder({
      'a.dcm': dicomFile(mrSlice({ extra: { 2622209: cs('YES'), 2622210: cs('YES') } })),
    });
    const result = await run({ paths: [source], dryRun: true });
    expect(result.warnings.map(({ code, files }) => [code, files])).toEqual([
      ['burned-in-annotation', 1],
      ['recognisable-face', 1],
    ]);
  });
});

describe('canaries in every attribute of the table', () => {
  const SYNTAXES = {
    'explicit little endian': '1.2.840.10008.1.2.1',
    'implicit little endian': '1.2.840.10008.1.2',
    'big endian': '1.2.840.10008.1.2.2',
  } as const;
  for (const [name, syntax] of Object.entries(SYNTAXES)) {
    it(`${name}: none is left in the file, the pixels are`, { timeout: 60_000 }, async () => {
      const dictionary = await loadVrDictionary();
      const rows = CONFIDENTIALITY_TABLE.filter(({ pattern }) => !/^0000|^0002|^0004/.test(pattern));
      const samples = rows.map((row) => sampleOf(row, dictionary));
      const pixels = Uint8Array.from({ length: 64 }, (_, n) => (n * 37) & 0xff);
      const dataSet: DataSet = mergeDataSets(samples, [
        text(0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.4'),
        text(0x00090010, 'LO', 'CANARY MAKER'),
        { tag: 0x7fe00010, vr: 'OW', value: pixels },
      ]);
      const encoding = { explicit: !name.startsWith('implicit'), littleEndian: !name.startsWith('big') };
      const bytes = concat([encodeFilePrefix(dataSet, syntax), encodeDataSet(dataSet, encoding)]);
      expect(Buffer.from(bytes).toString('latin1')).toContain('CANARY');
      const out = folder();
      await run({ paths: [await inFolder({ 'a.dcm': bytes })], out });
      const [path] = await filesBelow(out);
      const written = await readFile(path!);
      for (const canary of CANARIES) expect(written.includes(canary), canary).toBe(false);
      expect(written.includes(syntax)).toBe(true);
      expect(written.includes(Buffer.from(encoding.littleEndian ? pixels : turned('OW', pixels)))).toBe(true);
    });
  }
});

describe('pixels', () => {
  it('are copied byte for byte with fragments and offset table; signatures and padding after them go', async () => {
    const item = (bytes: readonly number[], tag = [0xfe, 0xff, 0x00, 0xe0]) =>
      Uint8Array.from([...tag, bytes.length, 0, 0, 0, ...bytes]);
    const fragments = concat([
      Uint8Array.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff]),
      item([0, 0, 0, 0]),
      item([0xff, 0xd8, 1, 2, 3, 4]),
      item([5, 6, 0xff, 0xd9]),
      item([], [0xfe, 0xff, 0xdd, 0xe0]),
    ]);
    const header = dicomFile(mrSlice({ extra: { 2145386512: undefined } }));
    const swapped = Buffer.from(header);
    const syntaxAt = swapped.indexOf('1.2.840.10008.1.2.1\0');
    // The same length as the syntax it replaces: JPEG 2000's would not fit.
    swapped.write('1.2.840.10008.1.2.5\0', syntaxAt, 'latin1');
    const padding = encodeDataSet([{ tag: 0xfffcfffc, vr: 'OB', value: new TextEncoder().encode('CANARY') }]);
    const out = folder();
    await run({ paths: [await inFolder({ 'a.dcm': concat([swapped, fragments, padding]) })], out });
    const written = await readFile((await filesBelow(out))[0]!);
    expect(written.subarray(-fragments.length).equals(Buffer.from(fragments))).toBe(true);
    expect(written.includes('CANARY')).toBe(false);
    expect(written.includes('1.2.840.10008.1.2.5\0')).toBe(true);
  });

  it('of a deflated file are deflated again', async () => {
    const { inflateRawSync } = await import('node:zlib');
    const bytes = dicomFile(mrSlice(), { syntax: '1.2.840.10008.1.2.1.99' });
    const out = folder();
    await run({ paths: [await inFolder({ 'a.dcm': bytes })], out });
    const written = await readFile((await filesBelow(out))[0]!);
    const set = dicomParser.parseDicom(written, {
      inflater: (whole: Uint8Array, at: number) =>
        concat([whole.subarray(0, at), new Uint8Array(inflateRawSync(whole.subarray(at)))]),
    } as never);
    expect(set.string('x00020010')).toBe('1.2.840.10008.1.2.1.99');
    expect(set.string('x00100010')).toMatch(/^TMR-/);
    expect(set.uint16('x7fe00010', 5)).toBe(5);
  });

  const data = dataRoot();
  it.skipIf(data === undefined)(
    'of every syntax in the real data are what they were [needs shared data]',
    { timeout: 120_000 },
    async () => {
      const source = join(data!, 'dicom/one-slice-many-syntaxes');
      const out = folder();
      const result = await run({ paths: [source], out });
      expect(result.files).toBeGreaterThan(8);
      const tails = new Set<string>();
      for (const path of await filesBelow(source)) {
        const bytes = await readFile(path);
        try {
          tails.add(pixelsOf(bytes));
        } catch {
          // A deflated file, or something that is no DICOM.
        }
      }
      let compared = 0;
      for (const path of await filesBelow(out)) {
        const bytes = await readFile(path);
        try {
          expect(tails.has(pixelsOf(bytes)), path).toBe(true);
          compared++;
        } catch (error) {
          if (error instanceof Error && error.message.includes('expected')) throw error;
        }
      }
      expect(compared).toBeGreaterThan(7);
    },
  );
});

describe('the judges', () => {
  const dciodvfy = findTool('dciodvfy');
  it.skipIf(dciodvfy === undefined)(
    'find no error in a de-identified MR image, with any option [needs dciodvfy]',
    { timeout: 120_000 },
    async () => {
      const source = folder();
      await phantomOperation(
        operations.phantom.request.parse({ out: source, matrix: 16, slices: 1, contrasts: ['t2'] }),
        QUIET_JOB,
      );
      for (const options of [
        [],
        ['shift-dates', 'clean-descriptors', 'retain-device'],
        ['retain-uids'],
      ] as const) {
        const out = folder();
        await run({ paths: [source], out, options: [...options] });
        const [path] = await filesBelow(out);
        expect(spawnSync(dciodvfy!, [path!], { encoding: 'utf8' }).stderr).not.toMatch(/Error/);
      }
    },
  );
});
