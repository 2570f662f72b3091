import type { EvaluatedImage } from '../../../core/contract/segmentationEvaluation.ts';
import {
  diceOfSlices,
  diceOfVolume,
  type Masks,
  maskOf,
  meanOfKnown,
} from '../../../core/segmentation/overlap.ts';
import { hausdorff95 } from '../../../core/segmentation/surfaceDistance.ts';
import { type SliceStack, slicePositionsMm } from '../../../core/volume/sliceStack.ts';

type Overlap = EvaluatedImage['truth'];

/** How two masks on the slices of a stack agree; any label is marked. */
export function overlapOf(found: Masks, truth: Masks, stack: SliceStack): Overlap {
  const [a, b] = [maskOf(found), maskOf(truth)];
  const { rows, columns, spacingMm } = stack;
  return {
    dice: diceOfVolume(a, b),
    diceSlices: meanOfKnown(diceOfSlices(a, b)),
    hd95Mm: hausdorff95(a, b, { rows, columns, spacingMm, positionsMm: slicePositionsMm(stack) }),
  };
}
