import { stackToVolume } from '../../core/volume/convert.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { readError } from './readErrors.ts';

/**
 * The regular grid under a series' stack (`stackToVolume`).
 * @param path of the series, which an error names
 * @throws TandemError `bad-geometry`
 */
export function regularVolume(stack: SliceStack, path: string): Volume {
  try {
    return stackToVolume(stack);
  } catch (error) {
    throw readError(error, path);
  }
}
