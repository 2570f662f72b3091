import type { Affine } from '../volume/affine.ts';
import { type Grid, gridAffine } from '../volume/grid.ts';

/** NIfTI keeps geometry in RAS, the project in LPS: the first two rows change sign. Its own inverse. */
export function flipRasLps(a: Affine): Affine {
  const negative = (row: Affine[number]): Affine[number] => [-row[0], -row[1], -row[2], -row[3]];
  return [negative(a[0]), negative(a[1]), a[2]];
}

export interface Quaternion {
  readonly b: number;
  readonly c: number;
  readonly d: number;
  /** 1 or −1: whether k runs along i × j or against it. */
  readonly qfac: number;
}

/**
 * Affine (RAS) of a quaternion, voxel sizes and offset: nifti1.h, METHOD 2. A quaternion a little longer
 * than 1 is taken as one of a = 0, as the reference implementation does.
 */
export function affineOfQuaternion(
  { b, c, d, qfac }: Quaternion,
  spacingMm: readonly [number, number, number],
  offset: readonly [number, number, number],
): Affine {
  const square = b * b + c * c + d * d;
  const a = square < 1 ? Math.sqrt(1 - square) : 0;
  const shrink = square > 1 ? 1 / Math.sqrt(square) : 1;
  const [x, y, z] = [b * shrink, c * shrink, d * shrink];
  const [si, sj, sk] = [spacingMm[0], spacingMm[1], spacingMm[2] * qfac];
  return [
    [(a * a + x * x - y * y - z * z) * si, 2 * (x * y - a * z) * sj, 2 * (x * z + a * y) * sk, offset[0]],
    [2 * (x * y + a * z) * si, (a * a + y * y - x * x - z * z) * sj, 2 * (y * z - a * x) * sk, offset[1]],
    [2 * (x * z - a * y) * si, 2 * (y * z + a * x) * sj, (a * a + z * z - x * x - y * y) * sk, offset[2]],
  ];
}

/**
 * The quaternion (RAS) nearest to a grid's axes: the third axis is made a right-handed (or, with qfac −1,
 * left-handed) partner of the first two, because a quaternion holds no skew.
 */
export function quaternionOfGrid(grid: Grid): Quaternion {
  const ras = flipRasLps(gridAffine(grid));
  const column = (axis: 0 | 1 | 2): [number, number, number] => {
    const mm = grid.spacingMm[axis];
    return [ras[0][axis] / mm, ras[1][axis] / mm, ras[2][axis] / mm];
  };
  const [r11, r21, r31] = column(0);
  // Gram-Schmidt, so that rounding or a slight skew cannot spoil the rotation.
  const raw = column(1);
  const overlap = raw[0] * r11 + raw[1] * r21 + raw[2] * r31;
  const straight = [raw[0] - overlap * r11, raw[1] - overlap * r21, raw[2] - overlap * r31] as const;
  const length = Math.hypot(...straight);
  const [r12, r22, r32] = [straight[0] / length, straight[1] / length, straight[2] / length];
  const [r13, r23, r33] = [r21 * r32 - r31 * r22, r31 * r12 - r11 * r32, r11 * r22 - r21 * r12];
  const k = column(2);
  const qfac = k[0] * r13 + k[1] * r23 + k[2] * r33 < 0 ? -1 : 1;

  const trace = r11 + r22 + r33;
  let [a, b, c, d] = [0, 0, 0, 0];
  if (trace > 0) {
    a = 0.5 * Math.sqrt(1 + trace);
    b = (0.25 * (r32 - r23)) / a;
    c = (0.25 * (r13 - r31)) / a;
    d = (0.25 * (r21 - r12)) / a;
  } else if (r11 >= r22 && r11 >= r33) {
    b = 0.5 * Math.sqrt(Math.max(0, 1 + r11 - r22 - r33));
    c = (0.25 * (r12 + r21)) / b;
    d = (0.25 * (r13 + r31)) / b;
    a = (0.25 * (r32 - r23)) / b;
  } else if (r22 >= r33) {
    c = 0.5 * Math.sqrt(Math.max(0, 1 + r22 - r11 - r33));
    b = (0.25 * (r12 + r21)) / c;
    d = (0.25 * (r23 + r32)) / c;
    a = (0.25 * (r13 - r31)) / c;
  } else {
    d = 0.5 * Math.sqrt(Math.max(0, 1 + r33 - r11 - r22));
    b = (0.25 * (r13 + r31)) / d;
    c = (0.25 * (r23 + r32)) / d;
    a = (0.25 * (r21 - r12)) / d;
  }
  return a < 0 ? { b: -b, c: -c, d: -d, qfac } : { b, c, d, qfac };
}
