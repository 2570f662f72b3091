import { rmsError } from './edges.ts';
import { truncateKspace } from './kspace.ts';
import type { SliceStack } from './sliceStack.ts';

/**
 * How far an enhanced image is from the data that it was made of: each of its slices degraded again by k-space
 * truncation, less the acquired slice; root mean square over all pixels, in the images' own units. 0 for any image
 * whose truncation gives what was acquired, such as the truth.
 *
 * @param enhanced slices of the acquired image's rows and columns times the scale
 */
export function inconsistency(acquired: SliceStack, enhanced: readonly Float32Array[], scale: 2 | 4): number {
  const [rows, columns] = [acquired.rows * scale, acquired.columns * scale];
  const again = enhanced.map((pixels) => truncateKspace(pixels, rows, columns, scale).pixels);
  return rmsError(
    acquired.slices.map(({ pixels }) => pixels),
    again,
  );
}
