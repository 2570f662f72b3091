import { randomUUID } from 'node:crypto';
import type { SliceStack } from '../../core/volume/sliceStack.ts';

/** A segmentation while the workstation runs. */
export interface StoredSegmentation {
  /** The grid of the image; its pixels are not kept. */
  readonly geometry: Omit<SliceStack, 'slices'>;
  readonly positions: readonly SliceStack['slices'][number]['positionLps'][];
  /** What it is of and by, for people. */
  readonly label: string;
  readonly labels: readonly Uint8Array[];
  readonly probability: readonly Float32Array[];
  readonly agreement: readonly Float32Array[];
}

/** Acquired, interpolated and enhanced of a few models, side by side. */
const MOST = 8;
const MOST_BYTES = 1024 ** 3;
const BYTES_A_VOXEL = 9;

const kept = new Map<string, StoredSegmentation>();

/** Keeps a segmentation; of too many, or too large ones, those used longest ago are forgotten. */
export function keepSegmentation(one: StoredSegmentation): string {
  const id = randomUUID();
  kept.set(id, one);
  let bytes = 0;
  for (const [number, [key, { geometry, labels }]] of [...kept].reverse().entries()) {
    bytes += BYTES_A_VOXEL * geometry.rows * geometry.columns * labels.length;
    if (number > 0 && (number >= MOST || bytes > MOST_BYTES)) kept.delete(key);
  }
  return id;
}

/** The segmentation of an id; undefined where it is not in memory (any more). */
export function findSegmentation(id: string): StoredSegmentation | undefined {
  const found = kept.get(id);
  if (found === undefined) return undefined;
  kept.delete(id);
  kept.set(id, found);
  return found;
}
