import type { Affine } from '../../volume/affine.ts';
import { applyAffine } from '../../volume/affine.ts';
import { addScaled, cross, dot, norm, scale, subtract, type Vec3 } from '../../volume/vec.ts';

/** The box of patient space that a slice covers: centre, and half its extent along columns, rows and normal. */
export interface Slab {
  readonly centreLps: Vec3;
  readonly halfAxesMm: readonly [Vec3, Vec3, Vec3];
}

export interface SlabGeometry {
  /** Centre of pixel (0, 0). */
  readonly positionLps: Vec3;
  readonly iAxisLps: Vec3;
  readonly jAxisLps: Vec3;
  /** Between columns and between rows. */
  readonly spacingMm: readonly [number, number];
  readonly columns: number;
  readonly rows: number;
  readonly thicknessMm: number;
}

export function slabOf(g: SlabGeometry): Slab {
  const centre = addScaled(
    addScaled(g.positionLps, g.iAxisLps, ((g.columns - 1) / 2) * g.spacingMm[0]),
    g.jAxisLps,
    ((g.rows - 1) / 2) * g.spacingMm[1],
  );
  return {
    centreLps: centre,
    halfAxesMm: [
      scale(g.iAxisLps, (g.columns * g.spacingMm[0]) / 2),
      scale(g.jAxisLps, (g.rows * g.spacingMm[1]) / 2),
      scale(cross(g.iAxisLps, g.jAxisLps), g.thicknessMm / 2),
    ],
  };
}

/** The slab carried by a rigid affine. */
export function moveSlab(slab: Slab, motion: Affine): Slab {
  const origin = applyAffine(motion, [0, 0, 0]);
  const turn = (v: Vec3) => subtract(applyAffine(motion, v), origin);
  const [i, j, k] = slab.halfAxesMm;
  return { centreLps: applyAffine(motion, slab.centreLps), halfAxesMm: [turn(i), turn(j), turn(k)] };
}

/** Slabs that only touch do not overlap. */
const TOUCHING_MM = 1e-3;

/**
 * Whether two slabs share more than a face: the separating axis test over the 15 axes of two boxes
 * (Gottschalk, Lin, Manocha, SIGGRAPH 1996).
 */
export function slabsOverlap(a: Slab, b: Slab): boolean {
  const between = subtract(b.centreLps, a.centreLps);
  const reach = (slab: Slab, axis: Vec3) =>
    slab.halfAxesMm.reduce((sum, half) => sum + Math.abs(dot(half, axis)), 0);
  const separates = (axis: Vec3): boolean => {
    const length = norm(axis);
    if (length < 1e-9) return false;
    const unit = scale(axis, 1 / length);
    return Math.abs(dot(between, unit)) >= reach(a, unit) + reach(b, unit) - TOUCHING_MM;
  };
  if ([...a.halfAxesMm, ...b.halfAxesMm].some(separates)) return false;
  return !a.halfAxesMm.some((x) => b.halfAxesMm.some((y) => separates(cross(unitOf(x), unitOf(y)))));
}

function unitOf(v: Vec3): Vec3 {
  return scale(v, 1 / (norm(v) || 1));
}
