import type { PatientPlane } from './sampleAt.ts';
import { cross, dot, norm, subtract, type Vec3 } from './vec.ts';

export const MEASUREMENT_KINDS = [
  'probe',
  'length',
  'angle',
  'rectangle',
  'ellipse',
  'freehand',
  'profile',
] as const;
export type MeasurementKind = (typeof MEASUREMENT_KINDS)[number];

/** Something measured at a place of the patient, whatever series are looked at there. */
export interface Measurement {
  readonly id: string;
  readonly name: string;
  readonly kind: MeasurementKind;
  /** The plane that it was drawn on; its points lie in it. */
  readonly plane: PatientPlane;
  /**
   * LPS, mm. `probe`: the point. `length`, `profile`: from, to. `angle`: end, vertex, end. `rectangle`,
   * `ellipse`: two opposite corners (of its frame). `freehand`: the outline, closed from last to first.
   */
  readonly pointsLps: readonly Vec3[];
}

/** How many points make one; a freehand outline has three or more. */
export const POINTS_NEEDED: Readonly<Record<Exclude<MeasurementKind, 'freehand'>, number>> = {
  probe: 1,
  length: 2,
  angle: 3,
  rectangle: 2,
  ellipse: 2,
  profile: 2,
};

/** Distance in mm. */
export function lengthMm(from: Vec3, to: Vec3): number {
  return norm(subtract(to, from));
}

/** The angle at the vertex, 0 to 180 degrees; NaN where a leg has no length. */
export function angleDegrees(end: Vec3, vertex: Vec3, otherEnd: Vec3): number {
  const a = subtract(end, vertex);
  const b = subtract(otherEnd, vertex);
  if (norm(a) === 0 || norm(b) === 0) return Number.NaN;
  // By the sine too: the cosine alone loses small angles.
  return (Math.atan2(norm(cross(a, b)), dot(a, b)) * 180) / Math.PI;
}
