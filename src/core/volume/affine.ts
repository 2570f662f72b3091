import type { Row4 } from './grid.ts';
import type { Vec3 } from './vec.ts';

/** Three rows of four: takes a point (x, y, z, 1) in LPS mm to another. Fixed → moving in registration. */
export type Affine = readonly [Row4, Row4, Row4];

export const IDENTITY_AFFINE: Affine = [
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 1, 0],
];

export function applyAffine(a: Affine, p: Vec3): Vec3 {
  return [
    a[0][0] * p[0] + a[0][1] * p[1] + a[0][2] * p[2] + a[0][3],
    a[1][0] * p[0] + a[1][1] * p[1] + a[1][2] * p[2] + a[1][3],
    a[2][0] * p[0] + a[2][1] * p[1] + a[2][2] * p[2] + a[2][3],
  ];
}
