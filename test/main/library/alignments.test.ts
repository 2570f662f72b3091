import { appendFile, cp, mkdtemp, readdir, rename, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KeptAlignment } from '../../../src/core/contract/keptAlignments.ts';
import {
  type OperationName,
  operations,
  type RequestInput,
  type Result,
} from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import type { HostOperation } from '../../../src/main/desk/deskOperations.ts';
import { keepPosition } from '../../../src/main/desk/remembering.ts';
import { handlers } from '../../../src/main/host/handlers.ts';
import { library } from '../../../src/main/library/library.ts';
import { change, rows } from '../../../src/main/library/sqlite.ts';

let shared: string;
let root: string;
let disk: string;
let homeBefore: string | undefined;

async function ask<N extends HostOperation>(name: N, request: RequestInput<N>): Promise<Result<N>> {
  const handler = (await handlers[name]()) as (asked: unknown, job: typeof QUIET_JOB) => Promise<Result<N>>;
  return handler(operations[name as OperationName].request.parse(request), QUIET_JOB);
}

beforeAll(async () => {
  homeBefore = process.env.TANDEM_HOME;
  shared = await mkdtemp(join(tmpdir(), 'tandem-aligned-'));
  for (const format of ['dicom', 'nifti'] as const) {
    await ask('phantom', {
      ...{ out: join(shared, format), matrix: 32, slices: 3, sliceThicknessMm: 30, format },
      contrasts: ['t2', 't1'],
    });
  }
}, 120_000);

afterAll(() => rm(shared, { recursive: true, force: true }));

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-aligned-'));
  process.env.TANDEM_HOME = join(root, 'home');
  disk = join(root, 'disk');
  await cp(shared, disk, { recursive: true, preserveTimestamps: true });
});

afterEach(async () => {
  library().close();
  if (homeBefore === undefined) delete process.env.TANDEM_HOME;
  else process.env.TANDEM_HOME = homeBefore;
  await rm(root, { recursive: true, force: true });
});

const BY_HAND: KeptAlignment = {
  motion: { rotationDeg: [1, -2, 3.5], translationMm: [0.1, 20, -7] },
  by: 'hand',
  verdict: null,
  accepted: true,
  withoutReference: false,
};

async function pairIn(path: string) {
  const { studies } = await ask('libraryAdd', { paths: [path] });
  const [study] = studies;
  const uid = (contrast: string): string => study!.series.find((one) => one.contrast === contrast)!.uid;
  const pair = { studyUid: study!.uid, targetUid: uid('t2'), referenceUid: uid('t1') };
  const recall = () =>
    ask('alignmentRecall', {
      studyUid: pair.studyUid,
      target: { paths: [path], series: pair.targetUid },
      reference: { paths: [path], series: pair.referenceUid },
    });
  const keep = async (alignment: KeptAlignment | null) =>
    keepPosition(library(), { ...pair, files: (await recall()).files, alignment });
  return { pair, recall, keep };
}

const kept = () => library().use((database) => rows(database, 'SELECT target_uid FROM alignments'));

describe('where the user left the reference', () => {
  it('is kept of a pair with the study, number for number, and goes with it', async () => {
    const { pair, recall, keep } = await pairIn(join(disk, 'dicom'));
    expect(await recall()).toMatchObject({ kept: null, dropped: false });
    await keep({ ...BY_HAND, accepted: false });
    await keep(BY_HAND);
    library().close();
    expect(await recall()).toMatchObject({ kept: BY_HAND, dropped: false });
    // The other way round is another pair.
    const turned = await ask('alignmentRecall', {
      studyUid: pair.studyUid,
      target: { paths: [join(disk, 'dicom')], series: pair.referenceUid },
      reference: { paths: [join(disk, 'dicom')], series: pair.targetUid },
    });
    expect(turned.kept).toBeNull();
    // Opened again: the study is the same one.
    await pairIn(join(disk, 'dicom'));
    expect((await recall()).kept).toEqual(BY_HAND);
    await keep(null);
    expect(await recall()).toMatchObject({ kept: null, dropped: false });
    await keep(BY_HAND);
    await ask('libraryForget', { uid: pair.studyUid });
    expect(kept()).toEqual([]);
  });

  it('is not kept of a study that the library has not', async () => {
    const { keep, pair } = await pairIn(join(disk, 'dicom'));
    await ask('libraryForget', { uid: pair.studyUid });
    await keep(BY_HAND);
    expect(kept()).toEqual([]);
  });

  it('outlives a folder that is moved, of NIfTI too, whose UIDs follow from their place', async () => {
    for (const format of ['dicom', 'nifti']) {
      const before = await pairIn(join(disk, format));
      await before.keep(BY_HAND);
      const to = join(root, `moved-${format}`);
      await rename(join(disk, format), to);
      await ask('libraryRelocate', { path: to, uid: before.pair.studyUid });
      const after = await pairIn(to);
      expect(await after.recall()).toMatchObject({ kept: BY_HAND, dropped: false });
    }
  });

  it.each([
    ['longer', (file: string) => appendFile(file, new Uint8Array(2))],
    ['written anew', (file: string) => utimes(file, 1, 1)],
    ['gone', (file: string) => rm(file)],
  ])('is dropped, and said to be, where a file is %s', async (_, spoil) => {
    const folder = join(disk, 'dicom');
    const { recall, keep } = await pairIn(folder);
    await keep(BY_HAND);
    const found = await readdir(folder, { recursive: true, withFileTypes: true });
    const file = found.find((one) => one.isFile() && one.name.endsWith('.dcm'))!;
    await spoil(join(file.parentPath, file.name));
    // As at the next opening: what was found a moment ago is read anew.
    await ask('list', { paths: [folder] });
    expect(await recall()).toMatchObject({ kept: null, dropped: true });
    expect(await recall()).toMatchObject({ kept: null, dropped: false });
  });

  it('that another version wrote in its own way is forgotten without a word on files', async () => {
    const { recall, keep } = await pairIn(join(disk, 'dicom'));
    await keep(BY_HAND);
    library().change((database) => change(database, `UPDATE alignments SET alignment = '{"turns":3}'`));
    expect(await recall()).toMatchObject({ kept: null, dropped: false });
  });
});
