import { createRandom } from '../random.ts';
import { brainTissue, cerebrumBaseDistance, HULL_MM } from './brain.ts';
import { ellipsoidDistance, insideEllipsoid } from './shapes.ts';
import { AIR, BONE, FAT, FLUID, LESION, MARROW, MUSCLE, OIL, SKIN, WHITE } from './tissues.ts';

/** A lesion: an ellipsoid in white matter. LPS millimetres in the head's own frame. */
export interface Lesion {
  readonly centreLps: readonly [number, number, number];
  readonly semiAxesMm: readonly [number, number, number];
}

/**
 * Tissue label at a point of the head's own frame (LPS, mm; origin in the middle of the cerebrum). The
 * head has scalp, fat, skull with marrow, fluid, a folded brain, eyes, neck, and an oil capsule on the
 * **left** temple, so that a mirrored image is recognised.
 */
export function headTissue(x: number, y: number, z: number, lesions: readonly Lesion[]): number {
  if (x * x + y * y > 13_500 || z > 110) return AIR;
  const vault = ellipsoidDistance(x, y, z, HULL_MM[0], HULL_MM[1], HULL_MM[2]);
  if (vault < 2.5) {
    const brain = brainTissue(x, y, z);
    if (brain === WHITE) {
      for (const { centreLps: c, semiAxesMm: s } of lesions) {
        if (insideEllipsoid(x - c[0], y - c[1], z - c[2], s[0], s[1], s[2])) return LESION;
      }
    }
    if (brain >= 0) return brain;
  }
  if (insideEllipsoid(x - 84, y + 4, z + 4, 4, 6, 6)) return OIL;
  if (vault >= 2.5) {
    const lower = brainTissue(x, y, z);
    if (lower >= 0) return lower;
  }
  const surface = headSurface(x, y, z);
  if (surface >= 0) return AIR;
  if (surface > -1.6) return SKIN;
  if (surface > -5) return FAT;

  const fossa = ellipsoidDistance(Math.abs(x) < 21 ? 0 : Math.abs(x) - 21, y - 44, z + 48, 35, 31, 27);
  // The cavity: the vault above the base of the skull, and the fossa of the cerebellum.
  const cranium = Math.min(Math.max(vault, -cerebrumBaseDistance(y, z)), fossa);
  if (cranium < 2.5) return FLUID;
  if (cranium < 4.5) return BONE;
  if (cranium < 7.5) return z > -30 ? MARROW : BONE;
  if (cranium < 9.5) return BONE;
  if (z > -20 && y > -78) return FAT;
  return face(x, y, z);
}

/** First-order distance to the skin: skull and face as ellipsoids, the neck as a cylinder; negative inside. */
function headSurface(x: number, y: number, z: number): number {
  const skull = ellipsoidDistance(x, y, z, HULL_MM[0] + 15.5, HULL_MM[1] + 15.5, HULL_MM[2] + 16);
  const jaw = ellipsoidDistance(x, y + 26, z + 52, 60, 72, 62);
  const occiput = ellipsoidDistance(x, y - 30, z + 50, 64, 58, 50);
  const neck = z < -50 ? Math.hypot(x, (y - 12) * 0.95) - 58 : 50;
  return Math.min(skull, jaw, occiput, neck);
}

function face(x: number, y: number, z: number): number {
  const across = Math.abs(x);
  if (insideEllipsoid(across - 31, y + 76, z + 32, 12, 12, 12)) return FLUID;
  if (insideEllipsoid(across - 30, y + 66, z + 32, 17, 22, 15)) return FAT;
  if (insideEllipsoid(across - 7, y + 68, z + 52, 5, 22, 17)) return AIR;
  if (insideEllipsoid(across - 28, y + 62, z + 60, 11, 13, 12)) return AIR;
  if (insideEllipsoid(x, y + 50, z + 88, 36, 34, 8)) return BONE;
  if (insideEllipsoid(x, y - 16, z + 90, 17, 17, 40)) return BONE;
  // Fat between the muscles.
  return Math.sin(x / 6.5) * Math.sin(y / 8 + z / 11) > 0.72 ? FAT : MUSCLE;
}

/** Lesions of 2 to 9 mm, scattered around the ventricles and below the cortex of the white matter. */
export function scatterLesions(count: number, seed: number): Lesion[] {
  const random = createRandom(seed).fork('lesions');
  const lesions: Lesion[] = [];
  while (lesions.length < count) {
    const centre = [random.between(-48, 48), random.between(-62, 62), random.between(4, 42)] as const;
    if (brainTissue(...centre) !== WHITE) continue;
    const size = random.between(2, 7);
    const semiAxes = [size, size * random.between(0.8, 1.3), size * random.between(0.8, 1.3)] as const;
    lesions.push({ centreLps: centre, semiAxesMm: semiAxes });
  }
  return lesions;
}
