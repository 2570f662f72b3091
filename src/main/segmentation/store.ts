import { randomUUID } from 'node:crypto';
import { TandemError } from '../../core/errors.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import type { Vec3 } from '../../core/volume/vec.ts';
import { markedName, type SegmentationFacts } from './summary.ts';

/** Acquired, interpolated and enhanced of a few models, side by side, and a correction of each. */
const MOST = 16;
const MOST_BYTES = 1024 ** 3;
const BYTES_A_VOXEL = 9;

const kept = new Map<string, SegmentationFacts>();

/**
 * Keeps a segmentation while the workstation runs, without the pixels of its image; of too many, or too large ones,
 * those used longest ago are forgotten.
 */
export function keepSegmentation(one: SegmentationFacts): string {
  const id = randomUUID();
  kept.set(id, one);
  let bytes = 0;
  for (const [number, [key, { image, found }]] of [...kept].reverse().entries()) {
    bytes += BYTES_A_VOXEL * image.geometry.rows * image.geometry.columns * found.labels.length;
    if (number > 0 && (number >= MOST || bytes > MOST_BYTES)) kept.delete(key);
  }
  return id;
}

/** @throws TandemError `series-not-found` where it is not in memory (any more) */
export function findSegmentation(id: string): SegmentationFacts {
  const found = kept.get(id);
  if (found === undefined) {
    throw new TandemError('series-not-found', 'This segmentation is not in memory any more', {
      hint: 'Segment again.',
    });
  }
  kept.delete(id);
  kept.set(id, found);
  return found;
}

/** Forgets one, if it is there. */
export function forgetSegmentation(id: string): void {
  kept.delete(id);
}

/** What was found, as slices on its image's grid. */
export function segmentationStack(
  { image, found }: SegmentationFacts,
  what: 'labels' | 'probability' | 'agreement' = 'labels',
): SliceStack {
  const slices = image.positionsLps.map((positionLps: Vec3, n: number) => ({
    positionLps,
    pixels: Float32Array.from(found[what][n]!),
  }));
  return { ...image.geometry, slices };
}

/** What a segmentation is of and by, for people. */
export function segmentationTitle(facts: SegmentationFacts): string {
  const { summary } = facts.image.entry;
  const by = facts.correction === undefined ? '' : ', corrected by hand';
  return `${summary.description || summary.contrast.name}, ${facts.image.words}, segmented by ${markedName(facts)}${by}: research-use preview`;
}
