import { describe, expect, it } from 'vitest';
import { type Affine, applyAffine, IDENTITY_AFFINE } from '../../../src/core/volume/affine.ts';
import { type Grid, indexToLps } from '../../../src/core/volume/grid.ts';
import {
  composeAffine,
  displacementMm,
  invertAffine,
  itkEulerAngles,
  meanDistanceMm,
  moveGrid,
  rigidAbout,
  rotationAngleDeg,
  rotationFromItkEuler,
  rotationFromVector,
} from '../../../src/core/volume/rigid.ts';
import type { Vec3 } from '../../../src/core/volume/vec.ts';

const degrees = Math.PI / 180;
const points: Vec3[] = [
  [0, 0, 0],
  [10, -20, 30],
  [-70, 55, 12],
];
const motion = rigidAbout(rotationFromVector([0.2, -0.3, 0.5]), [5, 6, -7], [11, 12, 13]);
const other = rigidAbout(rotationFromVector([-1.1, 0.3, 0.05]), [50, -6, 2], [0, 90, 0]);

function expectClose(a: Vec3, b: Vec3): void {
  for (const axis of [0, 1, 2] as const) expect(a[axis]).toBeCloseTo(b[axis], 9);
}

describe('rigid motions', () => {
  it('compose as functions do: the inner one first', () => {
    for (const p of points) {
      expectClose(applyAffine(composeAffine(motion, other), p), applyAffine(motion, applyAffine(other, p)));
    }
  });

  it('are undone by their inverse, and so are affines that scale and shear', () => {
    const sheared: Affine = [
      [1.2, 0.1, 0, 4],
      [0, 0.9, 0.3, -2],
      [0.2, 0, 1.1, 7],
    ];
    for (const a of [motion, other, sheared]) {
      for (const p of points) expectClose(applyAffine(invertAffine(a), applyAffine(a, p)), p);
    }
  });

  it('turn about their centre: the centre moves by the translation alone', () => {
    expectClose(applyAffine(motion, [11, 12, 13]), [16, 18, 6]);
    expect(displacementMm(motion, [11, 12, 13])).toBeCloseTo(Math.hypot(5, 6, 7), 9);
  });

  it('turn right-handed: a quarter turn about z takes x to y', () => {
    const quarter = rigidAbout(rotationFromVector([0, 0, 90 * degrees]), [0, 0, 0], [0, 0, 0]);
    expectClose(applyAffine(quarter, [1, 0, 0]), [0, 1, 0]);
  });

  it.each([0, 1e-5, 5, 60, 120, 179.9])('have the angle they were made with: %d°', (angle) => {
    const unit = [0.48, 0.6, 0.64].map((c) => c * angle * degrees);
    const turn = rigidAbout(rotationFromVector([unit[0]!, unit[1]!, unit[2]!]), [0, 0, 0], [1, 2, 3]);
    expect(rotationAngleDeg(turn)).toBeCloseTo(angle, 7);
  });

  it('give back the angles of ITK’s Euler transform, also where one axis is at a right angle', () => {
    for (const angles of [
      [0.1, -0.2, 0.3],
      [-1.4, 0.8, 2.9],
      [Math.PI / 2, 0.4, -0.3],
      [0, 0, 0],
    ] as const) {
      const a = rigidAbout(rotationFromItkEuler([...angles]), [0, 0, 0], [0, 0, 0]);
      const again = rigidAbout(rotationFromItkEuler(itkEulerAngles(a)), [0, 0, 0], [0, 0, 0]);
      expect(meanDistanceMm(a, again, points)).toBeLessThan(1e-5);
    }
  });

  it('turn in the order Z·X·Y, as ITK does', () => {
    const about = (v: Vec3) => rigidAbout(rotationFromVector(v), [0, 0, 0], [0, 0, 0]);
    const expected = composeAffine(
      about([0, 0, 0.7]),
      composeAffine(about([0.3, 0, 0]), about([0, -0.5, 0])),
    );
    const euler = rigidAbout(rotationFromItkEuler([0.3, -0.5, 0.7]), [0, 0, 0], [0, 0, 0]);
    expect(meanDistanceMm(expected, euler, points)).toBeLessThan(1e-12);
  });

  it('carry a grid so that every voxel lands where the motion carries it', () => {
    const grid: Grid = {
      size: [4, 5, 6],
      spacingMm: [0.5, 1, 3],
      originLps: [7, 8, 9],
      axesLps: [
        [0, 1, 0],
        [0.6, 0, 0.8],
        [0.8, 0, -0.6],
      ],
    };
    const moved = moveGrid(grid, motion);
    for (const index of [
      [0, 0, 0],
      [3, 4, 5],
      [1.5, 0, 2],
    ] as const) {
      expectClose(indexToLps(moved, index), applyAffine(motion, indexToLps(grid, index)));
    }
  });

  it('are no distance from themselves and the length of a shift from the identity', () => {
    const shift = rigidAbout(rotationFromVector([0, 0, 0]), [3, 0, 4], [0, 0, 0]);
    expect(meanDistanceMm(motion, motion, points)).toBe(0);
    expect(meanDistanceMm(shift, IDENTITY_AFFINE, points)).toBeCloseTo(5, 12);
  });
});
