import * as z from 'zod';
import { TandemError } from '../errors.ts';
import { add, concat, type Graph, mul, relu, sigmoid, sub, type Tensor } from '../graph/index.ts';
import { branchHeads, branchLoss, branchOptions } from './blocks/auxiliaryBranch.ts';
import { batchNormLayer } from './blocks/batchNorm.ts';
import { convLayer } from './blocks/conv.ts';
import { unfolded } from './blocks/folding.ts';
import { lastLayer, SKIP_RAW_INPUT, skipped } from './blocks/globalSkip.ts';
import { channelSpatialAttention, layerAttention } from './blocks/holistic.ts';
import { residualGroup } from './blocks/rcan.ts';
import type { NetworkDefinition } from './definition.ts';
import { optionsParser } from './options.ts';

/**
 * SANet: Feng, Yan, Yu, Xu, "Exploring separable attention for multi-contrast MR image super-resolution",
 * TNNLS 2024 (arXiv 2109.01664). Two branches of residual groups, for the auxiliary contrast at full
 * resolution and for the target enlarged at its head; after every stage a separable attention lets the
 * target take from the auxiliary what it is sure of and what it is not; the stages are put together by
 * attention over stages and over channels and positions.
 *
 * The reading is that of the released code, which is what was benchmarked (names of parameters are its own).
 * It differs from the paper in: the attention map has one channel (eq. 10: as many as the features), what is
 * taken over has all channels (eq. 12: one), the attention over stages prefers the least similar (eq. 13:
 * the most similar), γ scales both attentions and starts at 0 (eqs. 7 and 14: none), the end concatenates
 * (eq. 8: adds). Four of the code's six groups run; more stages are an option.
 */
const sanetOptions = z.strictObject({
  /** `n_resgroups` as the released code counts them: those beyond the stages never run there and are not built here. */
  ...branchOptions,
  /** Stages that run: 4 in the released code, 6 in the paper. */
  effective_stages: z.int().min(1).max(16).default(4),
  /** Without the separable attention, stages of the target see only each other (an ablation of the paper's table). */
  separable_attention: z.boolean().default(true),
  /** Without the attention over stages and over channels and positions: the last stage alone is reconstructed. */
  integration: z.boolean().default(true),
});

export type SanetOptions = z.infer<typeof sanetOptions>;

export const sanet: NetworkDefinition<SanetOptions> = {
  name: 'sanet',
  description: 'SANet (Feng et al. 2024), as its released code computes it',
  usesReference: true,
  haloPx: () => 48,
  tileGrid: ({ fold }) => fold,
  sees: 'whole image',
  rawNames: {
    inputs: { input_lr: 'target', input_aux: 'reference', ...SKIP_RAW_INPUT },
    outputs: { output_target: 'enhanced', output_aux: 'auxiliary' },
  },
  parseOptions: optionsParser('sanet', sanetOptions),
  build(graph, inputs, options, scale) {
    const { reference } = inputs;
    if (reference === undefined) throw new TandemError('bad-model', 'sanet needs a reference');
    const { n_resblocks: blocks, n_feats: channels, effective_stages: stages, global_skip, fold } = options;
    const heads = branchHeads(graph, inputs, reference, options, scale);
    const { auxiliary: a0, target: t0 } = heads; // [N, F, H, W]

    let a = a0;
    let t = t0;
    const auxiliaryStages: Tensor[] = [];
    const targetStages: Tensor[] = [];
    for (let stage = 0; stage < stages; stage++) {
      const block = `body.${stage}`;
      a = branch(graph, 'net1', () => graph.block(block, () => residualGroup(graph, a, blocks)));
      t = branch(graph, 'net2', () => graph.block(block, () => residualGroup(graph, t, blocks)));
      auxiliaryStages.push(a);
      targetStages.push(t);
      if (!options.separable_attention) continue;
      const map = convLayer(graph, `map_convs.${stage}`, a, { channels: 1, kernel: 3 }); // [N, 1, H, W]
      t = add(
        t,
        graph.scope(`Seatts.${stage}`, () => separableAttention(graph, a, t, sigmoid(map))),
      );
    }

    const integrated = branch(graph, 'net2', () => {
      if (!options.integration) return convLayer(graph, 'last', t, { channels, kernel: 3 });
      const attended = layerAttention(graph, 'la', [...auxiliaryStages, ...targetStages]); // [N, 2LF, H, W]
      const together = convLayer(graph, 'last_conv', attended.output, { channels, kernel: 3 });
      const inside = channelSpatialAttention(graph, 'csa', t);
      return convLayer(graph, 'last', concat([inside, together], 1), { channels, kernel: 3 });
    });
    const image = branch(graph, 'net2', () =>
      convLayer(graph, 'final', add(integrated, t0), lastLayer(global_skip, { fold })),
    );
    const enhanced = skipped(global_skip, unfolded(image, fold, reference), inputs);
    const auxiliary = branch(graph, 'net1', () => {
      const inside = options.integration ? channelSpatialAttention(graph, 'csa', a) : a;
      const last = convLayer(graph, 'last1', inside, { channels, kernel: 3 });
      return convLayer(graph, 'final', add(last, a0), { channels: fold * fold, kernel: 3 });
    });
    return {
      enhanced,
      others: { auxiliary: unfolded(auxiliary, fold, reference) },
      intermediates: { tail_out: t0 },
    };
  },
  loss: branchLoss,
};

/**
 * Eqs. 9–12: what the auxiliary is sure of (g) and what it is not (1 − g) are looked at apart, and what they
 * give together is added to the target. a, t [N, F, H, W], g [N, 1, H, W] → [N, F, H, W].
 */
export function separableAttention(graph: Graph, a: Tensor, t: Tensor, g: Tensor): Tensor {
  const channels = t.shape[1]!;
  const half = 32;
  const f = convLayer(graph, 'reduce', concat([a, t], 1), { channels: half, kernel: 1 });
  const look = (name: string, x: Tensor) => normalized(graph, name, x, half);
  const highPriority = look('ff_conv', mul(f, g));
  const lowPriority = look('bf_conv', mul(f, sub(graph.constant(1), g)));
  const joined = graph.scope('rgbd_pred_layer', () =>
    normalized(graph, 'enlayer', concat([highPriority, lowPriority], 1), half),
  );
  return convLayer(graph, 'rgbd_pred_layer.outlayer.0', joined, { channels, kernel: 1 });
}

/** relu(BN(conv 3×3)): parameters `<name>.0` and `<name>.1`. */
function normalized(graph: Graph, name: string, x: Tensor, channels: number): Tensor {
  return relu(batchNormLayer(graph, `${name}.1`, convLayer(graph, `${name}.0`, x, { channels, kernel: 3 })));
}

function branch<T>(graph: Graph, name: 'net1' | 'net2', build: () => T): T {
  return graph.scope(name, build);
}
