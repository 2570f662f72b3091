import { TandemError } from '../../core/errors.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import { findSegmentation } from './store.ts';

/**
 * What a segmentation found, as slices on its image's grid.
 * @throws TandemError `series-not-found` where it is not in memory any more
 */
export function segmentationStack(
  id: string,
  what: 'labels' | 'probability' | 'agreement',
): { readonly stack: SliceStack; readonly label: string } {
  const found = findSegmentation(id);
  if (found === undefined) {
    throw new TandemError('series-not-found', 'This segmentation is not in memory any more', {
      hint: 'Segment again.',
    });
  }
  const slices = found.positions.map((positionLps, n) => ({
    positionLps,
    pixels: Float32Array.from(found[what][n]!),
  }));
  return { stack: { ...found.geometry, slices }, label: found.label };
}
