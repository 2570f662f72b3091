import type { Affine } from '../volume/affine.ts';
import { addScaled, cross, dot, type Vec3 } from '../volume/vec.ts';

export type PhantomOrientation = 'axial' | 'sagittal' | 'coronal' | 'oblique';

/** Directions of increasing column and row. Oblique: axial, tilted by 20° about x and then turned by 10° about z. */
export function orientationAxes(orientation: PhantomOrientation): readonly [Vec3, Vec3] {
  switch (orientation) {
    case 'axial':
      return [
        [1, 0, 0],
        [0, 1, 0],
      ];
    case 'sagittal':
      return [
        [0, 1, 0],
        [0, 0, -1],
      ];
    case 'coronal':
      return [
        [1, 0, 0],
        [0, 0, -1],
      ];
    case 'oblique': {
      const turn = rotationRows([20, 0, 10]);
      return [column(turn, 0), column(turn, 1)];
    }
  }
}

/**
 * Rigid motion as an affine: rotation about x, then y, then z through the origin (degrees, right-handed in
 * LPS), then a translation (mm). Takes where a point of the head was to where it is afterwards; with the
 * target unmoved and the reference moved, it is what registration has to find (fixed to moving).
 */
export function rigidMotion(rotationDeg: Vec3, translationMm: Vec3): Affine {
  const r = rotationRows(rotationDeg);
  return [
    [...r[0], translationMm[0]],
    [...r[1], translationMm[1]],
    [...r[2], translationMm[2]],
  ];
}

/** Inverse of a rigid affine. */
export function invertRigid(motion: Affine): Affine {
  const t: Vec3 = [motion[0][3], motion[1][3], motion[2][3]];
  const row = (n: 0 | 1 | 2) => {
    const c: Vec3 = [motion[0][n], motion[1][n], motion[2][n]];
    return [...c, -dot(c, t)] as const;
  };
  return [row(0), row(1), row(2)];
}

/** Positions (centre of pixel (0, 0)) of equally spaced slices centred on `centreLps`, ascending along the normal. */
export function slicePositions(
  axes: readonly [Vec3, Vec3],
  size: { columns: number; rows: number; slices: number },
  spacingMm: readonly [number, number],
  stepMm: number,
  centreLps: Vec3,
): Vec3[] {
  const normal = cross(axes[0], axes[1]);
  const corner = addScaled(
    addScaled(centreLps, axes[0], (-(size.columns - 1) / 2) * spacingMm[0]),
    axes[1],
    (-(size.rows - 1) / 2) * spacingMm[1],
  );
  return Array.from({ length: size.slices }, (_, n) =>
    addScaled(corner, normal, (n - (size.slices - 1) / 2) * stepMm),
  );
}

function rotationRows(deg: Vec3): readonly [Vec3, Vec3, Vec3] {
  const [a, b, c] = deg.map((d) => (d * Math.PI) / 180) as [number, number, number];
  const [ca, sa, cb, sb, cc, sc] = [
    Math.cos(a),
    Math.sin(a),
    Math.cos(b),
    Math.sin(b),
    Math.cos(c),
    Math.sin(c),
  ];
  return [
    [cc * cb, cc * sb * sa - sc * ca, cc * sb * ca + sc * sa],
    [sc * cb, sc * sb * sa + cc * ca, sc * sb * ca - cc * sa],
    [-sb, cb * sa, cb * ca],
  ];
}

function column(rows: readonly [Vec3, Vec3, Vec3], n: 0 | 1 | 2): Vec3 {
  return [rows[0][n], rows[1][n], rows[2][n]];
}
