import { CORTEX_THICKNESS_MM, DEEPEST_CORTEX_MM, pialDistance } from './cortex.ts';
import { ellipsoidDistance, insideEllipsoid } from './shapes.ts';
import { DEEP_GREY, FLUID, GREY, WHITE } from './tissues.ts';

/** Semi-axes of the hull of the cerebrum (left-right, front-back, foot-head), mm; its centre is the origin. */
export const HULL_MM = [66, 84, 62] as const;

/**
 * Tissue at a point of the cerebrum, cerebellum or brainstem, or -1 outside of them. Patient coordinates
 * (x to the left, y to the back, z to the head), mm. Left and right are not mirror images: the left
 * ventricle is wider, and the folds differ.
 */
export function brainTissue(x: number, y: number, z: number): number {
  const stem = brainstem(x, y, z);
  if (stem >= 0) return stem;
  const cerebellum = cerebellarTissue(x, y, z);
  if (cerebellum >= 0) return cerebellum;
  const distance = ellipsoidDistance(x, y, z, HULL_MM[0], HULL_MM[1], HULL_MM[2]);
  const aboveBase = cerebrumBaseDistance(y, z);
  const depth = Math.min(-distance, aboveBase);
  if (depth < 0) return -1;

  const deep = deepStructure(x, y, z);
  if (deep >= 0) return deep;

  let toPia = fissure(x, y, z);
  if (depth < DEEPEST_CORTEX_MM) {
    const f = Math.sqrt((x / HULL_MM[0]) ** 2 + (y / HULL_MM[1]) ** 2 + (z / HULL_MM[2]) ** 2) + 1e-9;
    const fold =
      depth === aboveBase ? pialDistance(depth, x, y, z - depth) : pialDistance(depth, x / f, y / f, z / f);
    toPia = Math.min(toPia, fold);
  }
  if (toPia < 0) return FLUID;
  return toPia < CORTEX_THICKNESS_MM ? GREY : WHITE;
}

/** Height above the flat base of the cerebrum, which dips to the back, mm. */
export function cerebrumBaseDistance(y: number, z: number): number {
  return z + 36 - 0.12 * y + 0.004 * y * y * (y < 0 ? 1 : 0.4) - 6;
}

/** Distance to the fissure between the hemispheres, which stops above the corpus callosum. */
function fissure(x: number, y: number, z: number): number {
  const core = ellipsoidDistance(0, y, z + 2, 1, 46, 26);
  const across = Math.abs(x + 0.8 * Math.sin(y / 17)) - 0.9;
  return core >= 0 ? across : Math.sqrt(Math.max(across, 0) ** 2 + core * core);
}

function deepStructure(x: number, y: number, z: number): number {
  if (Math.abs(x) > 36 || Math.abs(y) > 48 || z < -24 || z > 28) return -1;
  const side = x > 0 ? 1.15 : 1;
  const across = Math.abs(x);
  // Lateral ventricle: an arch that bows outwards to the back.
  const bow = across - 9 - 0.0045 * (y + 4) ** 2;
  if (insideEllipsoid(bow, y - 2, z - 10 + 0.006 * y * y, 5 * side, 34, 7)) return FLUID;
  if (insideEllipsoid(x, y - 6, z + 3, 1.8, 13, 8)) return FLUID;
  if (insideEllipsoid(across - 15, y + 16, z - 6, 4.5, 11, 8)) return DEEP_GREY;
  if (insideEllipsoid(across - 11, y - 10, z, 8, 13, 8)) return DEEP_GREY;
  if (insideEllipsoid(across - 27, y + 2, z + 1, 4.5, 15, 9)) return DEEP_GREY;
  if (insideEllipsoid(across - 20, y + 1, z + 3, 3, 9, 6)) return DEEP_GREY;
  return -1;
}

function brainstem(x: number, y: number, z: number): number {
  if (z > -10 || z < -100) return -1;
  const wide = z > -45 ? 13 - 0.012 * (z + 28) ** 2 : 9.5;
  const centre = 14 + 0.15 * (-10 - z);
  const f = (x / wide) ** 2 + ((y - centre) / (wide * 0.85)) ** 2;
  if (f < 1) return WHITE;
  // Fourth ventricle, and the fluid around the cord.
  if (z < -28 && z > -50 && insideEllipsoid(x, y - centre - 12, z + 39, 7, 4, 9)) return FLUID;
  return f < 1.7 && z < -36 ? FLUID : -1;
}

function cerebellarTissue(x: number, y: number, z: number): number {
  const distance = ellipsoidDistance(Math.abs(x) - 21, y - 46, z + 50, 29, 25, 20);
  if (distance >= 0) return -1;
  const depth = -distance;
  // Folia: thin parallel leaves, 4 mm apart, on a white core.
  const leaf = Math.sin((2 * Math.PI * (z + 0.45 * y + 1.6 * Math.sin(x / 9))) / 4.2);
  if (depth < 9) return leaf > 0.86 ? FLUID : leaf > -0.55 || depth < 1.5 ? GREY : WHITE;
  return WHITE;
}
