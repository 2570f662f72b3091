import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { TAG } from '../../../src/core/dicom/tags.ts';
import { EXPLICIT_BIG_ENDIAN } from '../../../src/core/dicom/transferSyntax.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { loadSeries } from '../../../src/main/studies/load.ts';
import { readNiftiFile } from '../../../src/main/studies/niftiFile.ts';
import { resolveSeries } from '../../../src/main/studies/resolve.ts';
import { dicomFile, ds, mrSeries, mrSlice } from '../../helpers/dicomBuilder.ts';
import { errorOf, folderOf, niftiBytes, seriesFiles } from './helpers.ts';

const resolve = (series: string, ...paths: string[]) => resolveSeries({ paths, series }, QUIET_JOB);

describe('loadSeries', () => {
  it('gives every slice its own position and pixels, gaps included', async () => {
    const slices = [6, 0, 2].map((z, n) =>
      mrSlice({ positionLps: [0, 0, z], instanceNumber: n + 1, rows: 2, columns: 2, pixels: [z, 1, 2, 3] }),
    );
    const folder = await folderOf(seriesFiles('s', slices));
    const { stack, entry } = await loadSeries(await resolve(folder), QUIET_JOB);
    expect(entry.summary.warnings.map(({ code }) => code)).toEqual(['gap']);
    expect(stack.slices.map(({ positionLps, pixels }) => [positionLps[2], [...pixels]])).toEqual([
      [0, [0, 1, 2, 3]],
      [2, [2, 1, 2, 3]],
      [6, [6, 1, 2, 3]],
    ]);
    expect(stack).toMatchObject({ columns: 2, rows: 2, spacingMm: [0.5, 0.5], sliceThicknessMm: 2 });
    expect(stack.slices[0]!.source).toMatchObject({
      path: join(folder, 's2.dcm'),
      sopClassUid: '1.2.840.10008.5.1.4.1.1.4',
    });
  });

  it('applies each slice’s own rescale, in either byte order', async () => {
    const rescaled = (z: number, slope: number) =>
      mrSlice({
        positionLps: [0, 0, z],
        extra: { [TAG.RescaleSlope]: ds(slope), [TAG.RescaleIntercept]: ds(-1) },
      });
    const folder = await folderOf({
      a: dicomFile(rescaled(0, 2)),
      b: dicomFile(rescaled(2, 0.5), { syntax: EXPLICIT_BIG_ENDIAN }),
    });
    const { stack } = await loadSeries(await resolve(folder), QUIET_JOB);
    expect(stack.slices.map(({ pixels }) => [...pixels.subarray(0, 3)])).toEqual([
      [-1, 1, 3],
      [-1, -0.5, 0],
    ]);
  });

  it('refuses a series without geometry, and files that changed since they were listed', async () => {
    const none = await folderOf(
      seriesFiles('s', mrSeries([0], { extra: { [TAG.PixelSpacing]: undefined } })),
    );
    expect((await errorOf(loadSeries(await resolve(none), QUIET_JOB))).code).toBe('bad-geometry');
    const folder = await folderOf(seriesFiles('s', mrSeries([0, 2])));
    const entry = await resolve(folder);
    await writeFile(join(folder, 's2.dcm'), dicomFile(mrSlice({ positionLps: [0, 0, 9] })));
    expect((await errorOf(loadSeries(entry, QUIET_JOB))).message).toMatch(/changed/);
  });

  it('takes NIfTI slices normal to the largest spacing, or as told', async () => {
    const folder = await folderOf({ 't1.nii': niftiBytes({ size: [2, 4, 3], spacingMm: [5, 1, 1] }) });
    const entry = await resolve(join(folder, 't1.nii'));
    const { stack } = await loadSeries(entry, QUIET_JOB);
    expect([stack.columns, stack.rows, stack.slices.length]).toEqual(entry.summary.size);
    expect(entry.geometry!.positionsLps).toEqual(stack.slices.map(({ positionLps }) => positionLps));
    expect(stack.slices.length).toBe(2);
    const axial = await loadSeries(entry, QUIET_JOB, { plane: 'axial' });
    expect(axial.stack.slices.length).toBe(3);
  });
});

describe('readNiftiFile', () => {
  it('reads the same volume from .nii and .nii.gz, and ignores what follows it', async () => {
    const bytes = niftiBytes();
    const folder = await folderOf({
      'a.nii': bytes,
      'a.nii.gz': gzipSync(bytes),
      'b.nii.gz': gzipSync(Buffer.concat([bytes, Buffer.alloc(100)])),
    });
    const plain = await readNiftiFile(join(folder, 'a.nii'));
    expect([...plain.voxels]).toEqual(Array.from({ length: 24 }, (_, n) => n));
    expect(await readNiftiFile(join(folder, 'a.nii.gz'))).toEqual(plain);
    expect(await readNiftiFile(join(folder, 'b.nii.gz'))).toEqual(plain);
  });

  it('inflates no more than the header declares, and believes no header beyond reason', async () => {
    const bytes = niftiBytes();
    const huge = bytes.slice();
    const view = new DataView(huge.buffer);
    for (const n of [1, 2, 3]) view.setInt16(40 + 2 * n, 4000, true);
    const larger = bytes.slice();
    new DataView(larger.buffer).setInt16(42, 30_000, true);
    const compressed = gzipSync(bytes);
    const folder = await folderOf({
      'huge.nii': huge,
      'huge.nii.gz': gzipSync(huge),
      'larger.nii': larger,
      'larger.nii.gz': gzipSync(larger),
      'cut.nii.gz': compressed.subarray(0, compressed.length - 20),
      'damaged.nii.gz': Buffer.concat([compressed.subarray(0, 12), Buffer.alloc(200, 0xff)]),
      'bomb.nii.gz': gzipSync(Buffer.concat([bytes, Buffer.alloc(50_000_000)])),
    });
    const code = async (name: string) => (await errorOf(readNiftiFile(join(folder, name)))).code;
    expect(await code('huge.nii')).toBe('too-large');
    expect(await code('huge.nii.gz')).toBe('too-large');
    expect(await code('larger.nii')).toBe('truncated');
    expect(await code('larger.nii.gz')).toBe('truncated');
    expect(await code('cut.nii.gz')).toBe('truncated');
    expect(['bad-header', 'truncated']).toContain(await code('damaged.nii.gz'));
    expect((await readNiftiFile(join(folder, 'bomb.nii.gz'))).voxels.length).toBe(24);
    expect(await code('absent.nii')).toBe('not-found');
  });
});
