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
  // Generous to values rounded to three digits, and to nothing else.
  const isUnit = [row, column].every((axis) => Math.abs(norm(axis) - 1) <= 0.01);
  if (!isUnit || Math.abs(dot(row, column)) > 0.01) {
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
