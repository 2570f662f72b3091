import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { operations } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { browseOperation } from '../../../src/main/studies/browseOperation.ts';
import { listOperation } from '../../../src/main/studies/listOperation.ts';
import { resolveSeries } from '../../../src/main/studies/resolve.ts';
import { mrSeries } from '../../helpers/dicomBuilder.ts';
import { errorOf, folderOf, niftiBytes, seriesFiles } from './helpers.ts';

const resolve = (series: string, ...paths: string[]) => resolveSeries({ paths, series }, QUIET_JOB);

const studyFolder = () =>
  folderOf({
    ...seriesFiles('t2/', mrSeries([0, 4, 8], { seriesUid: '1.2.3.20', seriesNumber: 6, te: 90 })),
    ...seriesFiles('t1/', mrSeries([0, 4, 8], { seriesUid: '1.2.3.30', seriesNumber: 5, te: 9, tr: 500 })),
    ...seriesFiles('dual/a', mrSeries([0, 4], { seriesUid: '1.2.3.40', seriesNumber: 7, te: 11 })),
    ...seriesFiles('dual/b', mrSeries([0, 4], { seriesUid: '1.2.3.40', seriesNumber: 7, te: 95 })),
  });

describe('resolveSeries', () => {
  it('finds a series by number, UID, beginning of a UID, and folder', async () => {
    const folder = await studyFolder();
    const uid = async (series: string) => (await resolve(series, folder)).summary.uid;
    expect(await uid('6')).toBe('1.2.3.20');
    expect(await uid('1.2.3.30')).toBe('1.2.3.30');
    expect(await uid('1.2.3.3')).toBe('1.2.3.30');
    expect(await uid('1.2.3.40#e2')).toBe('1.2.3.40#e2');
    expect(await uid(join(folder, 't1'))).toBe('1.2.3.30');
    expect(await uid('t1')).toBe('1.2.3.30');
    expect((await resolve(join(folder, 't2'))).summary.uid).toBe('1.2.3.20');
  });

  it('names the choices where a name means several, and what there is where it means none', async () => {
    const folder = await studyFolder();
    for (const series of ['7', '1.2.3.40', '1.2.3']) {
      const error = await errorOf(resolve(series, folder));
      expect(error.code).toBe('series-ambiguous');
      expect(error.hint).toContain('1.2.3.40#e1');
      expect(error.hint).toContain('1.2.3.40#e2');
    }
    const none = await errorOf(resolve('99', folder));
    expect(none).toMatchObject({ code: 'series-not-found', hint: expect.stringContaining('1.2.3.20') });
    expect(await errorOf(resolve(folder))).toMatchObject({ code: 'series-ambiguous', path: folder });
  });

  it('takes a series’ main stack for the series where a few images were set apart', async () => {
    const folder = await folderOf({
      ...seriesFiles('a', mrSeries([0, 4, 8])),
      ...seriesFiles('b', mrSeries([20], { columns: 5 })),
    });
    expect((await resolve('2', folder)).summary.size).toEqual([4, 3, 3]);
    expect((await resolve('1.2.3.2#2', folder)).summary.size).toEqual([5, 3, 1]);
  });

  it('finds NIfTI files by path, name and stem', async () => {
    const folder = await folderOf({ 't1.nii': niftiBytes(), 't2.nii': niftiBytes() });
    for (const series of [join(folder, 't2.nii'), 't2.nii', 't2']) {
      expect((await resolve(series, folder)).summary.path).toBe(join(folder, 't2.nii'));
    }
    expect((await errorOf(resolve(join(folder, 'absent.nii')))).code).toBe('not-found');
  });
});

describe('listOperation', () => {
  it('answers by the contract', async () => {
    const folder = await studyFolder();
    const result = await listOperation({ paths: [folder] }, QUIET_JOB);
    expect(operations.list.result.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
    expect(result.studies[0]!.pairs[0]).toMatchObject({ reference: '1.2.3.30' });
  });
});

describe('browseOperation', () => {
  it('lists folders and what could be images, by name', async () => {
    const folder = await folderOf({
      IM10: 'x',
      IM2: 'x',
      't1.nii.gz': 'x',
      'notes.txt': 'x',
      '.hidden/a': 'x',
      'sub/a': 'x',
    });
    const result = await browseOperation({ path: folder }, QUIET_JOB);
    expect(operations.browse.result.parse(result)).toEqual(result);
    expect(result.folders.map(({ name }) => name)).toEqual(['sub']);
    expect(result.files.map(({ name }) => name)).toEqual(['IM2', 'IM10', 't1.nii.gz']);
    expect(result.parent).not.toBeNull();
    expect((await browseOperation({ path: '/' }, QUIET_JOB)).parent).toBeNull();
    expect((await browseOperation({ path: folder, files: 'transform' }, QUIET_JOB)).files).toMatchObject([
      { name: 'notes.txt' },
    ]);
    const labels = await browseOperation({ path: join(folder, 't1.nii.gz'), files: 'labels' }, QUIET_JOB);
    expect(labels).toMatchObject({ path: folder, file: join(folder, 't1.nii.gz') });
    expect(labels.files.map(({ name }) => name)).toEqual(['IM2', 'IM10', 't1.nii.gz']);
    expect((await errorOf(browseOperation({ path: join(folder, 'IM2') }, QUIET_JOB))).code).toBe('not-found');
    expect((await errorOf(browseOperation({ path: join(folder, 'absent') }, QUIET_JOB))).code).toBe(
      'not-found',
    );
  });
});
