import type { Measurement } from './measurement.ts';
import { planePointLps, regionOf } from './planarRegion.ts';
import { addScaled, cross, dot, subtract, type Vec3 } from './vec.ts';

/** What a plane shows of a measurement. */
export interface MeasurementSection {
  /** The measurement lies in the plane: all of it is seen. Else only where the plane cuts it. */
  readonly whole: boolean;
  /** Points of the patient: the measurement's own line or outline, or the cut's. */
  readonly lines: readonly (readonly Vec3[])[];
  readonly closed: boolean;
  /** Single points of the cut. */
  readonly dots: readonly Vec3[];
}

/** Below this sine two planes count as parallel: under 1°. */
const PARALLEL = 0.0175;

/**
 * What a plane through `lps` shows of a measurement; undefined where it passes it by.
 * @param reachMm how far from the plane still counts as in it: half the slice that is shown
 */
export function measurementSection(
  measurement: Measurement,
  normal: Vec3,
  lps: Vec3,
  reachMm: number,
): MeasurementSection | undefined {
  const { plane, kind } = measurement;
  const outline = outlineOf(measurement);
  const height = (point: Vec3): number => dot(subtract(point, lps), normal);
  const heights = outline.map(height);
  const isRegion = kind === 'rectangle' || kind === 'ellipse' || kind === 'freehand';
  const isParallel = 1 - Math.abs(dot(plane.normal, normal)) < PARALLEL ** 2 / 2;
  const isNear = heights.every((h) => Math.abs(h) <= reachMm + 1e-6);
  // A point, or a line that lies in the plane, is seen whole whatever plane it was drawn on.
  if (isNear && (isParallel || !isRegion))
    return { whole: true, lines: [outline], closed: isRegion, dots: [] };
  if (isParallel) return undefined;
  const crossings: Vec3[] = [];
  const segments = isRegion ? outline.length : outline.length - 1;
  for (let n = 0; n < segments; n++) {
    const next = (n + 1) % outline.length;
    const from = heights[n]!;
    const to = heights[next]!;
    if (from < 0 === to < 0) continue;
    crossings.push(addScaled(outline[n]!, subtract(outline[next]!, outline[n]!), from / (from - to)));
  }
  if (crossings.length === 0) return undefined;
  if (!isRegion) return { whole: false, lines: [], closed: false, dots: crossings };
  // Along the cut, every other stretch between crossings lies in the region.
  const [first] = crossings;
  const direction = cross(plane.normal, normal);
  const sorted = crossings
    .map((point) => ({ point, along: dot(subtract(point, first!), direction) }))
    .sort((a, b) => a.along - b.along)
    .map(({ point }) => point);
  const lines: Vec3[][] = [];
  for (let n = 0; n + 1 < sorted.length; n += 2) lines.push([sorted[n]!, sorted[n + 1]!]);
  return { whole: false, lines, closed: false, dots: [] };
}

/** The points to join: a line's own, or the corners of an outline. */
export function outlineOf(measurement: Measurement): readonly Vec3[] {
  const region = regionOf(measurement);
  if (region === undefined) return measurement.pointsLps;
  return region.outline.map((point) => planePointLps(region, point));
}
