import type { Measurement } from './measurement.ts';
import type { PatientPlane } from './sampleAt.ts';
import { addScaled, dot, subtract, type Vec3 } from './vec.ts';

/** Right and down on a plane, mm from the region's origin. */
export type PlanePoint = readonly [number, number];

/** An area on a plane of the patient. */
export interface PlanarRegion {
  readonly plane: PatientPlane;
  readonly originLps: Vec3;
  /** Of the shape itself, not of the voxels in it. */
  readonly areaMm2: number;
  /** Its corners, or enough points of a curve to draw it. */
  readonly outline: readonly PlanePoint[];
  /** Whether a point lies in it; the rim of a rectangle or an ellipse counts as in. */
  readonly contains: (right: number, down: number) => boolean;
}

const ELLIPSE_POINTS = 72;
/** Rounding must not put a centre on the rim outside. */
const RIM = 1e-9;

/** The area of a rectangle, an ellipse or a freehand outline; undefined for what has none. */
export function regionOf({ kind, plane, pointsLps }: Measurement): PlanarRegion | undefined {
  const [originLps, opposite] = pointsLps;
  if (originLps === undefined || opposite === undefined) return undefined;
  const place = (point: Vec3): PlanePoint => {
    const d = subtract(point, originLps);
    return [dot(d, plane.right), dot(d, plane.down)];
  };
  if (kind === 'freehand') return freehand(plane, originLps, pointsLps.map(place));
  if (kind !== 'rectangle' && kind !== 'ellipse') return undefined;
  const [x, y] = place(opposite);
  const [cx, cy] = [x / 2, y / 2];
  const [rx, ry] = [Math.abs(cx), Math.abs(cy)];
  if (kind === 'rectangle') {
    return {
      plane,
      originLps,
      areaMm2: 4 * rx * ry,
      outline: [
        [0, 0],
        [x, 0],
        [x, y],
        [0, y],
      ],
      contains: (right, down) => Math.abs(right - cx) <= rx + RIM && Math.abs(down - cy) <= ry + RIM,
    };
  }
  return {
    plane,
    originLps,
    areaMm2: Math.PI * rx * ry,
    outline: Array.from({ length: ELLIPSE_POINTS }, (_, n) => {
      const angle = (2 * Math.PI * n) / ELLIPSE_POINTS;
      return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)] as const;
    }),
    contains: (right, down) =>
      rx > 0 && ry > 0 && ((right - cx) / rx) ** 2 + ((down - cy) / ry) ** 2 <= 1 + RIM,
  };
}

/** Area by the shoelace formula, inside by the even–odd rule: they agree for outlines that do not cross themselves. */
function freehand(
  plane: PatientPlane,
  originLps: Vec3,
  outline: readonly PlanePoint[],
): PlanarRegion | undefined {
  if (outline.length < 3) return undefined;
  let twice = 0;
  for (const [n, [x, y]] of outline.entries()) {
    const [nextX, nextY] = outline[(n + 1) % outline.length]!;
    twice += x * nextY - nextX * y;
  }
  return {
    plane,
    originLps,
    areaMm2: Math.abs(twice) / 2,
    outline,
    contains: (right, down) => {
      let inside = false;
      for (const [n, [x, y]] of outline.entries()) {
        const [nextX, nextY] = outline[(n + 1) % outline.length]!;
        if (y > down !== nextY > down && right < x + ((down - y) / (nextY - y)) * (nextX - x))
          inside = !inside;
      }
      return inside;
    },
  };
}

/** Where a point of a region's plane lies in the patient (LPS, mm). */
export function planePointLps(region: PlanarRegion, [right, down]: PlanePoint): Vec3 {
  return addScaled(addScaled(region.originLps, region.plane.right, right), region.plane.down, down);
}
