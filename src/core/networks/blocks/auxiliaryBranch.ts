import * as z from 'zod';
import { TandemError } from '../../errors.ts';
import { add, type Graph, l1Loss, mul, type Tensor } from '../../graph/index.ts';
import type { NetworkInputs, NetworkOutputs, TrainingTruth } from '../definition.ts';
import { convLayer } from './conv.ts';
import { folded, foldOption } from './folding.ts';
import { upsampler } from './upsampler.ts';

/** What MINet and SANet share: a branch for the auxiliary contrast beside that of the target, both at full resolution. */

/** Options of both networks. */
export const branchOptions = {
  /** Residual groups in a branch. */
  n_resgroups: z.int().min(1).max(16).default(6),
  /** Residual channel attention blocks in a group. */
  n_resblocks: z.int().min(1).max(32).default(6),
  n_feats: z.int().min(16).max(256).default(64),
  /** The target's branch sees the zero-filled target where it would enlarge the acquired one by itself (`globalSkip.ts`). */
  zero_filled_input: z.boolean().default(false),
  /** Pixels folded into channels (`folding.ts`); with `zero_filled_input`. */
  fold: foldOption,
  /** The result is a correction to the zero-filled target (`globalSkip.ts`). */
  global_skip: z.boolean().default(false),
};

/** Shallow features of both branches, [N, F, H, W]. */
export interface BranchHeads {
  readonly auxiliary: Tensor;
  readonly target: Tensor;
}

/**
 * The heads: a 3×3 convolution of the auxiliary image [N, 1, H, W], and one of the target [N, 1, h, w], which
 * is then enlarged. Parameters `net1.head.0`, `net2.head.0`, `tail.0.{0, 2}` and `tail.1`, as in the released
 * code. With `zero_filled_input` the target is the zero-filled one, and there is no `tail`.
 */
export function branchHeads(
  graph: Graph,
  inputs: NetworkInputs,
  reference: Tensor,
  options: { readonly n_feats: number; readonly zero_filled_input: boolean; readonly fold: number },
  scale: 2 | 4,
): BranchHeads {
  const { n_feats: channels, zero_filled_input, fold } = options;
  if (fold > 1 && !zero_filled_input) {
    throw new TandemError(
      'bad-model',
      '`fold` needs `zero_filled_input`: the acquired target has its own size',
    );
  }
  const head = (branch: string, image: Tensor) =>
    graph.scope(branch, () => convLayer(graph, 'head.0', image, { channels, kernel: 3 }));
  const auxiliary = head('net1', folded(reference, fold));
  if (zero_filled_input) return { auxiliary, target: head('net2', folded(inputs.zeroFilled, fold)) };
  const small = head('net2', inputs.target);
  const target = graph.scope('tail', () => {
    const enlarged = graph.scope('0', () => upsampler(graph, small, scale));
    return convLayer(graph, '1', enlarged, { channels, kernel: 3 });
  });
  return { auxiliary, target };
}

/** Weight of the target in the loss (α of both papers); the released codes have it the other way round. */
const TARGET_WEIGHT = 0.7;

/** α·L1 of the target + (1 − α)·L1 of the auxiliary image that its branch gives again. */
export function branchLoss(
  { enhanced, others }: NetworkOutputs,
  { truth, reference }: TrainingTruth,
): Tensor {
  const onTarget = mul(l1Loss(enhanced, truth), TARGET_WEIGHT);
  const { auxiliary } = others;
  if (auxiliary === undefined || reference === undefined) return onTarget;
  return add(onTarget, mul(l1Loss(auxiliary, reference), 1 - TARGET_WEIGHT));
}
