import { describe, expect, it } from 'vitest';
import { IDENTITY_AFFINE } from '../../../src/core/volume/affine.ts';
import type { Grid } from '../../../src/core/volume/grid.ts';
import { sliceSampler } from '../../../src/core/volume/resample.ts';
import { rigidAbout } from '../../../src/core/volume/rigid.ts';
import type { SliceStack } from '../../../src/core/volume/sliceStack.ts';
import { type DisturbedReference, disturbReference } from '../../../src/main/evaluation/disturbReference.ts';
import { fillVolume } from '../../core/volume/volumes.ts';

/** RAS: i to the right, j to the front, k to the head. 1 mm pixels, 2 mm slices, centred on (4, −6, 10). */
const grid: Grid = {
  size: [41, 51, 5],
  spacingMm: [1, 1, 2],
  originLps: [24, 19, 6],
  axesLps: [
    [-1, 0, 0],
    [0, -1, 0],
    [0, 0, 1],
  ],
};

/** A blob 8 mm to the front and 5 mm to the left of the centre, 3 mm wide. */
const blob = (to: Grid) =>
  fillVolume(to, (_, [x, y]) =>
    Math.exp(-((x - to.originLps[0] + 15) ** 2 + (y - to.originLps[1] + 33) ** 2) / 18),
  );

const target: SliceStack = {
  columns: 82,
  rows: 102,
  spacingMm: [0.5, 0.5],
  iAxisLps: [-1, 0, 0],
  jAxisLps: [0, -1, 0],
  sliceThicknessMm: 2,
  slices: [6, 8, 10, 12, 14].map((z) => ({ positionLps: [24.25, 19.25, z], pixels: new Float32Array(0) })),
};

/** Centroid in millimetres from the centre of the stack, along columns and rows. */
function centroid({ volume, transform }: Pick<DisturbedReference, 'volume' | 'transform'>): [number, number] {
  const { pixels } = sliceSampler(volume, target, { transform, slabMm: 0 })(2);
  let [sum, column, row] = [0, 0, 0];
  for (const [at, value] of pixels.entries()) {
    sum += value;
    column += value * ((at % 82) - 40.5);
    row += value * (Math.floor(at / 82) - 50.5);
  }
  return [(0.5 * column) / sum, (0.5 * row) / sum];
}

const placed = { volume: blob(grid), transform: IDENTITY_AFFINE };
const still = centroid(placed);
const disturbed = (other?: Parameters<typeof disturbReference>[2], from = placed) =>
  new Map([...disturbReference(target, from, other)].map((one) => [one.disturbance, one]));

describe('disturbReference', () => {
  it.each([1, 2, 3] as const)('shifts what is seen by %i mm along the rows', (mm) => {
    const [column, row] = centroid(disturbed().get(`shift-${mm}mm`)!);
    expect(column - still[0]).toBeCloseTo(mm, 2);
    expect(row - still[1]).toBeCloseTo(0, 2);
  });

  it('rotates what is seen by 2° about the centre of the target', () => {
    const [column, row] = centroid(disturbed().get('rotate-2deg')!);
    const [c, s] = [Math.cos((2 * Math.PI) / 180), Math.sin((2 * Math.PI) / 180)];
    expect(column).toBeCloseTo(c * still[0] - s * still[1], 2);
    expect(row).toBeCloseTo(s * still[0] + c * still[1], 2);
  });

  it('moves a reference from where registration laid it', () => {
    const motion = rigidAbout(
      [
        [0, -1, 0],
        [1, 0, 0],
        [0, 0, 1],
      ],
      [3, -2, 0],
      [4, -6, 10],
    );
    const turned = { ...placed, transform: motion };
    const from = centroid(turned);
    const found = disturbed(undefined, turned);
    const shifted = centroid(found.get('shift-3mm')!);
    expect(shifted[0] - from[0]).toBeCloseTo(3, 2);
    expect(shifted[1] - from[1]).toBeCloseTo(0, 2);
    const rotated = centroid(found.get('rotate-2deg')!);
    const [c, s] = [Math.cos((2 * Math.PI) / 180), Math.sin((2 * Math.PI) / 180)];
    expect(rotated[0]).toBeCloseTo(c * from[0] - s * from[1], 2);
    expect(rotated[1]).toBeCloseTo(s * from[0] + c * from[1], 2);
  });

  it('blanks it, where it was', () => {
    const { volume, transform } = disturbed().get('blank')!;
    expect(volume.grid).toEqual(grid);
    expect(volume.voxels).toHaveLength(placed.volume.voxels.length);
    expect(volume.voxels.every((value) => value === 0)).toBe(true);
    expect(transform).toEqual(placed.transform);
    expect(placed.volume.voxels.some((value) => value > 0)).toBe(true);
  });

  it('lays another patient’s grid centre on grid centre, wherever that scanner had it', () => {
    const elsewhere: Grid = { ...grid, originLps: [-200, 310, 95] };
    const other = disturbed({ name: 'other', volume: blob(elsewhere) });
    expect(other.has('mirrored')).toBe(false);
    const [column, row] = centroid(other.get('other-patient')!);
    expect(column).toBeCloseTo(still[0], 2);
    expect(row).toBeCloseTo(still[1], 2);
    expect(other.get('other-patient')!.note).toContain('other');
  });

  it('mirrors it front to back where there is no other patient', () => {
    const alone = disturbed();
    expect([...alone.keys()]).toEqual([
      'shift-1mm',
      'shift-2mm',
      'shift-3mm',
      'rotate-2deg',
      'blank',
      'mirrored',
    ]);
    const [column, row] = centroid(alone.get('mirrored')!);
    expect(column).toBeCloseTo(still[0], 2);
    expect(row).toBeCloseTo(-still[1], 2);
    expect(Math.abs(still[1])).toBeGreaterThan(5);
  });
});
