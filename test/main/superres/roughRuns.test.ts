import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { operations } from '../../../src/core/contract/operations.ts';
import { type JobContext, type Progress, QUIET_JOB } from '../../../src/core/job.ts';
import { storedEnhancements } from '../../../src/main/library/enhancementRows.ts';
import { library } from '../../../src/main/library/library.ts';
import { isResultStored, resultsFolder } from '../../../src/main/library/results.ts';
import { phantomOperation } from '../../../src/main/phantom/phantomOperation.ts';
import { enhanceOperation } from '../../../src/main/superres/enhanceOperation.ts';
import { enhancedStore } from '../../../src/main/superres/store.ts';
import { volumeOperation } from '../../../src/main/superres/volumeOperation.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';

/** What users and disks do in the middle of an enhancement. */

const ID = '8c9a2e0e-5b1f-4f7e-9a51-0d2c1a3b4c5d';
const SLICES = 6;
let root: string;
let disk: string;
let homeBefore: string | undefined;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-rough-'));
  homeBefore = process.env.TANDEM_HOME;
  await mkdir(join(root, 'model'));
  await writeTestPackage(join(root, 'model'), 'guided', testModel('srcnn-guided', 2, { correction: true }));
  disk = join(root, 'disk');
  const request = { out: disk, matrix: 32, slices: SLICES, sliceThicknessMm: 20 };
  await phantomOperation(operations.phantom.request.parse(request), QUIET_JOB);
}, 120_000);

afterAll(() => rm(root, { recursive: true, force: true }));

beforeEach(() => {
  process.env.TANDEM_HOME = join(root, 'home');
});
afterEach(async () => {
  library().close();
  enhancedStore.clear();
  if (homeBefore === undefined) delete process.env.TANDEM_HOME;
  else process.env.TANDEM_HOME = homeBefore;
  await rm(join(root, 'home'), { recursive: true, force: true });
});

function enhance(job: Partial<JobContext> = {}) {
  const request = operations.enhance.request.parse({
    target: { paths: [disk], series: '1' },
    reference: { paths: [disk], series: '2' },
    ...{ scale: 2, model: join(root, 'model'), device: 'cpu', registration: 'none', keepAs: ID },
  });
  return enhanceOperation(request, { ...QUIET_JOB, ...job });
}

const stored = async (): Promise<readonly string[]> => readdir(resultsFolder()).catch(() => []);

/** Aborts when a file or folder of an unfinished result is on the disk, which lasts some turns of the loop. */
function abortInTheWrite(controller: AbortController): () => void {
  let isOver = false;
  const look = (): void => {
    if (isOver) return;
    let names: readonly string[] = [];
    try {
      names = readdirSync(resultsFolder());
    } catch {
      // Not there yet.
    }
    if (names.length > 0) controller.abort();
    else setImmediate(look);
  };
  look();
  return () => {
    isOver = true;
  };
}

describe('an enhancement that is cancelled', () => {
  const at = (stage: string, done: number) => (progress: Progress) =>
    progress.stage === stage && progress.done >= done;

  it.each([
    ['before it begins', undefined],
    ['before the first slice', at('enhancing', 0)],
    ['after the first slice', at('enhancing', 1)],
    ['in the middle', at('enhancing', SLICES / 2)],
    ['after the last slice', at('enhancing', SLICES)],
  ])('%s leaves nothing: no file, no line in the history, no image in memory', async (_, isNow) => {
    const controller = new AbortController();
    if (isNow === undefined) controller.abort();
    const run = enhance({
      signal: controller.signal,
      progress: (progress) => {
        if (isNow?.(progress)) controller.abort();
      },
    });
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect(await stored()).toEqual([]);
    expect(library().use(storedEnhancements)).toEqual([]);
    expect(enhancedStore.find(ID) === undefined).toBe(true);
    // And the same can be asked again.
    expect((await enhance()).id).toBe(ID);
    expect(isResultStored(ID)).toBe(true);
  });

  it('while it is written leaves nothing either', async () => {
    const controller = new AbortController();
    const stop = abortInTheWrite(controller);
    try {
      await expect(enhance({ signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' });
    } finally {
      stop();
    }
    expect(await stored()).toEqual([]);
    expect(library().use(storedEnhancements)).toEqual([]);
    expect(enhancedStore.find(ID) === undefined).toBe(true);
  });
});

describe('a folder that is unplugged', () => {
  const away = (): Promise<void> => rename(disk, join(root, 'away'));
  const back = (): Promise<void> => rename(join(root, 'away'), disk);

  it('before its turn comes is named, and the job can be tried again when it is back', async () => {
    await away();
    try {
      await expect(enhance()).rejects.toMatchObject({
        code: 'not-found',
        path: expect.stringContaining(disk),
        message: expect.stringMatching(/\w/),
      });
    } finally {
      await back();
    }
    expect((await enhance()).id).toBe(ID);
  });

  it('while slices are computed costs nothing: all was read, the result is whole and stored', async () => {
    const whole = await enhance();
    const { voxels } = await volumeOperation({ kind: 'enhanced', id: ID }, QUIET_JOB);
    await rm(join(root, 'home'), { recursive: true });
    library().close();
    enhancedStore.clear();
    let leaving: Promise<void> | undefined;
    const made = await enhance({
      progress: ({ stage, done }) => {
        if (stage === 'enhancing' && done >= 1) leaving ??= away();
      },
    });
    expect(leaving).toBeDefined();
    await leaving;
    try {
      expect(made.warnings).toEqual(whole.warnings);
      expect(isResultStored(ID)).toBe(true);
      enhancedStore.clear();
      const again = await volumeOperation({ kind: 'enhanced', id: ID }, QUIET_JOB);
      expect(Buffer.from(again.voxels).equals(Buffer.from(voxels))).toBe(true);
      // What needs the source says which folder is missing.
      await expect(volumeOperation({ kind: 'zero-filled', id: ID }, QUIET_JOB)).rejects.toMatchObject({
        code: 'not-found',
        path: expect.stringContaining(disk),
      });
    } finally {
      await back();
    }
  });
});
