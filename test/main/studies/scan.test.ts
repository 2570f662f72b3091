import { execFileSync } from 'node:child_process';
import { chmod, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withRepetitionsTogether } from '../../../src/core/contract/repetitions.ts';
import { TAG } from '../../../src/core/dicom/tags.ts';
import { DEFLATED_LITTLE_ENDIAN, EXPLICIT_BIG_ENDIAN } from '../../../src/core/dicom/transferSyntax.ts';
import { formatError, toErrorData } from '../../../src/core/errors.ts';
import { type JobContext, type Progress, QUIET_JOB } from '../../../src/core/job.ts';
import { describeStudy } from '../../../src/main/shell/cli/words.ts';
import { readError } from '../../../src/main/studies/readErrors.ts';
import { scanPaths } from '../../../src/main/studies/scan.ts';
import { dicomFile, is, mrSeries, mrSlice, ui } from '../../helpers/dicomBuilder.ts';
import { errorOf, folderOf, niftiBytes, seriesFiles } from './helpers.ts';

const scan = (...paths: string[]) => scanPaths(paths, QUIET_JOB);
const failure = (...paths: string[]) => errorOf(scanPaths(paths, QUIET_JOB));

describe('scanPaths', () => {
  it('groups by study and series, by number, with the study named by its headers', async () => {
    const folder = await folderOf({
      ...seriesFiles('b/', mrSeries([0, 2], { seriesUid: '1.2.3.20', seriesNumber: 10 })),
      ...seriesFiles('a/', mrSeries([0, 2], { seriesUid: '1.2.3.21', seriesNumber: 9 })),
      ...seriesFiles('other/', mrSeries([0, 2], { studyUid: '1.2.9', seriesUid: '1.2.9.1' })),
    });
    const { studies, refused } = await scan(folder);
    expect(refused).toEqual([]);
    expect(studies.map(({ summary }) => [summary.uid, summary.series.map(({ number }) => number)])).toEqual([
      ['1.2.3.1', [9, 10]],
      ['1.2.9', [2]],
    ]);
    expect(studies[0]!.summary).toMatchObject({
      patientName: 'PHANTOM^ONE',
      patientId: 'P1',
      date: '20260102',
    });
    expect(studies[0]!.series[0]).toMatchObject({
      files: [join(folder, 'a/1.dcm'), join(folder, 'a/2.dcm')],
      seriesInstanceUid: '1.2.3.21',
      frameOfReferenceUid: '1.2.3.3',
      summary: { path: join(folder, 'a'), size: [4, 3, 2], spacingMm: [0.5, 0.5, 2], orientation: 'axial' },
    });
  });

  it('takes repetitions together, each with its own UID; other contrasts of the series stand apart', async () => {
    const volumes = (echo: number, te: number) =>
      Array.from({ length: 12 }, (_, time) =>
        mrSeries([0, 2, 4], {
          te,
          extra: { [TAG.TemporalPositionIdentifier]: is(time + 1), [TAG.EchoNumbers]: is(echo) },
        }),
      ).flat();
    const folder = await folderOf(seriesFiles('', [...volumes(1, 10), ...volumes(2, 30)]));
    const { studies } = await scan(folder);
    const { series } = studies[0]!.summary;
    expect(series).toHaveLength(24);
    const together = withRepetitionsTogether(series);
    expect(together.map(({ series: { uid }, volumes: all }) => [uid, all.length])).toEqual([
      ['1.2.3.2#e1t1', 12],
      ['1.2.3.2#e2t1', 12],
    ]);
    expect(together[1]!.volumes[11]).toMatchObject({
      uid: '1.2.3.2#e2t12',
      repetition: { first: '1.2.3.2#e2t1', volume: 12, volumes: 12 },
    });
    // The printed list has a line for each echo, not for each of the 24 volumes.
    const printed = describeStudy(studies[0]!.summary).split('\n');
    expect(printed.filter((line) => line.startsWith('  series'))).toHaveLength(2);
    expect(printed).toContain('    12 volumes, …#e2t1 to …#e2t12');
  });

  it('lists what it cannot read and reads the rest', async () => {
    const whole = dicomFile(mrSlice());
    const folder = await folderOf({
      ...seriesFiles('good', mrSeries([0, 2, 4])),
      'letter.txt': 'Dear reader',
      'empty.dcm': '',
      'cut.dcm': whole.subarray(0, whole.length - 4),
      'jpeg.dcm': dicomFile(mrSlice(), { syntax: '1.2.840.10008.1.2.4.90' }),
      'enhanced.dcm': dicomFile(mrSlice({ extra: { [TAG.SOPClassUID]: ui('1.2.840.10008.5.1.4.1.1.4.1') } })),
      'broken.nii': niftiBytes().subarray(0, 100),
      'pair.hdr': niftiBytes(),
      '.hidden': 'nobody sees this',
    });
    const { studies, refused } = await scan(folder);
    expect(studies[0]!.summary.series.map(({ size }) => size)).toEqual([[4, 3, 3]]);
    expect(refused.map(({ path, code }) => [basename(path), code])).toEqual([
      ['broken.nii', 'truncated'],
      ['cut.dcm', 'truncated'],
      ['empty.dcm', 'not-an-image'],
      ['enhanced.dcm', 'unsupported-format'],
      ['jpeg.dcm', 'bad-header'],
      ['letter.txt', 'not-an-image'],
      ['pair.hdr', 'unsupported-format'],
    ]);
  });

  it('takes NIfTI files of one folder for a study, and their sidecars and DICOMDIRs for granted', async () => {
    const directory = dicomFile({ 266544: { vr: 'CS', value: 'SET' }, 266770: { vr: 'US', value: [0] } });
    const folder = await folderOf({
      'a/t2.nii': niftiBytes({ spacingMm: [1, 1, 4] }),
      'a/t1.nii': niftiBytes(),
      'a/t1.json': '{}',
      'b/other.nii': niftiBytes({ size: [2, 8, 8], spacingMm: [5, 1, 1] }),
      'b/other.json': JSON.stringify({ EchoTime: 0.09, RepetitionTime: 5, ScanningSequence: 'SE' }),
      'b/alone.json': '{}',
      'b/DICOMDIR': directory,
    });
    const { studies, refused } = await scan(folder);
    expect(refused.map(({ path }) => basename(path))).toEqual(['alone.json']);
    expect(studies.map(({ summary }) => summary.description)).toEqual(['a', 'b']);
    expect(studies[0]!.summary.series.map(({ contrast }) => contrast.name)).toEqual(['t1', 't2']);
    expect(studies[0]!.summary.pairs).toHaveLength(1);
    const [other] = studies[1]!.summary.series;
    expect(other).toMatchObject({
      size: [8, 8, 2],
      spacingMm: [1, 1, 5],
      orientation: 'sagittal',
      number: null,
    });
    expect(other!.contrast).toMatchObject({ name: 't2', why: expect.stringMatching(/sidecar/) });
    const again = await scan(folder);
    expect(again.studies[0]!.summary.uid).toBe(studies[0]!.summary.uid);
  });

  it('looks beside a DICOMDIR that is named itself', async () => {
    const directory = dicomFile({ 266544: { vr: 'CS', value: 'SET' } });
    const folder = await folderOf({ DICOMDIR: directory, ...seriesFiles('IMAGES/', mrSeries([0, 2])) });
    expect((await scan(join(folder, 'DICOMDIR'))).studies).toHaveLength(1);
  });

  it('reads files without ending, without preamble, big endian and deflated', async () => {
    const folder = await folderOf({
      'IM0001.img': dicomFile(mrSlice({ positionLps: [0, 0, 0] }), { preamble: 'none' }),
      IM0002: dicomFile(mrSlice({ positionLps: [0, 0, 2] }), { syntax: EXPLICIT_BIG_ENDIAN }),
      IM0003: dicomFile(mrSlice({ positionLps: [0, 0, 4] }), { syntax: DEFLATED_LITTLE_ENDIAN }),
    });
    expect((await scan(folder)).studies[0]!.summary.series[0]!.size).toEqual([4, 3, 3]);
  });

  it('reads a header longer than the first piece of a file', async () => {
    const long = { vr: 'OB', value: new Uint8Array(300_000) };
    const folder = await folderOf({ 'a.dcm': dicomFile(mrSlice({ extra: { 593936: long } })) });
    expect((await scan(folder)).studies).toHaveLength(1);
  });

  it('comes to an end in loops of links, and counts no file twice', async () => {
    const folder = await folderOf(seriesFiles('sub/', mrSeries([0, 2])));
    await symlink(folder, join(folder, 'sub/loop'));
    await symlink(join(folder, 'sub'), join(folder, 'again'));
    await symlink(join(folder, 'nowhere'), join(folder, 'dangling'));
    const { studies, refused } = await scan(folder, folder);
    expect(studies[0]!.summary.series).toMatchObject([{ size: [4, 3, 2], warnings: [] }]);
    expect(refused.map(({ code }) => code)).toEqual(['not-found']);
  });

  it('never opens a pipe', async () => {
    const folder = await folderOf(seriesFiles('s', mrSeries([0, 2])));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect((await scan(folder)).refused.map(({ code }) => code)).toEqual(['not-an-image']);
    await rm(join(folder, 'pipe'));
  });

  it('reports progress and stops when told to', async () => {
    const folder = await folderOf(seriesFiles('s', mrSeries(Array.from({ length: 200 }, (_, n) => n))));
    const seen: Progress[] = [];
    await scanPaths([folder], { ...QUIET_JOB, progress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toMatchObject({ stage: 'reading', done: 192 });
    const abort = new AbortController();
    const job: JobContext = { signal: abort.signal, progress: () => abort.abort() };
    expect((await errorOf(scanPaths([folder], job))).code).toBe('cancelled');
  });
});

describe('where nothing is readable', () => {
  it('says what is wrong, with which file, and what to do', async () => {
    const whole = dicomFile(mrSlice());
    const nifti = niftiBytes();
    const wrong = nifti.slice();
    new DataView(wrong.buffer).setInt16(42, -5, true);
    const folder = await folderOf({
      'letter.txt': 'Dear reader',
      'cut.dcm': whole.subarray(0, 600),
      'cut.nii': nifti.subarray(0, 200),
      'wrong.nii': wrong,
      'many/a.txt': 'a',
      'many/b.txt': 'b',
      'mixed/a.txt': 'a',
      'mixed/cut.dcm': whole.subarray(0, 600),
    });
    const empty = await folderOf({});
    const expected = {
      'letter.txt': 'not-an-image',
      'cut.dcm': 'truncated',
      'cut.nii': 'truncated',
      'wrong.nii': 'bad-header',
      many: 'nothing-readable',
      mixed: 'nothing-readable',
      absent: 'not-found',
    };
    for (const [name, code] of Object.entries(expected)) {
      const error = await failure(join(folder, name));
      expect([name, error.code]).toEqual([name, code]);
      expect(error.path).toContain(join(folder, name));
      expect(error.hint).toBeTruthy();
      expect(formatError(toErrorData(error))).not.toContain('\n');
    }
    expect((await failure(empty)).code).toBe('empty-folder');
  });

  it('says where a right is missing', async () => {
    const folder = await folderOf(seriesFiles('locked/', mrSeries([0])));
    await chmod(join(folder, 'locked'), 0);
    // The superuser may read everything: then only the translation of the system's answer can be tested.
    if (process.getuid?.() === 0) {
      const refusal = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
      expect(readError(refusal, folder)).toMatchObject({ code: 'no-permission', path: folder });
      expect(readError(refusal, folder).hint).toMatch(/right/);
    } else {
      expect((await failure(join(folder, 'locked'))).code).toBe('no-permission');
    }
    await chmod(join(folder, 'locked'), 0o700);
  });

  it('throws for one bad path only where all are bad', async () => {
    const folder = await folderOf(seriesFiles('s', mrSeries([0, 2])));
    const { studies, refused } = await scan(folder, join(folder, 'absent'));
    expect(studies).toHaveLength(1);
    expect(refused.map(({ code }) => code)).toEqual(['not-found']);
  });
});
