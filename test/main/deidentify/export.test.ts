import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import dicomParser from 'dicom-parser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { operations } from '../../../src/core/contract/operations.ts';
import { P } from '../../../src/core/dicom/derived/provenanceBlock.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { rigidMotion } from '../../../src/core/phantom/geometry.ts';
import { makeDeidentifier } from '../../../src/main/deidentify/deidentifier.ts';
import { deidentifyOperation } from '../../../src/main/deidentify/deidentifyOperation.ts';
import { exportEnhanced } from '../../../src/main/export/exportEnhanced.ts';
import { readTransform } from '../../../src/main/registration/readTransform.ts';
import { previewDeidentificationOperation } from '../../../src/main/superres/previewDeidentificationOperation.ts';
import { enhancedStore } from '../../../src/main/superres/store.ts';
import { validateFiles } from '../../../src/main/validate/validateFiles.ts';
import { phantomSeries } from '../export/phantomSeries.ts';
import { codes, items } from '../export/readBack.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-deidentified-export-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const readAll = async (folder: string) => {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.dcm'));
  return Promise.all(
    names.sort().map(async (name) => dicomParser.parseDicom(await readFile(join(folder, name)))),
  );
};

it('an export names the de-identified source where both have one key, and keeps its provenance', {
  timeout: 60_000,
}, async () => {
  const keyFile = join(root, 'key');
  const series = await phantomSeries(join(root, 'study'), { contrasts: ['t2', 't1'], slices: 3, matrix: 16 });
  const deidentifier = await makeDeidentifier({ options: ['clean-descriptors'], keyFile });
  const written = await exportEnhanced(series, join(root, 'enhanced'), 'dicom', QUIET_JOB, { deidentifier });
  expect(written.companions).toEqual([]);
  await deidentifyOperation(
    operations.deidentify.request.parse({
      paths: [series.target.summary.path],
      out: join(root, 'source'),
      keyFile,
    }),
    QUIET_JOB,
  );
  const enhanced = await readAll(join(root, 'enhanced'));
  const sources = await readAll(join(root, 'source'));
  expect(enhanced[0]!.string('x0020000e')).toBe(written.seriesUid);
  for (const tag of ['x0020000d', 'x00200052', 'x00100020', 'x00100010']) {
    expect(enhanced[0]!.string(tag), tag).toBe(sources[0]!.string(tag));
  }
  const ofSource = sources.map((set) => set.string('x00080018')).sort();
  const named = enhanced.map((set) =>
    items(items(set, 'x00081115')[0]!, 'x0008114a')[0]!.string('x00081155'),
  );
  expect(named.sort()).toEqual(ofSource);
  const [set] = enhanced;
  // What it was made from is still told by images, by their new names and with their coded roles.
  const source = items(set!, 'x00082112')[0]!;
  expect(ofSource).toContain(source.string('x00081155'));
  expect(codes(source, 'x0040a170')).toEqual(['121322']);
  expect(set!.string('x00120062')).toBe('YES');
  expect(set!.string('x0008103e')).toMatch(/\[enhanced x2 .* RUO\]$/);
  expect(codes(set!, 'x00089215')).toEqual(['113085', 'SR-REF']);
  expect(items(set!, 'x0018a001').length).toBeGreaterThan(3);
  const tag = `x${P.Provenance.toString(16).padStart(8, '0')}`;
  const provenance = JSON.parse(set!.string(tag)!) as { enhanced: { targetSeriesUid: string } };
  expect(provenance.enhanced.targetSeriesUid).toBe(sources[0]!.string('x0020000e'));
  // Nothing that somebody typed stays where descriptions are not cleaned but taken away.
  const plain = await makeDeidentifier({ options: [], keyFile });
  await exportEnhanced(series, join(root, 'plain'), 'dicom', QUIET_JOB, { deidentifier: plain });
  const [bare] = await readAll(join(root, 'plain'));
  expect(bare!.string('x0008103e')).toBe('[enhanced x2 RUO]');
  expect(items(bare!, 'x0018a001').map((item) => item.string('x0018a003'))).toContain(
    'Research use only, not for diagnosis',
  );
  expect(JSON.parse(bare!.string(tag)!)).toEqual(provenance);
  for (const name of await readdir(join(root, 'enhanced'))) {
    const bytes = await readFile(join(root, 'enhanced', name));
    for (const secret of ['PHANTOM', series.target.summary.uid, series.target.studyUid]) {
      expect(bytes.includes(secret), secret).toBe(false);
    }
  }
});

it('a NIfTI gets a name that says nothing', async () => {
  const series = await phantomSeries(join(root, 'nifti-study'), { contrasts: ['t2'], slices: 3, matrix: 16 });
  const deidentifier = await makeDeidentifier({ options: [] });
  const written = await exportEnhanced(series, join(root, 'nifti'), 'nifti', QUIET_JOB, { deidentifier });
  expect(written.files.map((path) => basename(path))).toEqual(['enhanced.nii.gz']);
});

it('lists beforehand what the export of an enhanced series and its registration changes, and writes nothing', async () => {
  const study = join(root, 'preview-study');
  const series = { ...(await phantomSeries(study, { contrasts: ['t2', 't1'], slices: 3, matrix: 16 })) };
  const fixedToMoving = rigidMotion([2, 0, 0], [1, 2, 3]);
  const id = enhancedStore.add({ series: { ...series, fixedToMoving }, reference: undefined });
  const keyFile = join(root, 'preview-key');
  const asked = { id, as: 'source' as const, options: [], keyFile, companions: ['registration' as const] };
  const preview = await previewDeidentificationOperation(asked, QUIET_JOB);
  expect(preview.files).toBe(4);
  const of = (keyword: string) => preview.attributes.find((one) => one.keyword === keyword);
  expect(of('PatientName')).toMatchObject({ outcome: 'pseudonym', files: 4 });
  expect(of('StudyDate')?.outcome).not.toBe('kept');
  expect(existsSync(keyFile)).toBe(false);
  const shifted = await previewDeidentificationOperation({ ...asked, options: ['shift-dates'] }, QUIET_JOB);
  expect(shifted.attributes.find((one) => one.keyword === 'StudyDate')).toMatchObject({ outcome: 'shifted' });

  const out = join(root, 'with-registration');
  const deidentifier = await makeDeidentifier({ options: [] });
  const written = await exportEnhanced({ ...series, fixedToMoving }, out, 'dicom', QUIET_JOB, {
    deidentifier,
    companions: ['registration'],
  });
  expect(written.companions).toEqual([join(out, 'registration.dcm')]);
  const { findings, dciodvfy } = await validateFiles(
    { files: [...written.files, ...written.companions], ours: true, judged: 8 },
    QUIET_JOB,
  );
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(dciodvfy?.errors ?? []).toEqual([]);
  const [registration] = (await readAll(out)).filter((set) => set.string('x00080060') === 'REG');
  expect(registration!.string('x00100010')).toMatch(/DEIDENTIFIED$/);
  // In the enhanced series' frame of reference: its matrices take the reference there.
  const [slice] = (await readAll(out)).filter((set) => set.string('x00080060') === 'MR');
  expect(registration!.string('x00200052')).toBe(slice!.string('x00200052'));
});

it('a NIfTI has its registration beside it as a transform file', async () => {
  const study = join(root, 'tfm-study');
  const series = await phantomSeries(study, { contrasts: ['t2', 't1'], slices: 3, matrix: 16 });
  const fixedToMoving = rigidMotion([0, 0, 5], [1, 2, 3]);
  const out = join(root, 'tfm');
  const asked = { companions: ['registration' as const] };
  const written = await exportEnhanced({ ...series, fixedToMoving }, out, 'nifti', QUIET_JOB, asked);
  expect((await readdir(out)).sort()).toEqual(
    [...written.files, ...written.companions].map((path) => basename(path)).sort(),
  );
  const read = await readTransform(join(out, 'registration.tfm'));
  expect(
    read
      .flat()
      .map((value, n) => value - fixedToMoving.flat()[n]!)
      .every((error) => Math.abs(error) < 1e-9),
  ).toBe(true);
});

it('a registration that was not made is not promised', async () => {
  const series = await phantomSeries(join(root, 'unregistered'), {
    contrasts: ['t2'],
    slices: 2,
    matrix: 16,
  });
  const unregistered = { ...series, fixedToMoving: undefined };
  await expect(
    exportEnhanced(unregistered, join(root, 'none'), 'dicom', QUIET_JOB, { companions: ['registration'] }),
  ).rejects.toMatchObject({ code: 'usage', hint: expect.stringContaining('reference') });
  expect(existsSync(join(root, 'none'))).toBe(false);
});
