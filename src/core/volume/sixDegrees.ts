import { type Affine, applyAffine } from './affine.ts';
import { invertAffine, itkEulerAngles, rigidAbout, rotationFromItkEuler } from './rigid.ts';
import { subtract, type Vec3 } from './vec.ts';

/** Rigid motions as the six numbers that people read and set, in patient space (LPS, mm). */

/**
 * How something is moved: turned about a centre, then shifted. The rotation is Rz·Rx·Ry, which is to say: about
 * the patient's y axis (towards posterior) first, then x (towards left), then z (towards superior); the axes
 * stay fixed in space; positive is right-handed. The order is that of ITK's Euler3DTransform.
 */
export interface SixDegrees {
  /** About x, y and z, degrees. */
  readonly rotationDeg: Vec3;
  /** Towards left, posterior and superior, mm: how far the centre itself moves. */
  readonly translationMm: Vec3;
}

export const NO_MOTION: SixDegrees = { rotationDeg: [0, 0, 0], translationMm: [0, 0, 0] };

const DEGREE = Math.PI / 180;

/** The affine of a motion about a centre: p ↦ R·(p − centre) + centre + translation. */
export function affineOf({ rotationDeg, translationMm }: SixDegrees, centreLps: Vec3): Affine {
  const [x, y, z] = rotationDeg;
  const rotation = rotationFromItkEuler([x * DEGREE, y * DEGREE, z * DEGREE]);
  return rigidAbout(rotation, translationMm, centreLps);
}

/** The six numbers of a rigid affine about a centre. */
export function sixDegreesOf(motion: Affine, centreLps: Vec3): SixDegrees {
  const [x, y, z] = itkEulerAngles(motion);
  return {
    // Never −0, which reads as a turn to the other side.
    rotationDeg: [x / DEGREE + 0, y / DEGREE + 0, z / DEGREE + 0],
    translationMm: subtract(applyAffine(motion, centreLps), centreLps),
  };
}

/**
 * How the reference is moved onto the target, as it is seen to move: the inverse of the transform that takes
 * points of the target to the reference.
 */
export function referenceMotion(fixedToMoving: Affine, centreLps: Vec3): SixDegrees {
  return sixDegreesOf(invertAffine(fixedToMoving), centreLps);
}

/** The transform, target LPS → reference LPS, that a motion of the reference stands for. */
export function fixedToMovingOf(motion: SixDegrees, centreLps: Vec3): Affine {
  return canonicalRigid(invertAffine(affineOf(motion, centreLps)));
}

/** Digits after the point that angles (radians) and offsets (mm) of a canonical motion keep. */
const ANGLE_DIGITS = 12;
const OFFSET_DIGITS = 9;

/**
 * A rigid motion with angles to 1e-12 rad and offset to 1e-9 mm (below a nanometre over a head). Made canonical again, or after a
 * way through angles in a file, it is the same to the last bit: so a transform gives the same bytes whether
 * it was found here, read from a file or sent from a window.
 */
export function canonicalRigid(motion: Affine): Affine {
  const [x, y, z] = itkEulerAngles(motion);
  const angles: Vec3 = [rounded(x, ANGLE_DIGITS), rounded(y, ANGLE_DIGITS), rounded(z, ANGLE_DIGITS)];
  const offset = ([0, 1, 2] as const).map((axis) => rounded(motion[axis][3], OFFSET_DIGITS));
  const made = rigidAbout(rotationFromItkEuler(angles), [offset[0]!, offset[1]!, offset[2]!], [0, 0, 0]);
  const row = ([a, b, c, d]: Affine[0]): Affine[0] => [a + 0, b + 0, c + 0, d + 0];
  return [row(made[0]), row(made[1]), row(made[2])];
}

/** To so many digits; never −0, which no file tells from 0. */
function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits)) + 0;
}
