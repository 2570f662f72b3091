import { readFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TAG } from '../../../src/core/dicom/tags.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { parseNifti } from '../../../src/core/nifti/read.ts';
import { indexToLps } from '../../../src/core/volume/grid.ts';
import { convertOperation } from '../../../src/main/export/convertOperation.ts';
import { dicomFile, ds, type Elements, is, mrSeries } from '../../helpers/dicomBuilder.ts';
import { folderOf } from '../studies/helpers.ts';

describe('tandem convert', () => {
  let root: string;
  let input: string;
  let out: string;
  beforeEach(async () => {
    root = await folderOf({});
    input = join(root, 'in');
    out = join(root, 'out', 'X.nii');
    await mkdir(input);
    await mkdir(join(root, 'out'));
  });
  afterEach(() => rm(root, { recursive: true }));

  const write = async (slices: readonly Elements[]): Promise<void> => {
    for (const [n, slice] of slices.entries()) await writeFile(join(input, `IM${n}`), dicomFile(slice));
  };
  const convert = (series?: string) => convertOperation({ input, series, out }, QUIET_JOB);
  const written = () => readdir(join(root, 'out')).then((names) => names.sort());

  it('keeps stored values with their slope, at the source’s places', async () => {
    await write(
      mrSeries([5, 8, 11], {
        spacingMm: [0.5, 0.75],
        extra: { [TAG.RescaleSlope]: ds(0.3), [TAG.RescaleIntercept]: ds(-7) },
      }),
    );
    const { volumes, refused } = await convert();
    expect(refused).toEqual([]);
    expect(volumes).toMatchObject([
      { path: out, size: [4, 3, 3], spacingMm: [0.5, 0.75, 3], dataType: 'int16', slope: 0.3, intercept: -7 },
    ]);
    const bytes = new Uint8Array(readFileSync(out));
    const view = new DataView(bytes.buffer);
    expect([view.getInt16(70, true), view.getInt16(252, true), view.getInt16(254, true)]).toEqual([4, 1, 1]);
    expect(Array.from({ length: 12 }, (_, n) => view.getInt16(352 + 2 * n, true))).toEqual(
      Array.from({ length: 12 }, (_, n) => n),
    );
    const { volume } = parseNifti(bytes);
    expect(volume.voxels[11]).toBeCloseTo(11 * 0.3 - 7, 5);
    for (const [axis, value] of indexToLps(volume.grid, [1, 1, 2]).entries()) {
      expect(value).toBeCloseTo([0.5, 0.75, 11][axis]!, 5);
    }
  });

  it('writes 32-bit floats where slices have slopes of their own, or values no 16 bits hold', async () => {
    const slices = mrSeries([0, 2]);
    await write([slices[0]!, { ...slices[1]!, [TAG.RescaleSlope]: ds(0.3), [TAG.RescaleIntercept]: ds(0) }]);
    expect((await convert()).volumes[0]).toMatchObject({ dataType: 'float32', slope: 1 });
    expect(parseNifti(new Uint8Array(readFileSync(out))).volume.voxels[23]).toBe(Math.fround(11 * 0.3));
    await rm(out);
    await write(mrSeries([0, 2], { pixels: Array.from({ length: 12 }, (_, n) => 65_535 - n) }));
    expect((await convert()).volumes[0]!.dataType).toBe('float32');
  });

  it('names the volumes of a series that splits, and leaves a gap empty', async () => {
    await write([...mrSeries([0, 2, 6], { te: 11 }), ...mrSeries([0, 2, 4], { te: 90 })]);
    const { volumes } = await convert('2');
    expect(await written()).toEqual(['X_e1.nii', 'X_e2.nii']);
    expect(volumes.map(({ size, emptySlices }) => [size[2], emptySlices])).toEqual([
      [4, 1],
      [3, 0],
    ]);
    expect(volumes[0]!.warnings.map(({ code }) => code)).toContain('gap');
    await rm(join(root, 'out', 'X_e1.nii'));
    await rm(join(root, 'out', 'X_e2.nii'));
    expect((await convert('1.2.3.2#e2')).volumes[0]!.path).toBe(out);
  });

  const repeated = (te: number, count: number, z = 0): Elements[] =>
    Array.from({ length: count }, (_, time) =>
      mrSeries([0, 2], {
        te,
        pixels: Array.from({ length: 12 }, (_, n) => 100 * time + n),
        extra: {
          [TAG.TemporalPositionIdentifier]: is(time + 1),
          [TAG.ImagePositionPatient]: undefined,
        },
      }).map((slice, n) => ({ ...slice, [TAG.ImagePositionPatient]: ds(z * time, 0, 2 * n) })),
    ).flat();

  it.each(['X.nii', 'X.nii.gz'])('writes volumes that repeat each other as one file, %s', async (name) => {
    out = join(root, 'out', name);
    await write([...repeated(11, 5), ...repeated(90, 3)]);
    const { volumes } = await convert();
    expect(await written()).toEqual([name.replace('X', 'X_e1'), name.replace('X', 'X_e2')]);
    expect(volumes.map(({ uid, volume }) => [uid.split('#')[1], volume])).toEqual([
      ...[1, 2, 3, 4, 5].map((n) => [`e1t${n}`, n]),
      ...[1, 2, 3].map((n) => [`e2t${n}`, n]),
    ]);
    const packed = readFileSync(volumes[0]!.path);
    const bytes = name.endsWith('gz') ? gunzipSync(packed) : packed;
    expect([0, 1, 2, 3, 4].map((n) => bytes.readInt16LE(40 + 2 * n))).toEqual([4, 4, 3, 2, 5]);
    expect(bytes.length).toBe(352 + 5 * 24 * 2);
    // Each volume begins with its first pixel, 100 times its number in time.
    expect([0, 1, 2, 3, 4].map((n) => bytes.readInt16LE(352 + n * 48))).toEqual([0, 100, 200, 300, 400]);
    await rm(join(root, 'out'), { recursive: true });
    await convert('1.2.3.2#e1t3');
    expect(await written()).toEqual([name]);
  });

  it('writes a file a volume where repetitions do not lie on one grid', async () => {
    await write(repeated(11, 3, 0.02));
    const { volumes } = await convert();
    expect(await written()).toEqual(['X_t1.nii', 'X_t2.nii', 'X_t3.nii']);
    expect(volumes.map(({ volume }) => volume)).toEqual([undefined, undefined, undefined]);
  });

  it('keeps the values of all volumes: floats where one of them needs floats', async () => {
    const volumes = repeated(11, 2);
    await write(
      volumes.map((slice, n) =>
        n < 2 ? slice : { ...slice, [TAG.RescaleSlope]: ds(0.3), [TAG.RescaleIntercept]: ds(0) },
      ),
    );
    const result = await convert();
    expect(result.volumes.map(({ dataType, slope }) => [dataType, slope])).toEqual([
      ['float32', 1],
      ['float32', 1],
    ]);
    const bytes = readFileSync(out);
    expect(bytes.readFloatLE(352 + 4 * 5)).toBe(5);
    expect(bytes.readFloatLE(352 + 4 * (24 + 5))).toBe(Math.fround(105 * 0.3));
  });

  it('writes no file over another, and none at all where one is in the way', async () => {
    await write([...mrSeries([0, 2], { te: 11 }), ...mrSeries([0, 2], { te: 90 })]);
    await writeFile(join(root, 'out', 'X_e2.nii'), 'kept');
    await expect(convert()).rejects.toMatchObject({ code: 'output-exists' });
    expect(await written()).toEqual(['X_e2.nii']);
  });

  it('asks which of several series, and says where there is no such', async () => {
    await write([...mrSeries([0, 2]), ...mrSeries([0, 2], { seriesUid: '1.2.3.8', seriesNumber: 8 })]);
    await expect(convert()).rejects.toMatchObject({ code: 'series-ambiguous' });
    await expect(convert('5')).rejects.toMatchObject({ code: 'series-not-found' });
    expect((await convert('1.2.3.8')).volumes[0]!.uid).toBe('1.2.3.8');
    out = join(root, 'out', 'X.png');
    await expect(convert('8')).rejects.toMatchObject({ code: 'usage' });
  });
});
