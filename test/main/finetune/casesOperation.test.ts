import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { type JobContext, QUIET_JOB } from '../../../src/core/job.ts';
import { degradeVolume } from '../../../src/core/volume/degrade.ts';
import { zeroFill } from '../../../src/core/volume/kspace.ts';
import type { Volume } from '../../../src/core/volume/volume.ts';
import { casesOperation } from '../../../src/main/finetune/casesOperation.ts';
import { LOCKED_FILE, readLockedSet } from '../../../src/main/finetune/lockedSet.ts';
import { prepareOperation } from '../../../src/main/training/data/prepareOperation.ts';
import { trainOperation } from '../../../src/main/training/trainOperation.ts';
import { fillVolume } from '../../core/volume/volumes.ts';
import { dataRoot } from '../../helpers/data.ts';
import { head, headGrid, temporaryFolder, writeCase } from '../evaluation/cases.ts';

let cases = '';
/** Four people; eva has two visits. */
const PEOPLE = { adam: 0, 'eva-v1': 1.6, 'eva-v2': 1.7, kain: 3.1, seth: 4.6 } as const;

beforeAll(async () => {
  cases = join(await temporaryFolder(), 'cases');
  for (const [name, texture] of Object.entries(PEOPLE)) {
    await writeCase({ t2: sharp(head(100, texture)), t1: head(3, texture + 0.5) }, join(cases, name));
  }
}, 60_000);

/** With noise that differs from head to head, as a scanner has it. */
function sharp(volume: Volume): Volume {
  return {
    ...volume,
    voxels: volume.voxels.map((value, n) => (value > 0 ? value + 40 * Math.sin(n * n * 0.37) : 0)),
  };
}

async function choose(more: Partial<RequestInput<'finetuneCases'>> = {}, job: JobContext = QUIET_JOB) {
  const request = operations.finetuneCases.request.parse({
    sources: [cases],
    target: 't2',
    reference: 't1',
    registration: 'headers-unchecked',
    ...more,
  });
  return casesOperation(request, job);
}

const sides = (result: Awaited<ReturnType<typeof choose>>) =>
  Object.fromEntries(result.cases.map(({ name, split }) => [name, split]));

describe('tandem data choose', () => {
  it('splits by patient and locks the test side by hashes, which training then refuses', async () => {
    const out = join(await temporaryFolder(), 'locked');
    const result = await choose({ test: ['eva'], validation: ['kain'], out });
    expect(sides(result)).toMatchObject({
      adam: 'train',
      'eva-v1': 'test',
      'eva-v2': 'test',
      kain: 'validation',
    });
    expect(result.leftOut).toEqual([]);
    const path = join(out, LOCKED_FILE);
    const { locked, sha256 } = await readLockedSet(path);
    expect(result.locked).toEqual({ path, sha256, cases: 2 });
    expect(locked.cases.map(({ name }) => name)).toEqual(['eva-v1', 'eva-v2']);

    // Prepared without a thought of the test set, under other names.
    const stolen = join(await temporaryFolder(), 'stolen');
    await cp(join(cases, 'eva-v1'), join(stolen, 'study-77'), { recursive: true });
    await cp(join(cases, 'adam'), join(stolen, 'adam'), { recursive: true });
    const prepare = (locked?: string) =>
      temporaryFolder().then((folder) =>
        prepareOperation(
          operations.dataPrepare.request.parse({
            sources: [stolen],
            target: 't2',
            reference: 't1',
            registration: 'headers-unchecked',
            out: join(folder, 'data'),
            locked,
          }),
          QUIET_JOB,
        ),
      );
    const kept = await prepare(path);
    expect(kept.cases.map(({ name }) => name)).toEqual(['adam']);
    expect(kept.leftOut).toEqual([
      expect.objectContaining({ name: 'study-77', reason: expect.stringContaining('eva-v1') }),
    ]);
    const careless = await prepare();
    const train = trainOperation(
      operations.train.request.parse({
        network: 'srcnn-guided',
        options: { features: [2, 2] },
        scale: 2,
        data: careless.path,
        locked: path,
        steps: 1,
        out: join(await temporaryFolder(), 'model'),
      }),
      QUIET_JOB,
    );
    await expect(train).rejects.toMatchObject({
      code: 'bad-training-data',
      message: expect.stringContaining('study-77 is eva-v1'),
    });
  }, 120_000);

  it('leaves out what cannot be learned from, each with its reason, and refuses where nothing is left', async () => {
    const poisoned = join(await temporaryFolder(), 'poisoned');
    const good = { t2: sharp(head(100)), t1: head(3, 1) };
    const nan = { ...good.t2, voxels: good.t2.voxels.slice() };
    nan.voxels[500] = Number.NaN;
    const constant = fillVolume(headGrid, () => 7);
    const thin = fillVolume({ ...headGrid, size: [2, 45, 50] }, () => 1);
    const low = degradeVolume(good.t2, 0, 2);
    await writeCase({ ...good, t2: nan }, join(poisoned, 'nan'));
    await writeCase({ ...good, t1: constant }, join(poisoned, 'constant'));
    await writeCase({ ...good, t2: filled(low, good.t2) }, join(poisoned, 'interpolated'));
    await writeCase({ t2: good.t2 }, join(poisoned, 'alone'));
    await writeCase(
      { ...good, t2: { ...thin, voxels: thin.voxels.map((_, n) => n % 7) } },
      join(poisoned, 'thin'),
    );
    await expect(choose({ sources: [poisoned] })).rejects.toMatchObject({ code: 'nothing-readable' });

    await writeCase(good, join(poisoned, 'sound'));
    const result = await choose({ sources: [poisoned] });
    expect(result.cases.map(({ name }) => name)).toEqual(['sound']);
    const reason = Object.fromEntries(result.leftOut.map(({ name, reason: why }) => [name, why]));
    expect(reason).toEqual({
      alone: expect.stringContaining('t1'),
      constant: expect.stringContaining('constant'),
      interpolated: expect.stringContaining('interpolated'),
      nan: expect.stringContaining('not finite'),
      thin: expect.stringContaining('2 slices'),
    });
  }, 120_000);

  it('keeps a person of two identities on one side, and names both', async () => {
    const doubled = join(await temporaryFolder(), 'doubled');
    await cp(cases, doubled, { recursive: true });
    // The same voxels in files of other headers: another study of the same person.
    const copy = await readFile(join(cases, 'seth', 't2.nii'));
    copy.writeFloatLE(copy.readFloatLE(268) + 12, 268);
    await writeCase({ t1: head(3, 0.2) }, join(doubled, 'noah'));
    await writeFile(join(doubled, 'noah', 't2.nii'), copy);

    const result = await choose({ sources: [doubled], test: ['seth'] });
    expect(sides(result)).toMatchObject({ seth: 'test', noah: 'test', adam: 'train' });
    const named = result.samePeople.find(({ patients }) => patients.includes('noah'));
    expect(named).toMatchObject({
      how: 'same-voxels',
      words: expect.stringMatching(/noah.*seth|seth.*noah/),
    });
    const torn = choose({ sources: [doubled], test: ['seth'], validation: ['noah'] });
    await expect(torn).rejects.toMatchObject({
      code: 'bad-training-data',
      message: expect.stringMatching(/noah.*seth|seth.*noah/),
    });
  }, 120_000);

  it('writes nothing where there is nothing to lock, or where it is cancelled', async () => {
    const out = join(await temporaryFolder(), 'locked');
    await expect(choose({ out })).rejects.toMatchObject({ code: 'usage' });
    const stop = new AbortController();
    const job: JobContext = {
      signal: stop.signal,
      progress: ({ stage }) => {
        if (stage === 'comparing') stop.abort();
      },
    };
    await expect(choose({ test: ['adam'], out }, job)).rejects.toMatchObject({ code: 'cancelled' });
    await expect(readdir(out)).rejects.toMatchObject({ code: 'ENOENT' });
  }, 60_000);

  it.skipIf(dataRoot() === undefined)(
    'tells a head on another day from another head, and a wrong pair',
    async () => {
      const pairs = join(dataRoot()!, 'pairs');
      const shuffled = join(await temporaryFolder(), 'shuffled');
      for (const [name, from] of [
        ['study-a', 'ms-long-01-v1'],
        ['study-b', 'ms-long-01-v2'],
        ['study-c', 'ms-long-12-v1'],
      ] as const) {
        await cp(join(pairs, from), join(shuffled, name), { recursive: true });
      }
      const result = await choose({ sources: [shuffled], test: ['study-b'] });
      expect(sides(result)).toEqual({ 'study-a': 'test', 'study-b': 'test', 'study-c': 'train' });
      expect(result.samePeople).toEqual([expect.objectContaining({ how: 'same-head' })]);

      const wrong = join(await temporaryFolder(), 'wrong');
      await cp(join(pairs, 'ms-long-01-v1', 't2.nii.gz'), join(wrong, 'mixed', 't2.nii.gz'), {
        recursive: true,
      });
      await cp(join(pairs, 'ms-long-12-v1', 't1.nii.gz'), join(wrong, 'mixed', 't1.nii.gz'), {
        recursive: true,
      });
      const mixed = choose({ sources: [wrong], registration: 'headers' });
      await expect(mixed).rejects.toMatchObject({ code: 'nothing-readable' });
    },
    240_000,
  );
});

/** The slices across i zero-filled to those of another volume. */
function filled(low: Volume, full: Volume): Volume {
  const [nx, ny, nz] = full.grid.size;
  const [, ly, lz] = low.grid.size;
  const voxels = new Float32Array(nx * ny * nz);
  for (let i = 0; i < nx; i++) {
    const slice = Float32Array.from({ length: ly * lz }, (_, at) => low.voxels[i + nx * at]!);
    for (const [at, value] of zeroFill(slice, lz, ly, nz, ny).entries())
      voxels[i + nx * at] = Math.abs(value);
  }
  return { grid: full.grid, voxels };
}
