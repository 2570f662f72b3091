import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseNifti, parseNiftiHeader } from '../../../src/core/nifti/read.ts';
import { gridAffine } from '../../../src/core/volume/grid.ts';
import { reorientToRas } from '../../../src/core/volume/reorient.ts';
import { dataRoot } from '../../helpers/data.ts';
import { type HeaderFields, makeNifti, PLAIN, TYPES } from './headers.ts';

const values = Array.from({ length: 24 }, (_, n) => n * 3 + 1);
const flat = (rows: readonly (readonly number[])[]): number[] =>
  rows.flat().map((x) => Math.round(x * 1e4) / 1e4 + 0);

describe('parseNifti', () => {
  const kinds = ([1, 2] as const).flatMap((version) =>
    [true, false].flatMap((littleEndian) =>
      Object.entries(TYPES).map(([code, type]) => ({ version, littleEndian, code: Number(code), ...type })),
    ),
  );

  it.each(kinds)('reads version $version, $name, little endian $littleEndian', ({
    version,
    littleEndian,
    code,
    name,
    bytes,
  }) => {
    const image = parseNifti(makeNifti({ version, littleEndian, datatype: code, bitpix: bytes * 8 }, values));
    expect([...image.volume.voxels]).toEqual(values);
    expect(image.volume.grid.size).toEqual([2, 3, 4]);
    expect([image.dataType, image.version, image.littleEndian]).toEqual([name, version, littleEndian]);
    expect(image.warnings).toEqual([]);
  });

  it('applies slope and intercept, and ignores both where the slope is 0 or no number', () => {
    const read = (slope: number, intercept: number) =>
      parseNifti(makeNifti({ slope, intercept }, values)).volume.voxels[2];
    expect(read(0.5, -2)).toBe(1.5);
    expect(read(-2, 0)).toBe(-14);
    expect(read(0, 100)).toBe(7);
    expect(read(Number.NaN, Number.NaN)).toBe(7);
  });

  it('skips extensions before the voxels', () => {
    expect([...parseNifti(makeNifti({ voxOffset: 1008 }, values)).volume.voxels]).toEqual(values);
  });

  it('takes an absent voxel offset as the end of the header', () => {
    expect([...parseNifti(makeNifti({ voxOffset: 0 }, values)).volume.voxels]).toEqual(values);
  });

  it('reads bytes that start within a larger buffer', () => {
    const file = makeNifti({}, values);
    const buffer = new Uint8Array(file.length + 3);
    buffer.set(file, 3);
    expect([...parseNifti(buffer.subarray(3)).volume.voxels]).toEqual(values);
  });

  it('counts voxels that are no finite numbers and makes them 0', () => {
    const image = parseNifti(makeNifti({}, [Number.NaN, Number.POSITIVE_INFINITY, ...values.slice(2)]));
    expect([...image.volume.voxels]).toEqual([0, 0, ...values.slice(2)]);
    expect(image.warnings).toEqual([
      { code: 'not-finite-voxels', message: expect.stringContaining('2 voxels') },
    ]);
  });

  it('reads the first of several volumes and says so', () => {
    const image = parseNifti(makeNifti({ dim: [4, 2, 3, 4, 5, 1, 1, 1] }, [...values, ...Array(96).fill(9)]));
    expect([...image.volume.voxels]).toEqual(values);
    expect(image.warnings).toEqual([
      { code: 'first-volume-only', message: expect.stringContaining('5 volumes') },
    ]);
  });

  it('reads a single slice', () => {
    const image = parseNifti(makeNifti({ dim: [2, 6, 4, 77, 1, 1, 1, 1] }, values));
    expect(image.volume.grid.size).toEqual([6, 4, 1]);
  });
});

describe('geometry', () => {
  const sform = [0, -2, 0, 10, 3, 0, 0, 20, 0, 0, 4, 30];
  const affine = (changes: Partial<HeaderFields>) => {
    const image = parseNifti(makeNifti(changes, values));
    return {
      geometry: image.geometry,
      affine: flat(gridAffine(image.volume.grid)),
      warnings: image.warnings,
    };
  };

  it('is the sform in LPS where there is one', () => {
    const found = affine({ sform, qformCode: 1, quaternion: [0, 0, 0, 5, 5, 5] });
    expect(found.geometry).toBe('sform');
    expect(found.affine).toEqual([0, 2, 0, -10, -3, 0, 0, -20, 0, 0, 4, 30]);
  });

  it('is the qform where there is no sform: voxel sizes, rotation, handedness and offset', () => {
    // 90° about z (a = d = √½), k reversed by qfac.
    const found = affine({
      sformCode: 0,
      qformCode: 1,
      pixdim: [-1, 2, 3, 4, 0, 0, 0, 0],
      quaternion: [0, 0, Math.SQRT1_2, 7, 8, 9],
    });
    expect(found.geometry).toBe('qform');
    // RAS columns: i → +A, j → −R (left), k → −S; negate the first two rows for LPS.
    const expected = [0, 3, 0, -7, -2, 0, 0, -8, 0, 0, -4, 9];
    found.affine.forEach((value, n) => {
      expect(value).toBeCloseTo(expected[n]!, 5);
    });
  });

  it('is the qform where the sform is unusable, with a warning', () => {
    for (const damaged of [
      Array(12).fill(0),
      [1, 0, 0, 1e30, 0, 1, 0, 0, 0, 0, 1, 0],
      [Number.NaN, ...sform.slice(1)],
    ]) {
      const found = affine({ sform: damaged, qformCode: 1 });
      expect(found.geometry).toBe('qform');
      expect(found.warnings).toMatchObject([{ code: 'geometry-doubtful' }]);
    }
    expect(affine({ sform, qformCode: 1 }).warnings).toEqual([]);
  });

  it('is voxel sizes alone, with a warning, where there is neither', () => {
    const found = affine({ sformCode: 0, pixdim: [1, 2, 3, 0, 0, 0, 0, 0] });
    expect(found.geometry).toBe('pixdim');
    expect(found.affine).toEqual([-2, 0, 0, 0, 0, -3, 0, 0, 0, 0, 1, 0]);
    expect(found.warnings).toEqual([
      { code: 'missing-geometry', message: expect.stringContaining('position') },
    ]);
  });

  it('is brought from metres and micrometres to millimetres', () => {
    expect(affine({ sform: sform.map((x) => x / 1000), units: 1 }).affine).toEqual(affine({ sform }).affine);
    expect(affine({ sform: sform.map((x) => x * 1000), units: 3 | 8 }).affine).toEqual(
      affine({ sform }).affine,
    );
  });
});

describe('refused files', () => {
  const code = (changes: Partial<HeaderFields>, content: readonly number[] = values): string => {
    try {
      parseNifti(makeNifti(changes, content), '/data/case.nii');
    } catch (error) {
      const { code, path } = error as { code: string; path: string };
      expect(path).toBe('/data/case.nii');
      return code;
    }
    return 'read';
  };
  const dim = (...sides: number[]) => ({ dim: [sides.length, ...sides, ...Array(7 - sides.length).fill(1)] });

  it.each<[string, Partial<HeaderFields>, string]>([
    ['a negative side', dim(2, -1, 4), 'bad-header'],
    ['an empty side', dim(2, 0, 4), 'bad-header'],
    ['no dimensions', { dim: [0, 2, 3, 4, 1, 1, 1, 1] }, 'bad-header'],
    ['too many dimensions', { dim: [8, 2, 3, 4, 1, 1, 1, 1] }, 'bad-header'],
    ['a line', dim(24), 'bad-header'],
    ['a data type that does not exist', { datatype: 17 }, 'bad-header'],
    ['bits that do not fit the data type', { bitpix: 16 }, 'bad-header'],
    ['a singular orientation', { sform: [1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0] }, 'bad-header'],
    [
      'an orientation that is no number',
      { sform: [Number.NaN, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] },
      'bad-header',
    ],
    [
      'an infinite origin',
      { sform: [1, 0, 0, Number.POSITIVE_INFINITY, 0, 1, 0, 0, 0, 0, 1, 0] },
      'bad-header',
    ],
    [
      'a quaternion that is no number',
      { sformCode: 0, qformCode: 1, quaternion: [Number.NaN, 0, 0, 0, 0, 0] },
      'bad-header',
    ],
    [
      'voxel sizes that are no numbers',
      { sformCode: 0, pixdim: [1, Number.NaN, 1, 1, 0, 0, 0, 0] },
      'bad-header',
    ],
    ['an intercept that is no number', { slope: 2, intercept: Number.NaN }, 'bad-header'],
    ['voxels inside the header', { voxOffset: 100 }, 'bad-header'],
    ['a voxel offset that is no number', { voxOffset: Number.NaN }, 'bad-header'],
    ['voxels beyond the end', { voxOffset: 2e9 }, 'truncated'],
    ['fewer voxels than promised', dim(2, 3, 5), 'truncated'],
    ['a promise of terabytes', dim(32767, 32767, 32767), 'truncated'],
    ['a side of 2⁴⁰ in version 2', { version: 2, ...dim(2 ** 40, 1, 1) }, 'bad-header'],
    ['complex voxels', { datatype: 32, bitpix: 64 }, 'unsupported-format'],
    ['colour', { datatype: 128, bitpix: 24 }, 'unsupported-format'],
    ['a header whose voxels are in another file', { magic: 'ni1\0' }, 'unsupported-format'],
    ['ANALYZE', { magic: '\0\0\0\0' }, 'unsupported-format'],
  ])('%s', (_, changes, expected) => {
    expect(code(changes)).toBe(expected);
  });

  it.each([
    ['nothing', new Uint8Array(0), 'not-an-image'],
    ['text', new TextEncoder().encode('patient,age\n'.repeat(50)), 'not-an-image'],
    ['a header cut short', makeNifti({}).subarray(0, 200), 'truncated'],
  ])('%s', (_, bytes, expected) => {
    expect(() => parseNifti(bytes)).toThrow(expect.objectContaining({ code: expected }));
  });

  it('any one damaged header byte: read or refused, never anything else', () => {
    const whole = makeNifti({}, values);
    for (let at = 0; at < 352; at++) {
      for (const value of [0, 0x7f, 0x80, 0xff]) {
        const damaged = whole.slice();
        damaged[at] = value;
        try {
          const { volume } = parseNifti(damaged);
          expect(volume.voxels.length).toBeLessThanOrEqual(24);
        } catch (error) {
          expect((error as { name: string }).name).toBe('TandemError');
        }
      }
    }
  });
});

it('parses a header without its voxels', () => {
  const header = parseNiftiHeader(makeNifti({ description: 'TE=80' }).subarray(0, 348));
  expect(header).toMatchObject({
    size: [2, 3, 4],
    volumes: 1,
    description: 'TE=80',
    voxOffset: PLAIN.voxOffset,
  });
});

describe.skipIf(!dataRoot())('real files [needs shared data]', () => {
  const read = (path: string) => {
    const bytes = readFileSync(join(dataRoot() ?? '', path));
    return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  };

  it('reads all 48 orientations as one image in patient space', () => {
    const names = readdirSync(join(dataRoot() ?? '', 'orientation')).filter((name) =>
      name.endsWith('.nii.gz'),
    );
    expect(names).toHaveLength(48);
    const images = names.map((name) => reorientToRas(parseNifti(read(`orientation/${name}`)).volume));
    const first = images[0]!;
    for (const [n, image] of images.entries()) {
      expect(image.grid.size, names[n]).toEqual(first.grid.size);
      const difference = flat(gridAffine(image.grid)).map((x, at) =>
        Math.abs(x - flat(gridAffine(first.grid))[at]!),
      );
      expect(Math.max(...difference), names[n]).toBeLessThan(1e-3);
      expect(
        Buffer.compare(Buffer.from(image.voxels.buffer), Buffer.from(first.voxels.buffer)),
        names[n],
      ).toBe(0);
    }
  });

  it('finds the same place by sform and by qform', () => {
    for (const name of [
      'hostile/other/anatomical.nii',
      'dicom/dcm_qa_pdt2/Ref/Siemens_pd+t2_tse_sag_ISO_1.8mm_3_e1.nii',
      'registration/tcga-fg-6692-native/t2.nii.gz',
      'pairs/ms-long-01-v1/t2.nii.gz',
      'pairs/tcga-fg-6692/t1.nii.gz',
    ]) {
      const bytes = Uint8Array.from(read(name));
      const bySform = parseNifti(bytes);
      new DataView(bytes.buffer).setInt16(254, 0, bySform.littleEndian);
      const byQform = parseNifti(bytes);
      expect([bySform.geometry, byQform.geometry], name).toEqual(['sform', 'qform']);
      const [a, b] = [bySform, byQform].map((image) => gridAffine(image.volume.grid).flat()) as [
        number[],
        number[],
      ];
      expect(Math.max(...a.map((x, n) => Math.abs(x - b[n]!))), name).toBeLessThan(1e-3);
    }
  });

  it('reads NIfTI-2 and refuses a pair', () => {
    const image = parseNifti(read('hostile/other/example_nifti2.nii.gz'));
    expect(image.version).toBe(2);
    expect(() => parseNifti(read('hostile/other/nifti1.hdr'))).toThrow(
      expect.objectContaining({ code: 'unsupported-format' }),
    );
  });
});
