import { percentile } from './intensity.ts';
import type { Masks, Slices } from './metrics.ts';

/** The share of the masked voxels, those of the steepest gradient, that are edges. */
const STEEPEST = 0.1;

/**
 * The edges of a true volume: of the voxels of `mask`, the tenth with the steepest in-plane gradient. The gradient
 * is by central differences, per millimetre (at the rim of the image its missing side counts as equal); the bound
 * is the 90th percentile over the whole mask, so that slices with much detail have more edges than others. A volume
 * without any gradient has none.
 *
 * @param truth slices, each rows × columns
 * @param spacingMm along a row and along a column
 */
export function edgeMasks(
  truth: Slices,
  mask: Masks,
  rows: number,
  columns: number,
  spacingMm: readonly [number, number],
): Uint8Array[] {
  const gradients = truth.map((pixels) => gradientOf(pixels, rows, columns, spacingMm));
  const inside = gradients.map((gradient, s) => gradient.filter((_, at) => mask[s]![at] !== 0));
  const bound = percentile(inside, 100 * (1 - STEEPEST)) ?? Number.POSITIVE_INFINITY;
  return gradients.map((gradient, s) =>
    Uint8Array.from(gradient, (steepness, at) =>
      mask[s]![at] !== 0 && steepness > 0 && steepness >= bound ? 1 : 0,
    ),
  );
}

/** Root mean square of image − truth over the voxels of a mask; NaN where it has none. */
export function rmsError(truth: Slices, image: Slices, mask?: Masks): number {
  let sum = 0;
  let count = 0;
  for (const [s, pixels] of truth.entries()) {
    const other = image[s]!;
    const within = mask?.[s];
    for (let at = 0; at < pixels.length; at++) {
      if (within !== undefined && within[at] === 0) continue;
      sum += (other[at]! - pixels[at]!) ** 2;
      count++;
    }
  }
  return Math.sqrt(sum / count);
}

function gradientOf(
  pixels: Float32Array,
  rows: number,
  columns: number,
  [alongRowMm, alongColumnMm]: readonly [number, number],
): Float32Array {
  const gradient = new Float32Array(pixels.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      const left = pixels[column > 0 ? at - 1 : at]!;
      const right = pixels[column < columns - 1 ? at + 1 : at]!;
      const above = pixels[row > 0 ? at - columns : at]!;
      const below = pixels[row < rows - 1 ? at + columns : at]!;
      gradient[at] = Math.hypot((right - left) / (2 * alongRowMm), (below - above) / (2 * alongColumnMm));
    }
  }
  return gradient;
}
