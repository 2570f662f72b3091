import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type OperationName,
  operations,
  type RequestInput,
  type Result,
} from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import type { HostOperation } from '../../../src/main/desk/deskOperations.ts';
import { recallOfStudy, rememberOfStudy } from '../../../src/main/desk/studyMemory.ts';
import { handlers } from '../../../src/main/host/handlers.ts';
import { addJob, endJob, startNext } from '../../../src/main/jobs/jobRows.ts';
import { enhancementsOf } from '../../../src/main/library/enhancementRows.ts';
import { library } from '../../../src/main/library/library.ts';
import { isResultStored, resultFolder } from '../../../src/main/library/results.ts';
import { enhancedStore } from '../../../src/main/superres/store.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';
import { zipOf } from '../../helpers/zipBuilder.ts';

let shared: string;
let root: string;
let disk: string;
let homeBefore: string | undefined;

/** As a window or the command line asks. */
async function ask<N extends HostOperation>(name: N, request: RequestInput<N>): Promise<Result<N>> {
  const handler = (await handlers[name]()) as (asked: unknown, job: typeof QUIET_JOB) => Promise<Result<N>>;
  return handler(operations[name as OperationName].request.parse(request), QUIET_JOB);
}

beforeAll(async () => {
  homeBefore = process.env.TANDEM_HOME;
  shared = await mkdtemp(join(tmpdir(), 'tandem-libops-'));
  await ask('phantom', {
    out: join(shared, 'dicom'),
    matrix: 32,
    slices: 3,
    sliceThicknessMm: 30,
    contrasts: ['t2', 't1'],
  });
  await ask('phantom', {
    out: join(shared, 'nifti'),
    matrix: 32,
    slices: 3,
    sliceThicknessMm: 30,
    format: 'nifti',
  });
  await mkdir(join(shared, 'model'));
  await writeTestPackage(join(shared, 'model'), 'tiny', testModel('srcnn', 2));
}, 120_000);

afterAll(async () => {
  await rm(shared, { recursive: true, force: true });
});

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-libops-'));
  process.env.TANDEM_HOME = join(root, 'home');
  disk = join(root, 'disk');
  await cp(shared, disk, { recursive: true });
});

afterEach(async () => {
  library().close();
  enhancedStore.clear();
  if (homeBefore === undefined) delete process.env.TANDEM_HOME;
  else process.env.TANDEM_HOME = homeBefore;
  delete process.env.TANDEM_RESULTS_GB;
  await rm(root, { recursive: true, force: true });
});

const PROBE: NonNullable<Result<'recallOfStudy'>['measurements']>[number] = {
  ...{ id: 'm1', name: 'Value 1', kind: 'probe' },
  plane: { right: [1, 0, 0], down: [0, 1, 0], normal: [0, 0, 1] },
  pointsLps: [[1, 2, 3]],
};

const added = async (...paths: string[]) => (await ask('libraryAdd', { paths })).studies;
const search = (request: RequestInput<'librarySearch'> = {}) => ask('librarySearch', request);

async function enhance(keepAs: string, path = join(disk, 'dicom')): Promise<void> {
  const target = path.endsWith('nifti')
    ? { paths: [], series: join(path, (await readdir(path)).find((name) => /t2.*\.nii/.test(name)) ?? '') }
    : { paths: [path], series: '1' };
  await ask('enhance', { target, scale: 2, model: join(disk, 'model'), device: 'cpu', keepAs });
}

const ids = [
  '11111111-1111-4111-8111-111111111111',
  '22222222-2222-4222-8222-222222222222',
  '33333333-3333-4333-8333-333333333333',
];

describe('the library of studies', () => {
  it('keeps what was listed: patient, series, where they are; twice is once', async () => {
    const [study] = await added(join(disk, 'dicom'));
    expect(study).toMatchObject({ isCopy: false, missingPaths: [], enhancements: [] });
    expect(study!.series.map(({ contrast, missing }) => [contrast, missing])).toEqual([
      ['t2', false],
      ['t1', false],
    ]);
    const again = await added(join(disk, 'dicom'));
    expect(again[0]!.openedAtMs).toBeGreaterThanOrEqual(study!.openedAtMs);
    expect(again[0]!.addedAtMs).toBe(study!.addedAtMs);
    expect((await search()).total).toBe(1);
    // What it says leads to the same study again.
    const listed = await ask('list', { paths: study!.paths });
    expect(listed.studies.map(({ uid }) => uid)).toEqual([study!.uid]);
    expect((await ask('libraryStudy', { uid: study!.uid.slice(0, 20) })).study.uid).toBe(study!.uid);
    await expect(ask('libraryStudy', { uid: 'nothing' })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('finds studies by any words, dates and order, page by page', async () => {
    await added(join(disk, 'dicom'), join(disk, 'nifti'));
    library().change((database) => {
      const insert = database.prepare('INSERT INTO studies VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)');
      insert.run('s1', 'Knee', '20240131', 'MÜLLER^ANNA', 'p7', 'muller anna p7 knee 20240131 mr pd', 1, 10);
      insert.run(
        's2',
        'Head 100% sure',
        '20250601',
        'Doe^John',
        'p8',
        'doe john p8 head 100% sure mr t2',
        2,
        5,
      );
    });
    const uids = async (request: RequestInput<'librarySearch'>) =>
      (await search(request)).studies.map(({ uid }) => uid);
    expect(await uids({ text: 'Müller ANNA' })).toEqual(['s1']);
    expect(await uids({ text: 'anna^muller' })).toEqual(['s1']);
    expect(await uids({ text: 'anna head' })).toEqual([]);
    expect(await uids({ text: '100%' })).toEqual(['s2']);
    expect(await uids({ text: '%' })).toEqual(['s2']);
    expect(await uids({ from: '20240201' })).toContain('s2');
    expect(await uids({ from: '20240131', to: '20240131' })).toEqual(['s1']);
    expect(await uids({ text: 'mr', to: '20250601', sort: 'date' })).toEqual(['s2', 's1']);
    const all = await search({ sort: 'patient' });
    expect(all.total).toBe(4);
    const pages = [
      await uids({ sort: 'patient', limit: 3 }),
      await uids({ sort: 'patient', limit: 3, offset: 3 }),
    ];
    expect(pages.flat()).toEqual(all.studies.map(({ uid }) => uid));
    expect((await search({ text: 't1' })).studies.length).toBeGreaterThan(0);
    expect(await search({ text: 'knee' })).toMatchObject({ total: 1, all: 4 });
  });

  it('shows an unplugged folder as missing, never forgets it, and it is back when it is plugged in again', async () => {
    const [study] = await added(join(disk, 'dicom'));
    await rename(disk, join(root, 'unplugged'));
    const [gone] = (await search()).studies;
    expect(gone!.missingPaths.length).toBeGreaterThan(0);
    expect(gone!.series.every(({ missing }) => missing)).toBe(true);
    expect(gone!.uid).toBe(study!.uid);
    await rename(join(root, 'unplugged'), disk);
    expect((await search()).studies[0]!.missingPaths).toEqual([]);
    // A folder that is there and was emptied is no better.
    const series = join(disk, 'dicom/series-1-t2');
    for (const name of await readdir(series)) await rm(join(series, name));
    const [emptied] = (await search()).studies;
    expect(emptied!.series.map(({ missing }) => missing)).toEqual([true, false]);
  });

  it('finds moved folders again by the UIDs in the files, with all that was made of them', async () => {
    const [study] = await added(join(disk, 'dicom'));
    await enhance(ids[0]!);
    const before = await ask('volume', { kind: 'zero-filled', id: ids[0]! });
    const moved = join(root, 'elsewhere/deep');
    await mkdir(join(root, 'elsewhere'));
    await rename(join(disk, 'dicom'), moved);
    enhancedStore.clear();
    await expect(ask('volume', { kind: 'zero-filled', id: ids[0]! })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(ask('libraryRelocate', { path: join(disk, 'nifti') })).rejects.toMatchObject({
      code: 'not-found',
    });
    const { found, studies } = await ask('libraryRelocate', { path: join(root, 'elsewhere') });
    expect(found).toBe(2);
    expect(studies[0]).toMatchObject({ uid: study!.uid, missingPaths: [], openedAtMs: study!.openedAtMs });
    expect(studies[0]!.paths.every((path) => path.startsWith(moved))).toBe(true);
    // A stored result finds its sources where they are now.
    expect(await ask('volume', { kind: 'zero-filled', id: ids[0]! })).toEqual(before);
  });

  it('finds moved NIfTI files by name, matrix and spacing', async () => {
    const [study] = await added(join(disk, 'nifti'));
    await enhance(ids[0]!, join(disk, 'nifti'));
    rememberOfStudy(library(), { studyUid: study!.uid, key: 'measurements', value: [PROBE] });
    await rename(join(disk, 'nifti'), join(root, 'moved'));
    enhancedStore.clear();
    const { found, studies } = await ask('libraryRelocate', { path: join(root, 'moved') });
    expect(found).toBe(study!.series.length);
    expect(studies[0]!.uid).not.toBe(study!.uid);
    expect(recallOfStudy(library(), { studyUid: studies[0]!.uid }).measurements).toEqual([PROBE]);
    expect(studies[0]!.enhancements.map(({ id }) => id)).toEqual([ids[0]]);
    expect((await search()).studies.map(({ uid, missingPaths }) => [uid, missingPaths])).toEqual([
      [studies[0]!.uid, []],
    ]);
    expect((await ask('volume', { kind: 'zero-filled', id: ids[0]! })).size).toEqual([64, 64, 3]);
  });

  it('remembers an archive by its own path, and makes thumbnails from it', async () => {
    const files = new Map<string, Uint8Array>();
    const series = join(disk, 'dicom/series-1-t2');
    for (const name of await readdir(series)) files.set(name, await readFile(join(series, name)));
    const archive = join(root, 'study.zip');
    await writeFile(archive, zipOf([...files].map(([name, bytes]) => ({ name, bytes }))));
    const [study] = await added(archive);
    expect(study!.paths).toEqual([archive]);
    const thumbnail = await ask('libraryThumbnail', {
      studyUid: study!.uid,
      seriesUid: study!.series[0]!.uid,
    });
    expect(thumbnail.size).toEqual([96, 96]);
    await rm(archive);
    expect((await search()).studies[0]!.missingPaths).toEqual([archive]);
  });

  it('makes a thumbnail once and has it without the files', async () => {
    const [study] = await added(join(disk, 'dicom'));
    const request = { studyUid: study!.uid, seriesUid: study!.series[0]!.uid };
    const { size, voxels } = await ask('libraryThumbnail', request);
    expect(size).toEqual([96, 96]);
    expect(voxels).toHaveLength(96 * 96);
    expect(new Set(voxels).size).toBeGreaterThan(20);
    await rename(disk, join(root, 'unplugged'));
    expect((await ask('libraryThumbnail', request)).voxels).toEqual(voxels);
    const other = { ...request, seriesUid: study!.series[1]!.uid };
    await expect(ask('libraryThumbnail', other)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('makes a thumbnail of a series that it has not from what was opened, and keeps nothing of it', async () => {
    const path = join(disk, 'dicom');
    const [study] = (await ask('list', { paths: [path] })).studies;
    const request = { studyUid: study!.uid, seriesUid: study!.series[0]!.uid };
    await expect(ask('libraryThumbnail', request)).rejects.toMatchObject({ code: 'not-found' });
    const { voxels } = await ask('libraryThumbnail', { ...request, paths: [path] });
    await expect(ask('libraryThumbnail', request)).rejects.toMatchObject({ code: 'not-found' });
    await added(path);
    expect((await ask('libraryThumbnail', request)).voxels).toEqual(voxels);
  });

  it('copies only on request, and then needs the originals no more', async () => {
    await added(join(disk, 'dicom'));
    expect(await readdir(join(root, 'home'))).not.toContain('copies');
    const { studies } = await ask('libraryAdd', { paths: [join(disk, 'dicom')], copy: true });
    await rm(join(disk, 'dicom'), { recursive: true });
    const [study] = (await search()).studies;
    expect(study).toMatchObject({ uid: studies[0]!.uid, isCopy: true, missingPaths: [] });
    const listed = await ask('list', { paths: study!.paths });
    expect(listed.studies[0]!.series.map(({ size }) => size)).toEqual(study!.series.map(({ size }) => size));
    await ask('libraryAdd', { paths: study!.paths, copy: true });
    expect(await readdir(join(root, 'home/copies'))).toHaveLength(1);
    const { copiesRemoved } = await ask('libraryForget', { uid: study!.uid });
    expect(copiesRemoved).toBe(true);
    expect(await readdir(join(root, 'home/copies'))).toEqual([]);
  });

  it('forgets a study with everything of it that is kept here, and touches none of its files', async () => {
    const [study] = await added(join(disk, 'dicom'));
    const [other] = await added(join(disk, 'nifti'));
    await enhance(ids[0]!);
    await ask('libraryThumbnail', { studyUid: study!.uid, seriesUid: study!.series[0]!.uid });
    const order = {
      kind: 'enhance' as const,
      request: operations.enhance.request.parse({ target: { paths: [], series: 't' }, scale: 2, model: 'm' }),
    };
    const subject = {
      studyUid: study!.uid,
      study: 'S',
      targetUid: 't',
      target: 'T',
      referenceUid: null,
      reference: null,
    };
    library().change((database) => {
      addJob(database, { id: 'j', resultId: 'r', order, subject, atMs: 1 });
      startNext(database, 'enhance', 2);
    });
    await expect(ask('libraryForget', { uid: study!.uid })).rejects.toMatchObject({ code: 'usage' });
    library().change((database) => endJob(database, 'j', { state: 'failed', atMs: 3 }));
    rememberOfStudy(library(), { studyUid: study!.uid, key: 'measurements', value: [PROBE] });
    rememberOfStudy(library(), { studyUid: other!.uid, key: 'measurements', value: [PROBE] });
    const before = await readdir(disk, { recursive: true });
    const { studies } = await search({ text: study!.patientId });
    expect(studies.length).toBeGreaterThan(0);
    expect(await ask('libraryForget', { uid: study!.uid })).toMatchObject({ resultsRemoved: 1 });
    expect(isResultStored(ids[0]!)).toBe(false);
    expect(await readdir(disk, { recursive: true })).toEqual(before);
    expect((await search()).studies.map(({ uid }) => uid)).toEqual([other!.uid]);
    expect(recallOfStudy(library(), { studyUid: study!.uid }).measurements).toBeNull();
    expect(recallOfStudy(library(), { studyUid: other!.uid }).measurements).toEqual([PROBE]);
    const left = library().use((database) =>
      database
        .prepare(
          'SELECT (SELECT COUNT(*) FROM jobs) + (SELECT COUNT(*) FROM thumbnails) + (SELECT COUNT(*) FROM enhancements) AS n',
        )
        .get(),
    );
    expect(left).toEqual({ n: 0 });
    // Nothing of the patient is left in the file either.
    library().close();
    const bytes = Buffer.concat(
      await Promise.all(
        (await readdir(join(root, 'home')))
          .filter((name) => name.startsWith('library.db'))
          .map((name) => readFile(join(root, 'home', name))),
      ),
    );
    expect(study!.uid.length).toBeGreaterThan(10);
    expect(bytes.includes(study!.uid)).toBe(false);
  });
});

describe('the history of enhancements', () => {
  it('says what was made with which model and when, and where it was exported', async () => {
    const [study] = await added(join(disk, 'dicom'));
    const before = Date.now();
    await enhance(ids[0]!);
    const out = join(root, 'exported');
    await ask('export', { id: ids[0]!, out, format: 'nifti' });
    const { enhancements } = (await ask('libraryStudy', { uid: study!.uid })).study;
    expect(enhancements).toHaveLength(1);
    expect(enhancements[0]).toMatchObject({
      id: ids[0],
      targetUid: study!.series[0]!.uid,
      model: 'tiny',
      scale: 2,
      device: 'cpu',
      verdict: 'none',
      stored: true,
      bytes: 64 * 64 * 3 * 4,
      removed: null,
      exports: [{ folder: out, format: 'nifti' }],
    });
    expect(enhancements[0]!.madeAtMs).toBeGreaterThanOrEqual(before);
    const { result } = await ask('libraryEnhancement', { id: ids[0]! });
    expect(result).toMatchObject({ id: ids[0], output: { size: [64, 64, 3] } });
    await expect(ask('libraryEnhancement', { id: 'none' })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('knows of what was written without being kept, of studies that it has and of no others', async () => {
    const request = {
      ...{ target: { paths: [join(disk, 'dicom')], series: '1' }, scale: 2 as const },
      ...{ model: join(disk, 'model'), device: 'cpu' as const, format: 'nifti' as const },
    };
    await ask('enhance', { ...request, out: join(root, 'before') });
    // The audit log and the states of models lie there now; of studies it knows none.
    expect((await search()).studies).toEqual([]);
    const [study] = await added(join(disk, 'dicom'));
    expect(study!.enhancements).toEqual([]);
    const out = join(root, 'after');
    await ask('enhance', { ...request, out });
    const { enhancements } = (await ask('libraryStudy', { uid: study!.uid })).study;
    expect(enhancements).toMatchObject([
      { model: 'tiny', stored: false, removed: null, exports: [{ folder: out, format: 'nifti' }] },
    ]);
    expect((await search()).storage.usedBytes).toBe(0);
  });

  it('removes voxels on request and to keep the limit, the longest unopened first, and says so', async () => {
    const [study] = await added(join(disk, 'dicom'));
    // Two results fit, three do not.
    process.env.TANDEM_RESULTS_GB = String((2.5 * 64 * 64 * 3 * 4) / 1e9);
    await enhance(ids[0]!);
    await enhance(ids[1]!);
    enhancedStore.clear();
    await ask('volume', { kind: 'enhanced', id: ids[0]! });
    await enhance(ids[2]!);
    expect(ids.map(isResultStored)).toEqual([true, false, true]);
    const history = library().use((database) => enhancementsOf(database, study!.uid, isResultStored));
    expect(new Map(history.map(({ id, removed }) => [id, removed]))).toEqual(
      new Map([
        [ids[0], null],
        [ids[1], 'for-room'],
        [ids[2], null],
      ]),
    );
    expect((await search()).storage.usedBytes).toBe(2 * 64 * 64 * 3 * 4);
    enhancedStore.clear();
    await expect(ask('volume', { kind: 'enhanced', id: ids[1]! })).rejects.toMatchObject({
      code: 'series-not-found',
    });
    expect(await ask('libraryRemoveResults', { ids: [ids[0]!] })).toEqual({
      removed: 1,
      freedBytes: 64 * 64 * 3 * 4,
    });
    await expect(ask('libraryRemoveResults', { ids: [ids[0]!, '../../disk'] })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('takes up stored results again where the library was lost, and sweeps what was noted as removed', async () => {
    const [study] = await added(join(disk, 'dicom'));
    await enhance(ids[0]!);
    await enhance(ids[1]!);
    library().close();
    await writeFile(join(root, 'home/library.db'), 'damaged '.repeat(1000));
    for (const end of ['-wal', '-shm']) await rm(join(root, `home/library.db${end}`), { force: true });
    process.env.TANDEM_HOME = join(root, 'other');
    library();
    process.env.TANDEM_HOME = join(root, 'home');
    const { setAside, all } = await search();
    expect(setAside?.path).toContain('damaged');
    expect(all).toBe(0);
    const [again] = await added(join(disk, 'dicom'));
    expect(again!.enhancements.map(({ id }) => id).sort()).toEqual([ids[0], ids[1]]);
    expect(again!.uid).toBe(study!.uid);
    await ask('libraryAcknowledge', {});
    expect((await search()).setAside).toBeNull();
    expect(await readdir(resultFolder(ids[0]!))).toHaveLength(2);
  });
});
