import { readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RequestInput } from '../../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../../src/core/job.ts';
import { fileStem, findCases } from '../../../../src/main/training/data/findCases.ts';
import { bratsNames } from '../../../../src/main/training/data/layouts/brats.ts';
import { ixiNames } from '../../../../src/main/training/data/layouts/ixi.ts';
import { readManifest } from '../../../../src/main/training/data/manifest.ts';
import { prepareOperation } from '../../../../src/main/training/data/prepareOperation.ts';
import { prepareRequest, smallNifti, temporaryFolder, treeOf } from './layoutTrees.ts';

const find = (request: RequestInput<'dataPrepare'>) => findCases(prepareRequest(request), QUIET_JOB);
const t2FromT1 = { target: 't2', reference: 't1' } as const;

const IXI = [
  'IXI-T1/IXI002-Guys-0828-T1.nii.gz',
  'IXI-T1/IXI012-HH-1211-T1.nii.gz',
  'IXI-T1/IXI020-Guys-0700-T1.nii.gz',
  'IXI-T2/IXI002-Guys-0828-T2.nii.gz',
  'IXI-T2/IXI012-HH-1211-T2.nii.gz',
  'IXI-T2/IXI013-HH-1212-T2.nii.gz',
  'IXI-PD/IXI002-Guys-0828-PD.nii.gz',
];

describe('names of files', () => {
  it('of IXI tell subject, scan and contrast', () => {
    expect(ixiNames.parse('IXI002-Guys-0828-T1.nii.gz')).toEqual({
      name: 'IXI002-Guys-0828',
      patient: 'IXI002',
      contrast: 't1',
    });
    expect(ixiNames.parse('IXI646-HH-2653-MRA.nii')).toMatchObject({ patient: 'IXI646', contrast: 'mra' });
    for (const name of ['IXI002-Guys-0828-T1.json', 'IXI002.nii.gz', 't1.nii.gz', 'xIXI002-HH-1-T1.nii']) {
      expect(ixiNames.parse(name)).toBeUndefined();
    }
  });

  it.each([
    ['BraTS2021_00005_t1.nii.gz', 'BraTS2021_00005', 'GLI-00005', 't1'],
    ['BraTS2021_00005_t1ce.nii.gz', 'BraTS2021_00005', 'GLI-00005', 't1c'],
    ['BraTS-GLI-00005-100-t1n.nii.gz', 'BraTS-GLI-00005-100', 'GLI-00005', 't1'],
    ['BraTS-GLI-00005-101-t2f.nii.gz', 'BraTS-GLI-00005-101', 'GLI-00005', 'flair'],
    ['BraTS-MEN-00005-000-t2w.nii.gz', 'BraTS-MEN-00005-000', 'MEN-00005', 't2'],
    ['BraTS20_Training_001_flair.nii', 'BraTS20_Training_001', 'BraTS20_Training_001', 'flair'],
    ['Brats18_CBICA_AAB_1_t2.nii.gz', 'Brats18_CBICA_AAB_1', 'CBICA_AAB', 't2'],
    ['BraTS19_CBICA_AAB_1_seg.nii.gz', 'BraTS19_CBICA_AAB_1', 'CBICA_AAB', 'seg'],
  ])('of BraTS tell scan, patient and contrast: %s', (file, name, patient, contrast) => {
    expect(bratsNames.parse(file)).toEqual({ name, patient, contrast });
  });

  it('that are no images of BraTS are none', () => {
    for (const name of [
      't2.nii.gz',
      'BraTS2021_00005_t3.nii.gz',
      'BraTS-GLI-00005-100.nii.gz',
      'name_mapping.csv',
    ]) {
      expect(bratsNames.parse(name)).toBeUndefined();
    }
  });
});

describe('findCases', () => {
  it('pairs the contrasts of IXI from one folder or from one a contrast, and names who lacks one', async () => {
    const root = await treeOf(IXI);
    const together = await find({ sources: [root], ...t2FromT1 });
    const apart = await find({ sources: [join(root, 'IXI-T2'), join(root, 'IXI-T1')], ...t2FromT1 });
    for (const { cases, without, layouts } of [together, apart]) {
      expect(new Set(layouts.map(({ layout }) => layout))).toEqual(new Set(['ixi']));
      expect(cases.map(({ name, patient, target, reference }) => [name, patient, target, reference])).toEqual(
        [
          ['IXI002-Guys-0828', 'IXI002', 'IXI002-Guys-0828-T2.nii.gz', 'IXI002-Guys-0828-T1.nii.gz'],
          ['IXI012-HH-1211', 'IXI012', 'IXI012-HH-1211-T2.nii.gz', 'IXI012-HH-1211-T1.nii.gz'],
          ['IXI013-HH-1212', 'IXI013', 'IXI013-HH-1212-T2.nii.gz', undefined],
        ],
      );
      expect(cases.map(({ problem }) => problem !== undefined)).toEqual([false, false, true]);
      expect(cases[2]!.problem).toMatch(/no t1 .*only t2/);
      expect(without).toEqual([
        { name: 'IXI020-Guys-0700', patient: 'IXI020', reason: expect.stringMatching(/no t2 .*only t1/) },
      ]);
    }
  });

  it('takes any pair, or a contrast alone', async () => {
    const root = await treeOf(IXI);
    const pd = await find({ sources: [root], target: 't2', reference: 'pd' });
    expect(pd.cases.filter(({ problem }) => problem === undefined).map(({ patient }) => patient)).toEqual([
      'IXI002',
    ]);
    const alone = await find({ sources: [root], target: 't2' });
    expect(alone.cases.map(({ problem, reference }) => [problem, reference])).toEqual(
      Array.from({ length: 3 }, () => [undefined, undefined]),
    );
    await expect(find({ sources: [root], target: 'flair' })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/flair.*IXI002.*only pd, t1, t2/),
    });
  });

  it('knows the contrasts of BraTS by the names of every year, and a patient in two releases', async () => {
    const scans = (folder: string, names: readonly string[], end: (name: string) => string) =>
      names.map((name) => `${folder}/${folder}${end(name)}.nii.gz`);
    const root = await treeOf([
      ...scans('BraTS2021_00005', ['t1', 't1ce', 't2', 'flair', 'seg'], (name) => `_${name}`),
      ...scans('BraTS-GLI-00005-100', ['t1n', 't1c', 't2w', 't2f', 'seg'], (name) => `-${name}`),
    ]);
    for (const [target, reference] of [
      ['t1c', 't1'],
      ['t1ce', 't1n'],
    ]) {
      const { cases, layouts } = await find({ sources: [root], target, reference });
      expect(layouts).toEqual([{ source: root, layout: 'brats' }]);
      expect(
        cases.map(({ name, patient, target: file, reference: other }) => [name, patient, file, other]),
      ).toEqual([
        [
          'BraTS-GLI-00005-100',
          'GLI-00005',
          'BraTS-GLI-00005-100-t1c.nii.gz',
          'BraTS-GLI-00005-100-t1n.nii.gz',
        ],
        ['BraTS2021_00005', 'GLI-00005', 'BraTS2021_00005_t1ce.nii.gz', 'BraTS2021_00005_t1.nii.gz'],
      ]);
    }
    const flair = await find({ sources: [root], target: 'flair', reference: 't2' });
    expect(flair.cases.map(({ target }) => target)).toEqual([
      'BraTS-GLI-00005-100-t2f.nii.gz',
      'BraTS2021_00005_flair.nii.gz',
    ]);
  });

  it('finds folders of cases, follows links, and tells cases of one name apart', async () => {
    const root = await treeOf([
      'a/p1/t2.nii.gz',
      'a/p1/t1.nii.gz',
      'a/P2/t2.nii',
      'a/only/t1.nii.gz',
      'a/notes/readme.txt',
      'b/p1/t2.nii.gz',
      'b/p2/t2.nii.gz',
    ]);
    await symlink(join(root, 'b/p2'), join(root, 'b/linked'));
    const { cases, without, layouts } = await find({
      sources: [join(root, 'a'), join(root, 'b'), join(root, 'a/p1')],
      ...t2FromT1,
    });
    expect(layouts.map(({ layout }) => layout)).toEqual(['folders', 'folders', 'folders']);
    expect(cases.map(({ name }) => name)).toEqual(['a-P2', 'a-p1', 'b-p1', 'b-p2', 'linked']);
    expect(cases.map(({ problem }) => problem === undefined)).toEqual([false, true, false, false, false]);
    expect(without).toEqual([
      { name: 'only', patient: 'only', reason: expect.stringContaining('no t2.nii.gz') },
    ]);
    const stems = cases.map(({ name }) => fileStem(name).toLowerCase());
    expect(new Set(stems).size).toBe(stems.length);
  });

  it('takes sources of several layouts, and says what each was taken for', async () => {
    const ixi = await treeOf(IXI);
    const folders = await treeOf(['p1/t2.nii.gz', 'p1/t1.nii.gz']);
    const { cases, layouts } = await find({ sources: [folders, ixi, folders], ...t2FromT1 });
    expect(layouts).toEqual([
      { source: folders, layout: 'folders' },
      { source: ixi, layout: 'ixi' },
    ]);
    expect(cases.map(({ layout }) => layout)).toEqual(['ixi', 'ixi', 'ixi', 'folders']);
  });

  it('says what it looked for where there is nothing, and believes a layout that is named', async () => {
    const other = await treeOf(['sub-01/anat/sub-01_T2w.nii.gz', 'readme.txt']);
    await expect(find({ sources: [other], ...t2FromT1 })).rejects.toMatchObject({
      code: 'not-found',
      path: other,
      message: expect.stringMatching(/t2\.nii\.gz.*IXI.*BraTS.*DICOM.*sub-01_T2w\.nii\.gz/),
    });
    await expect(find({ sources: [join(other, 'nowhere')] })).rejects.toMatchObject({
      code: 'not-found',
      message: 'There is no such folder',
    });
    const ixi = await treeOf(IXI);
    await expect(find({ sources: [ixi], layout: 'brats' })).rejects.toMatchObject({ code: 'not-found' });
    const folders = await treeOf(['p1/t2.nii.gz']);
    await expect(find({ sources: [folders, ixi], layout: 'folders' })).rejects.toMatchObject({
      code: 'not-found',
      path: ixi,
    });
  });

  it('makes file names that a manifest may hold', () => {
    for (const name of ['_x', 'é t2', '.hidden', `${'long'.repeat(80)}`, 'a/b\\c']) {
      expect(fileStem(name)).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,149}$/);
    }
    expect(fileStem('IXI002-Guys-0828')).toBe('IXI002-Guys-0828');
  });
});

describe('data prepare', () => {
  it('lists without reading or writing what it then prepares, from IXI as it is unpacked', async () => {
    const brightness = { T1: 3, T2: 1, PD: 2 } as const;
    const root = await treeOf(
      IXI.map((path) => path.replace('.nii.gz', '.nii')),
      (file) => smallNifti(brightness[file.slice(-6, -4) as keyof typeof brightness]),
    );
    const out = join(await temporaryFolder(), 'prepared');
    const request: RequestInput<'dataPrepare'> = {
      sources: [root],
      ...t2FromT1,
      validation: ['IXI012'],
      registration: 'headers-unchecked',
    };
    const listed = await prepareOperation(prepareRequest({ ...request, out, list: true }), QUIET_JOB);
    expect(listed).toMatchObject({ path: '', bytes: 0, train: { patients: 1, cases: 1, slices: 0 } });
    await expect(readdir(out)).rejects.toThrow('ENOENT');

    const prepared = await prepareOperation(prepareRequest({ ...request, out }), QUIET_JOB);
    expect(prepared.cases).toEqual(listed.cases);
    expect(prepared.cases.map(({ name, split, path }) => [name, split, path])).toEqual([
      ['IXI002-Guys-0828', 'train', join(root, 'IXI-T2')],
      ['IXI012-HH-1211', 'validation', join(root, 'IXI-T2')],
    ]);
    expect(prepared.leftOut).toEqual(expect.arrayContaining(listed.leftOut));
    expect(prepared.leftOut.map(({ name }) => name).sort()).toEqual(['IXI013-HH-1212', 'IXI020-Guys-0700']);
    expect(prepared.train).toEqual({ patients: 1, cases: 1, slices: 4 });

    const { manifest } = await readManifest(out);
    expect(manifest.preparation.layout).toBe('ixi');
    expect(manifest.leftOut).toEqual(prepared.leftOut);
    expect(manifest.cases[0]!.sources.map(({ name }) => name)).toEqual([
      'IXI002-Guys-0828-T2.nii',
      'IXI002-Guys-0828-T1.nii',
    ]);
    // Where somebody keeps their data is nobody's business.
    expect(await readFile(join(out, 'data.json'), 'utf8')).not.toContain(root);
  });

  it('lists files that nobody could read', async () => {
    const root = await treeOf(IXI);
    const { cases } = await prepareOperation(
      prepareRequest({ sources: [root], ...t2FromT1, list: true }),
      QUIET_JOB,
    );
    expect(cases.map(({ name }) => name)).toEqual(['IXI002-Guys-0828', 'IXI012-HH-1211']);
  });

  it('has the same split of a target for any reference', async () => {
    const ids = Array.from({ length: 12 }, (_, n) => `IXI${String(n + 1).padStart(3, '0')}-HH-1`);
    const root = await treeOf(
      ids.flatMap((id, n) => [`${id}-T2.nii.gz`, ...(n % 3 === 0 ? [] : [`${id}-T1.nii.gz`])]),
    );
    const sides = async (reference?: string) => {
      const request = prepareRequest({
        sources: [root],
        target: 't2',
        reference,
        validationShare: 0.25,
        testShare: 0.25,
        list: true,
      });
      const { cases } = await prepareOperation(request, QUIET_JOB);
      return new Map(cases.map(({ patient, split }) => [patient, split]));
    };
    const all = await sides();
    const paired = await sides('t1');
    expect([all.size, paired.size]).toEqual([12, 8]);
    expect(new Set(all.values())).toEqual(new Set(['train', 'validation', 'test']));
    for (const [patient, split] of paired) expect(all.get(patient)).toBe(split);
  });

  it('leaves nothing where it is stopped half-way', async () => {
    const root = await treeOf(
      IXI.map((path) => path.replace('.nii.gz', '.nii')),
      () => smallNifti(1),
    );
    const parent = await temporaryFolder();
    const stop = new AbortController();
    const request = prepareRequest({
      sources: [root],
      ...t2FromT1,
      registration: 'headers-unchecked',
      out: join(parent, 'prepared'),
    });
    const run = prepareOperation(request, {
      signal: stop.signal,
      progress: ({ stage, done }) => {
        if (stage === 'preparing' && done === 1) stop.abort();
      },
    });
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readdir(parent)).toEqual([]);
  });

  it('asks for a folder to write to, unless it only lists', async () => {
    const root = await treeOf(IXI);
    const request = prepareRequest({ sources: [root], ...t2FromT1 });
    await expect(prepareOperation(request, QUIET_JOB)).rejects.toMatchObject({ code: 'usage' });
  });
});
