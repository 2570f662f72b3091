import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FinetuneResult } from '../../../src/core/contract/finetune.ts';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { TAG } from '../../../src/core/dicom/tags.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { casesOperation } from '../../../src/main/finetune/casesOperation.ts';
import { finetuneOperation } from '../../../src/main/finetune/finetuneOperation.ts';
import { finetunePlanOperation } from '../../../src/main/finetune/plan/planOperation.ts';
import { libraryAddOperation } from '../../../src/main/library/operations/add.ts';
import { librarySearchOperation } from '../../../src/main/library/operations/search.ts';
import { cs } from '../../helpers/dicomBuilder.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';
import { temporaryFolder } from '../evaluation/cases.ts';
import { type DicomStudy, studyUidOf, writeDicomStudy } from './dicomPeople.ts';
import { person } from './people.ts';

/** Seven patients as a scanner exports them, a folder each, named as folders of hospitals are. */
let scans = '';
let base = '';
const COUNT = 7;
const folderOf = (n: number) => join(scans, `DOE^JANE_${n}`);
const SECRETS = /DOE|JANE|HOSPITAL|1\.2\.826\.0\.1\.77/;

beforeAll(async () => {
  const folder = await temporaryFolder();
  [scans, base] = [join(folder, 'scans'), join(folder, 'base')];
  for (let n = 1; n <= COUNT; n++) {
    await writeDicomStudy(folderOf(n), { seed: n, patientId: `HOSPITAL-${n}` });
  }
  await writeTestPackage(base, 'base-x2', testModel('srcnn-guided', 2, { correction: true }));
}, 60_000);

const asked = (more: Partial<RequestInput<'finetune'>>) => ({
  ...{ base, cases: [scans], registration: 'headers-unchecked' as const, steps: 5, patch: 32 },
  ...{ learningRate: 0.004, ...more },
});

async function tune(more: Partial<RequestInput<'finetune'>> = {}): Promise<FinetuneResult> {
  const out = join(await temporaryFolder(), 'tuned');
  return finetuneOperation(operations.finetune.request.parse({ ...asked(more), out }), QUIET_JOB);
}

async function choose(sources: readonly string[], more: Partial<RequestInput<'finetuneCases'>> = {}) {
  const request = { sources: [...sources], target: 't2', reference: 't1', ...more };
  return casesOperation(
    operations.finetuneCases.request.parse({ registration: 'headers-unchecked', ...request }),
    QUIET_JOB,
  );
}

/** Studies of their own, in folders of their own. */
async function studies(...some: readonly DicomStudy[]): Promise<string> {
  const root = await temporaryFolder();
  for (const [n, one] of some.entries()) await writeDicomStudy(join(root, `f${n}`), one);
  return root;
}

async function reportOf({ path }: FinetuneResult) {
  return JSON.parse(await readFile(join(path, 'acceptance.json'), 'utf8'));
}

const side = ({ run }: FinetuneResult, name: string) => run.cases.filter((one) => one.side === name);

describe('a fine-tuning on DICOM studies', () => {
  it('plans, tunes and judges a folder of several patients, none of whom can be known from the package', async () => {
    const plan = operations.finetunePlan.request.parse(asked({ steps: 60 }));
    const planned = await finetunePlanOperation(plan, QUIET_JOB);
    expect(planned).toMatchObject({ fits: true, cases: COUNT, patients: COUNT, without: [] });
    expect(planned.sides).toEqual({ train: 3, validation: 1, test: 3 });

    const result = await tune({ steps: 60 });
    expect(['train', 'validation', 'test'].map((name) => side(result, name).length)).toEqual([3, 1, 3]);
    expect(new Set(result.run.cases.map(({ patient }) => patient)).size).toBe(COUNT);
    const report = await reportOf(result);
    const judged = report.cases.map(({ name }: { name: string }) => name);
    expect(judged.toSorted()).toEqual(side(result, 'test').map(({ name }) => name));
    expect(result.acceptance!.psnrInside.mean).toBeGreaterThan(0.2);

    const files = await readdir(result.path, { recursive: true, withFileTypes: true });
    // `run/` stays on the site's disk; all else may be handed on.
    const handedOn = files.filter((one) => one.isFile() && !one.parentPath.includes(join('tuned', 'run')));
    expect(handedOn.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['model.json', 'acceptance.json', 'acceptance.html']),
    );
    for (const { parentPath, name } of handedOn) {
      const text = await readFile(join(parentPath, name), 'latin1');
      expect(`${name}: ${SECRETS.exec(text)?.[0]}`).toBe(`${name}: undefined`);
      expect(text).not.toContain(scans);
    }
    expect(JSON.stringify(result.run)).not.toMatch(SECRETS);
  }, 120_000);

  it('takes a folder a patient, and who is to judge from the folders that are named for it', async () => {
    const folders = Array.from({ length: COUNT }, (_, n) => folderOf(n + 1));
    const result = await tune({ cases: folders.slice(0, 4), test: folders.slice(4) });
    const { cases } = await choose(folders);
    const nameIn = (folder: string) => cases.find(({ path }) => path === folder)!.name;
    expect(side(result, 'test').map(({ name }) => name)).toEqual(folders.slice(4).map(nameIn).sort());
    expect((await reportOf(result)).testSet).toMatchObject({ patients: 3, leaks: [], failed: [] });
  }, 60_000);

  it('keeps studies apart that lie in one folder with series of the same names', async () => {
    const flat = await temporaryFolder();
    for (let n = 1; n <= COUNT; n++) {
      await writeDicomStudy(flat, { seed: n, patientId: `HOSPITAL-${n}` });
    }
    const result = await tune({ cases: [flat] });
    expect(result.run.cases).toHaveLength(COUNT);
    const judged = (await reportOf(result)).cases.map(({ name }: { name: string }) => name);
    expect(judged.toSorted()).toEqual(side(result, 'test').map(({ name }) => name));
    expect(judged).toHaveLength(3);
  }, 60_000);

  it('takes studies of the library by themselves, whoever else lies in their folders', async () => {
    const shared = await temporaryFolder();
    for (let n = 1; n <= COUNT; n++) {
      await writeDicomStudy(shared, { seed: n, study: `7.${n}`, patientId: `SHARED-${n}` });
    }
    await libraryAddOperation(operations.libraryAdd.request.parse({ paths: [shared] }), QUIET_JOB);
    const search = operations.librarySearch.request.parse({ text: 'SHARED' });
    const { studies: known } = await librarySearchOperation(search, QUIET_JOB);
    expect(known).toHaveLength(COUNT);
    const sourceOf = (n: number) => `study:${studyUidOf({ seed: n, study: `7.${n}` })}`;
    const { cases } = await choose([1, 2, 4].map(sourceOf));
    const all = await choose([shared, sourceOf(1)]);
    expect(cases).toHaveLength(3);
    expect(all.cases).toHaveLength(COUNT);
    expect(new Set(cases.map(({ voxelsSha256 }) => voxelsSha256)).size).toBe(3);

    const result = await tune({ cases: [1, 2, 4].map(sourceOf), test: [5, 6, 7].map(sourceOf) });
    expect(result.run.cases).toHaveLength(6);
    expect(result.acceptance!.psnrInside.patients).toBe(3);
    const { cases: tested } = await choose([5, 6, 7].map(sourceOf));
    expect(side(result, 'test').map(({ name }) => name)).toEqual(tested.map(({ name }) => name));
    const pooled = await tune({ cases: [shared], test: [sourceOf(2)] });
    const [second] = (await choose([sourceOf(2)])).cases;
    expect(side(pooled, 'test').map(({ name }) => name)).toEqual([second!.name]);
    expect(pooled.run.cases).toHaveLength(COUNT);
    await expect(choose(['study:1.2.3.4'])).rejects.toMatchObject({ code: 'not-found' });
    await rm(shared, { recursive: true });
    await expect(choose([sourceOf(1)])).rejects.toMatchObject({ code: 'not-found' });
  }, 60_000);
});

describe('patients of DICOM studies', () => {
  const patientsOf = async (...some: readonly DicomStudy[]) => {
    const { cases } = await choose([await studies(...some)]);
    return new Set(cases.map(({ patient }) => patient)).size;
  };
  const [one, other] = [
    { seed: 1, patientId: '4711' },
    { seed: 2, patientId: '4711' },
  ];

  it('are told apart by Patient ID and its issuer', async () => {
    expect(await patientsOf(one, other)).toBe(1);
    expect(await patientsOf(one, { ...other, patientId: '4712' })).toBe(2);
    expect(await patientsOf({ ...one, issuer: 'NORTH' }, { ...other, issuer: 'SOUTH' })).toBe(2);
    expect(await patientsOf({ ...one, issuer: 'NORTH' }, { ...other, issuer: 'NORTH' })).toBe(1);
    // An archive that began to say it one day; who is meant where two are possible cannot be told.
    expect(await patientsOf({ ...one, issuer: 'NORTH' }, other)).toBe(1);
    const third = { seed: 3, patientId: '4711' };
    expect(await patientsOf({ ...one, issuer: 'NORTH' }, { ...other, issuer: 'SOUTH' }, third)).toBe(1);
    expect(await patientsOf({ ...one, patientId: '' }, { ...other, patientId: '' })).toBe(2);
  }, 60_000);

  it('are known again in a base and in a locked set that were made before their issuer was said', async () => {
    const before = await tune();
    const [known] = side(before, 'train');
    const seed = [1, 2, 3, 4, 5, 6, 7].find((n) => known!.name === caseNames.get(n))!;
    const later = { seed: 20, study: '500', patientId: `HOSPITAL-${seed}`, issuer: 'NORTH' };
    const test = join(await studies(later), 'f0');
    const others = await studies(...[21, 22].map((n) => ({ seed: n, patientId: `HOSPITAL-${n}` })));
    await expect(tune({ base: before.path, cases: [others], test: [test] })).rejects.toMatchObject({
      code: 'bad-training-data',
      message: expect.stringContaining(`the model learned from the patient ${known!.patient}`),
    });
    const locked = join(await temporaryFolder(), 'locked');
    await choose([folderOf(seed), others], { test: [known!.patient], out: locked });
    const result = await tune({
      cases: [folderOf(seed), test, others],
      locked: join(locked, 'locked-test.json'),
    });
    expect(side(result, 'test').map(({ name }) => name)).toEqual([known!.name]);
    expect(result.run.leftOut).toEqual([
      expect.objectContaining({ path: test, reason: expect.stringContaining(known!.name) }),
    ]);
  }, 120_000);

  /** Names of the cases by the number of their person. */
  const caseNames = new Map<number, string>();
  beforeAll(async () => {
    const { cases } = await choose([scans]);
    for (let n = 1; n <= COUNT; n++) {
      caseNames.set(n, cases.find(({ path }) => path === folderOf(n))!.name);
    }
  }, 60_000);

  it.each([
    [
      'another study of one Patient ID',
      { seed: 12, study: '99', patientId: 'HOSPITAL-2' },
      /both are the patient/,
    ],
    [
      'the same Patient ID, with its issuer',
      { seed: 12, study: '99', patientId: 'HOSPITAL-2', issuer: 'NORTH' },
      /both are the patient|one Patient ID/,
    ],
    [
      'the same images under another ID and other UIDs',
      { seed: 2, study: '98', patientId: 'ANON' },
      /same voxels/,
    ],
  ] as const)(
    'may not be on two sides: %s',
    async (_, study, words) => {
      const test = join(await studies(study), 'f0');
      const error = await tune({ test: [test] }).catch((thrown: unknown) => thrown as Error);
      expect(error).toMatchObject({ code: 'bad-training-data', message: expect.stringMatching(words) });
      // Their names are hashes: it is said where they are.
      expect((error as Error).message).toContain(`${caseNames.get(2)} is in ${folderOf(2)}`);
      expect((error as Error).message).toContain(`is in ${test}`);
    },
    60_000,
  );

  it('may not be on two sides: the same study in two folders', async () => {
    const copy = join(await temporaryFolder(), 'copy');
    await cp(folderOf(2), copy, { recursive: true });
    await expect(tune({ test: [copy] })).rejects.toMatchObject({
      code: 'bad-training-data',
      message: expect.stringMatching(new RegExp(`${caseNames.get(2)} lies in folders.*${copy}`)),
    });
  }, 60_000);
});

describe('a DICOM study that cannot be learned from', () => {
  const reasonOf = async (study: Partial<DicomStudy>, arrange?: (folder: string) => Promise<void>) => {
    const root = await studies(
      { seed: 30, patientId: 'HOSPITAL-30' },
      { seed: 31, patientId: 'HOSPITAL-31', ...study },
    );
    await arrange?.(join(root, 'f1'));
    const { cases, leftOut } = await choose([root]);
    expect(cases.map(({ path }) => path)).toEqual([join(root, 'f0')]);
    expect(leftOut.map(({ path }) => path)).toEqual([join(root, 'f1')]);
    expect(leftOut[0]!.reason).not.toMatch(SECRETS);
    return leftOut[0]!.reason;
  };
  const constant = { ...person('t1', 31), voxels: person('t1', 31).voxels.map(() => 5) };

  it('is left out with the reason and the place', async () => {
    expect(await reasonOf({ contrasts: ['t2', 'flair'] })).toMatch(/is t1 by its headers.*flair, t2/);
    expect(await reasonOf({ contrasts: ['t1'] })).toMatch(/is t2 by its headers.*: t1/);
    expect(await reasonOf({ volumes: { t1: constant } })).toMatch(/t1 is constant/);
    expect(await reasonOf({ extra: { [TAG.LossyImageCompression]: cs('01') } })).toMatch(/with loss/);
  }, 60_000);

  it('is one whose slices lie twice and differ; a copy of it is none', async () => {
    const other: DicomStudy = { seed: 32, study: '31', patientId: 'HOSPITAL-31' };
    const reason = await reasonOf({}, (folder) => writeDicomStudy(join(folder, 'again'), other));
    expect(reason).toMatch(/lie where another image of the series lies already/);
    const root = await studies({ seed: 30, patientId: 'HOSPITAL-30' });
    await cp(join(root, 'f0'), join(root, 'backup'), { recursive: true });
    const { cases, leftOut } = await choose([root]);
    expect(leftOut).toEqual([]);
    expect(cases).toHaveLength(1);
    expect(cases[0]!.voxelsSha256).toBe((await choose([join(root, 'f0')])).cases[0]!.voxelsSha256);
  }, 60_000);
});
