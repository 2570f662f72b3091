import { existsSync } from 'node:fs';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { loadSeries } from '../../../src/main/studies/load.ts';
import { scanPaths } from '../../../src/main/studies/scan.ts';
import { safePath } from '../../../src/main/studies/zip.ts';
import { dicomFile, mrSeries } from '../../helpers/dicomBuilder.ts';
import { type ZipFile, zipOf } from '../../helpers/zipBuilder.ts';
import { folderOf } from './helpers.ts';

const slices: ZipFile[] = mrSeries([0, 2, 4]).map((slice, n) => ({
  name: `study/IM${n}`,
  bytes: dicomFile(slice),
}));

describe('ZIP archives', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await folderOf({});
  });
  afterEach(() => rm(folder, { recursive: true }));

  const archive = async (files: readonly ZipFile[], name = 'study.zip'): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, zipOf(files));
    return path;
  };
  const scan = async (path: string) => scanPaths([path], QUIET_JOB);
  const codes = async (bad: ZipFile) => {
    const { studies, refused } = await scan(await archive([...slices, bad]));
    expect(studies[0]!.series[0]!.summary.size).toEqual([4, 3, 3]);
    return refused.map(({ code, message }) => `${code}: ${message}`);
  };

  it('are read like the folder that they hold, by themselves or found in a folder', async () => {
    const path = await archive(slices);
    for (const root of [path, folder]) {
      const { studies, refused } = await scan(root);
      expect(refused).toEqual([]);
      const [entry] = studies[0]!.series;
      expect(entry!.summary).toMatchObject({ size: [4, 3, 3], path: join(path, 'study') });
      const { stack } = await loadSeries(entry!, QUIET_JOB);
      expect([...stack.slices[1]!.pixels]).toEqual(Array.from({ length: 12 }, (_, n) => n));
    }
  });

  it('are unpacked to a folder that only their owner can read, once', async () => {
    const path = await archive(slices);
    const unpacked = async () => dirname(dirname((await scan(path)).studies[0]!.series[0]!.files[0]!));
    const first = await unpacked();
    expect((await stat(first)).mode & 0o777).toBe(0o700);
    expect(await unpacked()).toBe(first);
    expect(basename(first)).toContain(String(process.pid));
  });

  it('put no file outside that folder', async () => {
    const bytes = slices[0]!.bytes;
    for (const name of ['../evil.dcm', '/evil.dcm', 'a/../../evil.dcm', 'C:\\evil.dcm', '..\\evil.dcm']) {
      expect(safePath(name), name).toBeUndefined();
      expect(await codes({ name, bytes })).toEqual([expect.stringMatching(/^bad-header: .*leads out of it/)]);
    }
    expect(existsSync(join(folder, 'evil.dcm'))).toBe(false);
    expect((await readdir(folder)).sort()).toEqual(['study.zip']);
  });

  it('that lie about sizes, checksums or links are refused entry by entry', async () => {
    const bytes = slices[0]!.bytes;
    const other = (claims: ZipFile['claims']): ZipFile => ({
      name: 'other.dcm',
      bytes,
      ...(claims && { claims }),
    });
    expect(await codes(other({ bytes: 10 }))).toEqual([expect.stringMatching(/longer than it says/)]);
    expect(await codes(other({ bytes: 1e6 }))).toEqual([expect.stringMatching(/shorter than it says/)]);
    expect(await codes(other({ crc: 1 }))).toEqual([expect.stringMatching(/checksum/)]);
    expect(await codes(other({ flags: 1 }))).toEqual([
      expect.stringMatching(/^unsupported-format: .*encrypted/),
    ]);
    expect(await codes(other({ mode: 0o120777 }))).toEqual([
      expect.stringMatching(/^unsupported-format: Links/),
    ]);
    expect(await codes({ name: 'inner.zip', bytes: zipOf(slices) })).toEqual([
      expect.stringMatching(/Archives within archives/),
    ]);
  });

  it('that unpack to hundreds of times their size are refused, and nothing of them stays', async () => {
    const bomb = await archive([{ name: 'bomb.dcm', bytes: new Uint8Array(80 * 2 ** 20) }]);
    await expect(scan(bomb)).rejects.toMatchObject({ code: 'too-large', path: bomb });
  });

  it('that break off are truncated', async () => {
    const path = join(folder, 'cut.zip');
    await writeFile(path, zipOf(slices).subarray(0, 700));
    await expect(scan(path)).rejects.toMatchObject({ code: 'truncated', path });
  });
});
