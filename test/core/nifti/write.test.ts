import { describe, expect, it } from 'vitest';
import { parseNifti } from '../../../src/core/nifti/read.ts';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import { type Grid, gridAffine } from '../../../src/core/volume/grid.ts';
import { scale, type Vec3 } from '../../../src/core/volume/vec.ts';
import { fillVolume, noiseVolume, obliqueAxes } from '../volume/volumes.ts';

const [I, J, K] = obliqueAxes();
const grid: Grid = {
  size: [4, 3, 2],
  spacingMm: [0.5, 0.75, 3],
  originLps: [-91.5, 40.25, 7],
  axesLps: [I, J, K],
};

const difference = (a: Grid, b: Grid): number => {
  const other = gridAffine(b).flat();
  return Math.max(
    ...gridAffine(a)
      .flat()
      .map((x, n) => Math.abs(x - other[n]!)),
  );
};

describe('encodeNifti', () => {
  it('comes back with voxels, geometry and description', () => {
    const volume = noiseVolume(grid);
    const image = parseNifti(encodeNifti(volume, { description: 'research use' }));
    expect(image.volume.voxels).toEqual(volume.voxels);
    expect(image.dataType).toBe('float32');
    expect(image.description).toBe('research use');
    expect(difference(image.volume.grid, grid)).toBeLessThan(1e-5);
  });

  const rotations: [string, Grid['axesLps']][] = [
    ['oblique', [I, J, K]],
    ['left-handed', [I, J, scale(K, -1)]],
    ['turned half about i', [I, scale(J, -1), scale(K, -1)]],
    ['turned half about j', [scale(I, -1), J, scale(K, -1)]],
    ['turned half about k', [scale(I, -1), scale(J, -1), K]],
    ['permuted', [K, I, J]],
    [
      'exactly −1, −1, −1',
      [
        [-1, 0, 0],
        [0, -1, 0],
        [0, 0, -1],
      ] as [Vec3, Vec3, Vec3],
    ],
  ];
  it.each(rotations)('says the same by qform alone: %s', (_, axesLps) => {
    const turned = { ...grid, axesLps };
    const bytes = encodeNifti(noiseVolume(turned));
    new DataView(bytes.buffer).setInt16(254, 0, true);
    const image = parseNifti(bytes);
    expect(image.geometry).toBe('qform');
    expect(difference(image.volume.grid, turned)).toBeLessThan(1e-4);
  });

  it('writes the fields of nifti1.h at their places', () => {
    const bytes = encodeNifti(fillVolume(grid, ([i, j, k]) => i + 10 * j - 100 * k));
    const view = new DataView(bytes.buffer);
    const short = (at: number) => view.getInt16(at, true);
    const float = (at: number) => view.getFloat32(at, true);
    expect(view.getInt32(0, true)).toBe(348);
    expect([0, 1, 2, 3, 4].map((n) => short(40 + 2 * n))).toEqual([3, 4, 3, 2, 1]);
    expect([short(70), short(72), float(108), float(112)]).toEqual([4, 16, 352, 1]);
    expect([1, 2, 3].map((n) => float(76 + 4 * n))).toEqual([0.5, 0.75, 3]);
    expect([short(252), short(254), view.getUint8(123) & 7]).toEqual([1, 1, 2]);
    // RAS: x and y of the LPS origin change sign.
    expect([float(292), float(308), float(324)]).toEqual([91.5, -40.25, 7]);
    expect(float(280)).toBeCloseTo(-I[0] * 0.5, 6);
    expect(new TextDecoder().decode(bytes.subarray(344, 348))).toBe('n+1\0');
    expect(bytes.length).toBe(352 + 48);
    expect([0, 1, 4, 12].map((n) => short(352 + 2 * n))).toEqual([0, 1, 10, -100]);
  });

  it('is int16 where every value fits, float32 where one does not', () => {
    const type = (value: number) =>
      parseNifti(encodeNifti(fillVolume(grid, ([i]) => (i === 0 ? value : 5)))).dataType;
    expect([32767, -32768].map(type)).toEqual(['int16', 'int16']);
    expect([32768, -32769, 0.5, Number.NaN].map(type)).toEqual(['float32', 'float32', 'float32', 'float32']);
  });

  it('rounds and clips where int16 is asked for', () => {
    const values = [1.5, 1.4, -2.6, 40000, -40000, 0];
    const volume = fillVolume({ ...grid, size: [6, 1, 1] }, ([i]) => values[i]!);
    expect([...parseNifti(encodeNifti(volume, { dataType: 'int16' })).volume.voxels]).toEqual([
      2, 1, -3, 32767, -32768, 0,
    ]);
  });

  it('leaves the qform out where axes are skewed', () => {
    const skewed: Grid = {
      ...grid,
      axesLps: [
        [1, 0, 0],
        [0.1, Math.sqrt(0.99), 0],
        [0, 0, 1],
      ],
    };
    const bytes = encodeNifti(noiseVolume(skewed));
    expect(new DataView(bytes.buffer).getInt16(252, true)).toBe(0);
    expect(difference(parseNifti(bytes).volume.grid, skewed)).toBeLessThan(1e-5);
  });

  it('does not let a long description run into the next field', () => {
    const image = parseNifti(encodeNifti(noiseVolume(grid), { description: 'x'.repeat(200) }));
    expect(image.description).toBe('x'.repeat(79));
  });

  it('refuses a side that does not fit', () => {
    const long: Grid = { ...grid, size: [40000, 1, 1] };
    expect(() => encodeNifti(noiseVolume(long))).toThrow(expect.objectContaining({ code: 'too-large' }));
  });
});
