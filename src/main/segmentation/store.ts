import { randomUUID } from 'node:crypto';
import { TandemError } from '../../core/errors.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import type { Vec3 } from '../../core/volume/vec.ts';
import { markedName, type SegmentationFacts } from './summary.ts';

/** Acquired, interpolated and enhanced of a few models, side by side. */
const MOST = 8;
const MOST_BYTES = 1024 ** 3;
/** Labels, probability and agreement of a voxel. */
const BYTES_A_VOXEL = 9;

interface Kept {
  readonly facts: SegmentationFacts;
  /** What a reader made of it: the latest; it shares all but the labels. */
  readonly correction?: { readonly id: string; readonly facts: SegmentationFacts } | undefined;
}

/** By the id of what a model found, those used longest ago first. */
const kept = new Map<string, Kept>();

/**
 * Keeps what a model found while the workstation runs, without the pixels of its image; of too many, or too large
 * ones, those used longest ago are forgotten, with what readers made of them.
 */
export function keepSegmentation(facts: SegmentationFacts): string {
  const id = randomUUID();
  kept.set(id, { facts });
  forgetOldest();
  return id;
}

/**
 * Keeps the correction of a segmentation, in the place of the one before.
 * @param id of what the model found
 */
export function keepCorrection(id: string, facts: SegmentationFacts): string {
  const correction = { id: randomUUID(), facts };
  kept.set(id, { facts: originalOf(id).facts, correction });
  forgetOldest();
  return correction.id;
}

/** @throws TandemError `series-not-found` where it is not in memory (any more) */
export function findSegmentation(id: string): SegmentationFacts {
  const key = kept.has(id) ? id : [...kept].find(([, { correction }]) => correction?.id === id)?.[0];
  const { facts, correction } = originalOf(key ?? id);
  return correction?.id === id ? correction.facts : facts;
}

/** The latest used now. */
function originalOf(id: string): Kept {
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

function forgetOldest(): void {
  let bytes = 0;
  for (const [number, [key, { facts, correction }]] of [...kept].reverse().entries()) {
    const { image, found } = facts;
    const voxels = image.geometry.rows * image.geometry.columns * found.labels.length;
    bytes += (BYTES_A_VOXEL + (correction === undefined ? 0 : 1)) * voxels;
    if (number > 0 && (number >= MOST || bytes > MOST_BYTES)) kept.delete(key);
  }
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
