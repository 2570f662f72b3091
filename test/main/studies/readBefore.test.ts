import { rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Instance } from '../../../src/core/dicom/instance.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { keepRead, readBefore } from '../../../src/main/studies/readBefore.ts';
import { scanPaths } from '../../../src/main/studies/scan.ts';
import { dicomFile, mrSeries } from '../../helpers/dicomBuilder.ts';
import { folderOf, seriesFiles } from './helpers.ts';

const reads = vi.hoisted(() => ({ count: 0 }));
vi.mock('../../../src/main/studies/dicomFile.ts', async (original) => {
  const module = await original<typeof import('../../../src/main/studies/dicomFile.ts')>();
  const readDicomHeader: typeof module.readDicomHeader = (...all) => {
    reads.count++;
    return module.readDicomHeader(...all);
  };
  return { ...module, readDicomHeader };
});

const images = (count = 1): Instance[] => Array.from({ length: count }, () => ({}) as Instance);
const LATER_MS = 60_000;

/** Keeps what is said to be in a file that has not been touched for a minute. */
async function keepSettled(path: string, read: readonly Instance[]): Promise<void> {
  keepRead(path, await stat(path), read, Date.now() + LATER_MS);
}

describe('readBefore', () => {
  it('knows what was read from a file that is as it was', async () => {
    const folder = await folderOf({ a: 'a' });
    const read = images();
    await keepSettled(join(folder, 'a'), read);
    expect(await readBefore(join(folder, 'a'))).toBe(read);
    expect(await readBefore(join(folder, 'a'))).toBe(read);
    expect(await readBefore(join(folder, 'b'))).toBeUndefined();
  });

  it('knows nothing of a file that was written again, even as long and dated back', async () => {
    const path = join(await folderOf({ a: 'a' }), 'a');
    await keepSettled(path, images());
    const { atime, mtime, ctimeMs } = await stat(path);
    await vi.waitUntil(async () => {
      await writeFile(path, 'b');
      await utimes(path, atime, mtime);
      return (await stat(path)).ctimeMs !== ctimeMs;
    });
    expect(await readBefore(path)).toBeUndefined();
    await keepSettled(path, images());
    await rm(path);
    expect(await readBefore(path)).toBeUndefined();
  });

  it('does not trust a file that was written just before it was read', async () => {
    const path = join(await folderOf({ a: 'a' }), 'a');
    keepRead(path, await stat(path), images());
    expect(await readBefore(path)).toBeUndefined();
  });

  it('forgets what was asked for longest ago when there is much', async () => {
    const folder = await folderOf({ a: 'a', b: 'b', c: 'c' });
    for (const name of ['a', 'b']) await keepSettled(join(folder, name), images(5000));
    expect(await readBefore(join(folder, 'a'))).toHaveLength(5000);
    await keepSettled(join(folder, 'c'), images(5000));
    expect(await readBefore(join(folder, 'b'))).toBeUndefined();
    expect(await readBefore(join(folder, 'a'))).toHaveLength(5000);
    expect(await readBefore(join(folder, 'c'))).toHaveLength(5000);
  });
});

describe('scanPaths, a second time', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('finds the same without reading a header again, and reads what has changed', async () => {
    const folder = await folderOf(seriesFiles('', mrSeries([0, 2, 4])));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + LATER_MS });
    const first = await scanPaths([folder], QUIET_JOB);
    reads.count = 0;
    expect(await scanPaths([folder], QUIET_JOB)).toEqual(first);
    expect(reads.count).toBe(0);
    const [, , moved] = mrSeries([0, 2, 6]);
    await writeFile(join(folder, '3.dcm'), dicomFile(moved!));
    const { studies } = await scanPaths([folder], QUIET_JOB);
    expect(reads.count).toBe(1);
    expect(studies[0]!.series[0]!.geometry?.positionsLps.map(([, , z]) => z)).toEqual([0, 2, 6]);
  });
});
