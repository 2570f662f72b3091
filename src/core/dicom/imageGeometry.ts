import { cross, dot, norm, normalize, type Vec3 } from '../volume/vec.ts';
import type { DataSet } from './dataSet.ts';
import { TAG } from './tags.ts';

/** Where an image lies in the patient (Image Plane module, PS3.3 C.7.6.2). */
export interface InstanceGeometry {
  /** Centre of pixel (0, 0), LPS mm. */
  readonly positionLps: Vec3;
  /** Unit vector of increasing column index. */
  readonly iAxisLps: Vec3;
  /** Unit vector of increasing row index. */
  readonly jAxisLps: Vec3;
  /** Between columns and between rows, in that order. */
  readonly spacingMm: readonly [number, number];
}

/** Unit vectors rounded to three digits are off by less; what is off by more was not made by rounding. */
const ROUNDING = 0.002;
const MOST_OFF = 0.01;

/** The geometry of an image, or in words why it has none. */
export function readGeometry(dataSet: Pick<DataSet, 'decimals'>): InstanceGeometry | string {
  const position = dataSet.decimals(TAG.ImagePositionPatient);
  const orientation = dataSet.decimals(TAG.ImageOrientationPatient);
  const spacing = dataSet.decimals(TAG.PixelSpacing);
  if (position?.length !== 3) return 'no usable Image Position (Patient)';
  if (orientation?.length !== 6) return 'no usable Image Orientation (Patient)';
  if (spacing?.length !== 2 || spacing.some((value) => value <= 0)) return 'no usable Pixel Spacing';
  const row: Vec3 = [orientation[0]!, orientation[1]!, orientation[2]!];
  const column: Vec3 = [orientation[3]!, orientation[4]!, orientation[5]!];
  if (offUnit(row, column) > MOST_OFF) {
    return 'an Image Orientation (Patient) that is not two unit vectors at a right angle';
  }
  const iAxis = normalize(row);
  const normal = normalize(cross(iAxis, column));
  return {
    positionLps: [position[0]!, position[1]!, position[2]!],
    iAxisLps: iAxis,
    jAxisLps: cross(normal, iAxis),
    // Pixel Spacing gives the distance between rows first (PS3.3, 10.7.1.3).
    spacingMm: [spacing[1]!, spacing[0]!],
  };
}

/**
 * What an orientation leaves open that is nearly, and not but for rounding, two unit vectors at a right angle;
 * undefined where nothing. Such an image is read as if it were turned by as little as makes it right.
 */
export function orientationDoubt(dataSet: Pick<DataSet, 'decimals'>): string | undefined {
  const values = dataSet.decimals(TAG.ImageOrientationPatient);
  if (values?.length !== 6) return undefined;
  const [a, b, c, d, e, f] = values as [number, number, number, number, number, number];
  const off = offUnit([a, b, c], [d, e, f]);
  if (off <= ROUNDING || off > MOST_OFF) return undefined;
  return 'The Image Orientation (Patient) is not exactly two unit vectors at a right angle, and is read as if it were';
}

/** How far two vectors are from unit length and a right angle. */
function offUnit(row: Vec3, column: Vec3): number {
  return Math.max(Math.abs(norm(row) - 1), Math.abs(norm(column) - 1), Math.abs(dot(row, column)));
}
