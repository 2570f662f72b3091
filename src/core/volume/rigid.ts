import { type Affine, applyAffine } from './affine.ts';
import type { Grid, Row4 } from './grid.ts';
import { cross, dot, norm, normalize, scale, subtract, type Vec3 } from './vec.ts';

/** Mathematics of rigid motions in patient space (LPS, mm), as affines of three rows. */

/** The motion that applies `inner` first and `outer` second: p ↦ outer(inner(p)). */
export function composeAffine(outer: Affine, inner: Affine): Affine {
  const row = (r: Row4): Row4 => [
    r[0] * inner[0][0] + r[1] * inner[1][0] + r[2] * inner[2][0],
    r[0] * inner[0][1] + r[1] * inner[1][1] + r[2] * inner[2][1],
    r[0] * inner[0][2] + r[1] * inner[1][2] + r[2] * inner[2][2],
    r[0] * inner[0][3] + r[1] * inner[1][3] + r[2] * inner[2][3] + r[3],
  ];
  return [row(outer[0]), row(outer[1]), row(outer[2])];
}

/** The inverse of any affine with a non-zero determinant. */
export function invertAffine(a: Affine): Affine {
  const column = (c: 0 | 1 | 2): Vec3 => [a[0][c], a[1][c], a[2][c]];
  const [x, y, z] = [column(0), column(1), column(2)];
  const yz = cross(y, z);
  const determinant = x[0] * yz[0] + x[1] * yz[1] + x[2] * yz[2];
  const rows = [yz, cross(z, x), cross(x, y)].map((r) => scale(r, 1 / determinant));
  const shift: Vec3 = [a[0][3], a[1][3], a[2][3]];
  const row = (r: Vec3): Row4 => [r[0], r[1], r[2], -(r[0] * shift[0] + r[1] * shift[1] + r[2] * shift[2])];
  return [row(rows[0]!), row(rows[1]!), row(rows[2]!)];
}

/** The motion p ↦ rotation·(p − centre) + centre + translation. */
export function rigidAbout(
  rotation: readonly [Vec3, Vec3, Vec3],
  translationMm: Vec3,
  centreLps: Vec3,
): Affine {
  const row = (n: 0 | 1 | 2): Row4 => {
    const r = rotation[n];
    const turned = r[0] * centreLps[0] + r[1] * centreLps[1] + r[2] * centreLps[2];
    return [r[0], r[1], r[2], centreLps[n] + translationMm[n] - turned];
  };
  return [row(0), row(1), row(2)];
}

/** Rows of the rotation by |vector| radians about `vector` (Rodrigues' formula, right-handed). */
export function rotationFromVector(vector: Vec3): readonly [Vec3, Vec3, Vec3] {
  const angle = norm(vector);
  const [x, y, z] = normalize(vector);
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const t = 1 - c;
  return [
    [c + x * x * t, x * y * t - z * s, x * z * t + y * s],
    [y * x * t + z * s, c + y * y * t, y * z * t - x * s],
    [z * x * t - y * s, z * y * t + x * s, c + z * z * t],
  ];
}

/**
 * Rows of the rotation of ITK's Euler3DTransform (ComputeZYX off): Rz(angleZ)·Rx(angleX)·Ry(angleY),
 * angles in radians (itkEuler3DTransform.hxx, ComputeMatrix).
 */
export function rotationFromItkEuler(angles: Vec3): readonly [Vec3, Vec3, Vec3] {
  const [cx, cy, cz] = [Math.cos(angles[0]), Math.cos(angles[1]), Math.cos(angles[2])];
  const [sx, sy, sz] = [Math.sin(angles[0]), Math.sin(angles[1]), Math.sin(angles[2])];
  return [
    [cz * cy - sz * sx * sy, -sz * cx, cz * sy + sz * sx * cy],
    [sz * cy + cz * sx * sy, cz * cx, sz * sy - cz * sx * cy],
    [-cx * sy, sx, cx * cy],
  ];
}

/** The angles (radians) of `rotationFromItkEuler` for a rigid motion. */
export function itkEulerAngles(a: Affine): Vec3 {
  // Of the two forms this one keeps its digits near ±90°, where the sine is flat.
  const angleX = Math.atan2(a[2][1], Math.hypot(a[2][0], a[2][2]));
  if (Math.abs(Math.cos(angleX)) < 1e-8) return [angleX, 0, Math.atan2(a[1][0], a[0][0])];
  return [angleX, Math.atan2(-a[2][0], a[2][2]), Math.atan2(-a[0][1], a[1][1])];
}

/** How far the columns of a rotation may be from unit length and right angles. */
const RIGID = 1e-6;

/** Whether an affine is a rotation and a shift: no scaling, no shear, no mirror. */
export function isRigid(a: Affine): boolean {
  const column = (n: 0 | 1 | 2): Vec3 => [a[0][n], a[1][n], a[2][n]];
  const [x, y, z] = [column(0), column(1), column(2)];
  return (
    a.flat().every(Number.isFinite) &&
    [x, y, z].every((axis) => Math.abs(norm(axis) - 1) <= RIGID) &&
    Math.abs(dot(x, y)) <= RIGID &&
    norm(subtract(cross(x, y), z)) <= 2 * RIGID
  );
}

/** Angle of the rotation of a rigid motion, degrees, 0 to 180. */
export function rotationAngleDeg(a: Affine): number {
  // Of the two forms the sine is exact near 0°, where the trace loses half the digits.
  const sine = Math.hypot(a[2][1] - a[1][2], a[0][2] - a[2][0], a[1][0] - a[0][1]) / 2;
  const cosine = (a[0][0] + a[1][1] + a[2][2] - 1) / 2;
  return (Math.atan2(sine, cosine) * 180) / Math.PI;
}

/** How far a motion carries one point, mm. */
export function displacementMm(a: Affine, point: Vec3): number {
  return norm(subtract(applyAffine(a, point), point));
}

/** Mean distance between where two motions carry the same points, mm. */
export function meanDistanceMm(a: Affine, b: Affine, points: readonly Vec3[]): number {
  let sum = 0;
  for (const p of points) sum += norm(subtract(applyAffine(a, p), applyAffine(b, p)));
  return sum / points.length;
}

/** The grid whose voxels lie where a rigid motion carries the voxels of `grid`. */
export function moveGrid(grid: Grid, motion: Affine): Grid {
  const turn = (v: Vec3): Vec3 => subtract(applyAffine(motion, v), applyAffine(motion, [0, 0, 0]));
  return {
    ...grid,
    originLps: applyAffine(motion, grid.originLps),
    axesLps: [turn(grid.axesLps[0]), turn(grid.axesLps[1]), turn(grid.axesLps[2])],
  };
}
