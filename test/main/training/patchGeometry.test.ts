import { describe, expect, it } from 'vitest';
import { copyMovedPatch, copyPatch } from '../../../src/main/training/patchGeometry.ts';
import { imageOf } from './trainingCases.ts';

const [ROWS, COLUMNS] = [60, 72];
const SIDE = 16;
const ORIENTATIONS = [0, 1, 2, 3, 4, 5, 6, 7];
const place = (orientation: number) => ({ row: 20, column: 28, rows: ROWS, columns: COLUMNS, orientation });
const numbered = imageOf(ROWS, COLUMNS, (row, column) => row * COLUMNS + column);

/** Row and column in the image of every pixel of an oriented patch. */
function pixelsOf(orientation: number, grid: number): readonly (readonly [number, number])[] {
  const patch = new Float32Array(SIDE ** 2);
  copyPatch(numbered, patch, 0, SIDE, place(orientation), { grid });
  return [...patch].map((value) => [Math.floor(value / COLUMNS), value % COLUMNS]);
}

describe.each(ORIENTATIONS)('a patch that is moved, orientation %i', (orientation) => {
  it('shows the image where a rotation about the patch’s centre and a shift lead, in mm', () => {
    const spacingMm = [0.6, 1.1] as const;
    const scene = (x: number, y: number) => Math.sin(x / 4) * Math.cos(y / 5) + 0.02 * x;
    const image = imageOf(ROWS, COLUMNS, (row, column) => scene(column * spacingMm[0], row * spacingMm[1]));
    const motion = { shiftMm: [1.7, -2.3], rotationRad: 0.06, spacingMm } as const;
    const patch = new Float32Array(SIDE ** 2);
    copyMovedPatch(image, patch, 0, SIDE, place(orientation), motion, 2);
    const pixels = pixelsOf(orientation, 2).map(([row, column]) => [
      row * spacingMm[1],
      column * spacingMm[0],
    ]);
    const centre = [0, 1].map((axis) => pixels.reduce((sum, at) => sum + at[axis]!, 0) / pixels.length);
    const expected = pixels.map(([y, x]) => {
      const [dy, dx] = [y! - centre[0]!, x! - centre[1]!];
      const [cos, sin] = [Math.cos(motion.rotationRad), Math.sin(motion.rotationRad)];
      return scene(centre[1]! + cos * dx + sin * dy - 2.3, centre[0]! + cos * dy - sin * dx + 1.7);
    });
    const worst = expected.reduce((most, value, n) => Math.max(most, Math.abs(value - patch[n]!)), 0);
    expect(worst).toBeLessThan(2e-3);
  });

  it('is the very patch where nothing moves', () => {
    const [moved, still] = [new Float32Array(SIDE ** 2), new Float32Array(SIDE ** 2)];
    const motion = { shiftMm: [0, 0], rotationRad: 0, spacingMm: [1, 1] } as const;
    copyMovedPatch(numbered, moved, 0, SIDE, place(orientation), motion, 4);
    copyPatch(numbered, still, 0, SIDE, place(orientation), { grid: 4 });
    expect(moved).toEqual(still);
  });
});

describe('patches of images and of smaller ones', () => {
  it.each(
    ORIENTATIONS,
  )('are written at their offset only, and are 0 beyond the image: orientation %i', (orientation) => {
    const patches = new Float32Array(3 * SIDE ** 2).fill(-1);
    const corner = { ...place(orientation), row: ROWS - 6, column: COLUMNS - 5 };
    copyPatch(
      numbered.map((value) => value + 1),
      patches,
      SIDE ** 2,
      SIDE,
      corner,
    );
    const [before, patch, after] = [0, 1, 2].map((n) => patches.subarray(n * SIDE ** 2, (n + 1) * SIDE ** 2));
    expect(new Set([...before!, ...after!])).toEqual(new Set([-1]));
    expect(patch!.filter((value) => value > 0)).toHaveLength(6 * 5);
    expect(patch!.filter((value) => value === 0)).toHaveLength(SIDE ** 2 - 6 * 5);
  });

  it('of a moved image are 0 where it is far beyond', () => {
    const patch = new Float32Array(SIDE ** 2).fill(5);
    const motion = { shiftMm: [500, 0], rotationRad: 0, spacingMm: [1, 1] } as const;
    copyMovedPatch(numbered, patch, 0, SIDE, place(0), motion);
    expect(patch.every((value) => value === 0)).toBe(true);
  });
});
