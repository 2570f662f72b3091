import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import dicomParser from 'dicom-parser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { operations } from '../../../src/core/contract/operations.ts';
import { P } from '../../../src/core/dicom/derived/provenanceBlock.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { makeDeidentifier } from '../../../src/main/deidentify/deidentifier.ts';
import { deidentifyOperation } from '../../../src/main/deidentify/deidentifyOperation.ts';
import { exportEnhanced } from '../../../src/main/export/exportEnhanced.ts';
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
  expect(set!.string('x00120062')).toBe('YES');
  expect(set!.string('x0008103e')).toMatch(/\[enhanced x2 .* RUO\]$/);
  expect(codes(set!, 'x00089215')).toEqual(['113085', 'SR-REF']);
  expect(items(set!, 'x0018a001').length).toBeGreaterThan(3);
  const tag = `x${P.Provenance.toString(16).padStart(8, '0')}`;
  const provenance = JSON.parse(set!.string(tag)!) as { enhanced: { targetSeriesUid: string } };
  expect(provenance.enhanced.targetSeriesUid).toBe(sources[0]!.string('x0020000e'));
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
