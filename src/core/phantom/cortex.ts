import { createRandom } from '../random.ts';

/** Distance between neighbouring sulci is about half of this, mm. */
const WAVELENGTH_MM = 23;
const WAVES = 6;
const SULCUS_DEPTH_MM = 14;
const SULCUS_HALF_WIDTH_MM = 0.7;
export const CORTEX_THICKNESS_MM = 2.8;

/**
 * The folded surface of the brain: distance (mm) to the pial surface, negative in the fluid of a sulcus,
 * positive in the tissue. Sulci are the zero set of a sum of plane waves on the hull, continued inwards,
 * of limited depth; the distance to the zero set is |h| / |∇h| to first order. The same for every seed:
 * two phantoms are the same head.
 *
 * @param hullDepth depth below the hull, mm.
 * @param ux, uy, uz the point carried out to the hull along its radius, mm.
 */
export function pialDistance(hullDepth: number, ux: number, uy: number, uz: number): number {
  let h = 0;
  let gx = 0;
  let gy = 0;
  let gz = 0;
  // The deeper, the more the fold is sheared: real sulci do not go straight down.
  const shear = hullDepth * 0.045;
  for (let n = 0; n < WAVES; n++) {
    const kx = KX[n]!;
    const ky = KY[n]!;
    const kz = KZ[n]!;
    const phase = kx * ux + ky * uy + kz * uz + PHASE[n]! + shear * SHEAR[n]!;
    const sine = Math.sin(phase);
    h += Math.cos(phase);
    gx -= kx * sine;
    gy -= ky * sine;
    gz -= kz * sine;
  }
  const across = Math.abs(h) / Math.sqrt(gx * gx + gy * gy + gz * gz + 1e-9);
  const below = hullDepth - SULCUS_DEPTH_MM;
  const fold = (below <= 0 ? across : Math.sqrt(across * across + below * below)) - SULCUS_HALF_WIDTH_MM;
  return Math.min(hullDepth, fold);
}

/** Below this depth under the hull no fold reaches: all white matter (or deep structures). */
export const DEEPEST_CORTEX_MM = SULCUS_DEPTH_MM + SULCUS_HALF_WIDTH_MM + CORTEX_THICKNESS_MM;

const KX = new Float64Array(WAVES);
const KY = new Float64Array(WAVES);
const KZ = new Float64Array(WAVES);
const PHASE = new Float64Array(WAVES);
const SHEAR = new Float64Array(WAVES);
{
  const random = createRandom(20_140_223);
  for (let n = 0; n < WAVES; n++) {
    const [x, y, z] = [random.normal(), random.normal(), random.normal()];
    const k = ((2 * Math.PI) / WAVELENGTH_MM) * random.between(0.8, 1.2);
    const length = Math.hypot(x, y, z);
    KX[n] = (k * x) / length;
    KY[n] = (k * y) / length;
    KZ[n] = (k * z) / length;
    PHASE[n] = random.between(0, 2 * Math.PI);
    SHEAR[n] = random.between(-1, 1);
  }
}
