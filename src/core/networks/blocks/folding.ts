import * as z from 'zod';
import { pixelShuffle, pixelUnshuffle, type Tensor } from '../../graph/index.ts';
import { cropTo, padToMultiple } from './padding.ts';

/**
 * The option `fold`: blocks of fold × fold pixels become channels, the network works on an image of so much less
 * rows and columns, and what it makes is spread out again (space to depth; Shi et al., CVPR 2016, the other way
 * round). Nothing is lost, the same layers see fold times as far, and cost fold² less. Not in the papers; 1: as there.
 */
export const foldOption = z.literal([1, 2, 4]).default(1);

/** [N, C, H, W] → [N, C·fold², ⌈H/(fold·m)⌉·m, ⌈W/(fold·m)⌉·m]: continued to whole blocks, m of them where asked. */
export function folded(x: Tensor, fold: number, multiple = 1): Tensor {
  return fold === 1 ? x : pixelUnshuffle(padToMultiple(x, fold * multiple), fold);
}

/** The way back: [N, fold², ≥ rows/fold, ≥ columns/fold] → [N, 1, rows, columns]. */
export function unfolded(x: Tensor, fold: number, like: Tensor): Tensor {
  const [, , rows, columns] = like.shape as [number, number, number, number];
  return fold === 1 ? x : cropTo(pixelShuffle(x, fold), rows, columns);
}
