import { TandemError } from '../../core/errors.ts';
import { componentsOf } from '../../core/segmentation/components.ts';
import type { FoundPart } from '../../core/segmentation/findings.ts';
import { countMarked, maskOf } from '../../core/segmentation/overlap.ts';
import { labelsOfRuns } from '../../core/segmentation/runs.ts';
import { stackGrid } from '../../core/volume/convert.ts';
import type { Handler } from '../host/handler.ts';
import { findSegmentation, keepCorrection, segmentationStack } from './store.ts';
import { labelsHash, type SegmentationFacts } from './summary.ts';

/**
 * Keeps the labels that a reader made of those that a model found. What was too small to be kept of a model's is kept
 * of a reader's.
 * @throws TandemError `series-not-found` where it is not in memory any more, `usage` where the runs are not of its
 *   labelmap, or it is a correction itself
 */
export const correctOperation: Handler<'segmentationCorrect'> = async ({ id, runs }) => {
  const facts = findSegmentation(id);
  if (facts.correction !== undefined) {
    throw new TandemError('usage', 'This is a corrected segmentation', {
      hint: 'Name the one that the model found: a correction takes the place of the one before.',
    });
  }
  const { model, image, found } = facts;
  const { rows, columns } = image.geometry;
  const known = model.card.spec.labels;
  const { grid, planeOfSlice } = stackGrid(segmentationStack(facts));
  const inPlane = rows * columns;
  const whole = labelsOfRuns(runs, inPlane * grid.size[2], new Set(known.map(({ value }) => value)));
  const labels = planeOfSlice.map((plane) => whole.slice(plane * inPlane, (plane + 1) * inPlane));
  const parts = known.flatMap(({ value }) => partsOf(labels, value, facts));
  const change = changeOf(found.labels, labels);
  const correction = {
    addedMl: change.added * found.voxelMl,
    removedMl: change.removed * found.voxelMl,
  };
  const corrected = { ...facts, correction, found: { ...found, labels, parts, dropped: 0 } };
  return {
    id: keepCorrection(id, corrected),
    labels: known.map(({ value, name }) => ({
      value,
      name,
      ml: countMarked(maskOf(labels, value)) * found.voxelMl,
      parts: parts.filter(({ label }) => label === value).length,
    })),
    nothingFound: parts.length === 0,
    ...correction,
    labelsSha256: labelsHash(corrected.found),
  };
};

function partsOf(
  labels: readonly Uint8Array[],
  value: number,
  { image, found }: SegmentationFacts,
): FoundPart[] {
  const { map, parts } = componentsOf(maskOf(labels, value), image.geometry.rows, image.geometry.columns);
  const [first, last] = [new Map<number, number>(), new Map<number, number>()];
  for (const [n, slice] of map.entries()) {
    for (const number of slice) {
      if (number === 0) continue;
      if (!first.has(number)) first.set(number, n);
      last.set(number, n);
    }
  }
  return parts.map(({ number, voxels }) => {
    const slice = Math.floor((first.get(number)! + last.get(number)!) / 2);
    return { label: value, voxels, ml: voxels * found.voxelMl, confidence: 1, slice };
  });
}

/** Voxels that have a label now and had none or another, and those that lost theirs. */
function changeOf(before: readonly Uint8Array[], after: readonly Uint8Array[]) {
  let [added, removed] = [0, 0];
  for (const [n, slice] of before.entries()) {
    for (let at = 0; at < slice.length; at++) {
      const [was, is] = [slice[at]!, after[n]![at]!];
      if (was === is) continue;
      if (is !== 0) added++;
      if (was !== 0) removed++;
    }
  }
  return { added, removed };
}
