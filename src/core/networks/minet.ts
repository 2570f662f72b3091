import * as z from 'zod';
import { TandemError } from '../errors.ts';
import { add, concat, type Tensor } from '../graph/index.ts';
import { branchHeads, branchLoss, branchOptions } from './blocks/auxiliaryBranch.ts';
import { convLayer } from './blocks/conv.ts';
import { unfolded } from './blocks/folding.ts';
import { lastLayer, SKIP_RAW_INPUT, skipped } from './blocks/globalSkip.ts';
import { channelSpatialAttention, layerAttention } from './blocks/holistic.ts';
import { residualGroup } from './blocks/rcan.ts';
import type { NetworkDefinition } from './definition.ts';
import { optionsParser } from './options.ts';

/**
 * MINet: Feng, Fu, Yuan, Xu, "Multi-contrast MRI super-resolution via a multi-stage integration network",
 * MICCAI 2021: SANet's predecessor. After every stage the target takes a 1×1 convolution of both branches
 * over; attention over all stages of both branches puts them together.
 *
 * The reading is that of the released code with its two repairs (an undefined mean taken out, the last
 * convolution as wide as what goes into it); names of parameters are its own. The convolution at the end of
 * its body counts as the last stage there, and here.
 */
const minetOptions = z.strictObject({
  ...branchOptions,
  /** Groups and the convolution after them: n_resgroups + 1, and nothing else. */
  stages: z.int().min(2).max(17).optional(),
});

export type MinetOptions = z.infer<typeof minetOptions>;

export const minet: NetworkDefinition<MinetOptions> = {
  name: 'minet',
  description: 'MINet (Feng et al. 2021), as its released code computes it',
  usesReference: true,
  haloPx: () => 48,
  tileGrid: ({ fold }) => fold,
  sees: 'whole image',
  rawNames: {
    inputs: { input_lr: 'target', input_aux: 'reference', ...SKIP_RAW_INPUT },
    outputs: { output_target: 'enhanced', output_aux: 'auxiliary' },
  },
  parseOptions(raw) {
    const options = optionsParser('minet', minetOptions)(raw);
    if (options.stages !== undefined && options.stages !== options.n_resgroups + 1) {
      throw new TandemError(
        'bad-model',
        `Options of minet: ${options.n_resgroups} groups make ${options.n_resgroups + 1} stages, not ${options.stages}`,
      );
    }
    return options;
  },
  build(graph, inputs, options, scale) {
    const { reference } = inputs;
    const { n_resgroups: groups, n_resblocks: blocks, n_feats: channels, global_skip, fold } = options;
    if (reference === undefined) throw new TandemError('bad-model', 'minet needs a reference');
    const within = <T>(name: 'net1' | 'net2', build: () => T): T => graph.scope(name, build);
    const heads = branchHeads(graph, inputs, reference, options, scale);
    const { auxiliary: a0, target: t0 } = heads; // [N, F, H, W]

    /** One stage of a branch: a residual group, or the convolution after the last of them. */
    const stageOf = (x: Tensor, stage: number): Tensor =>
      stage < groups
        ? graph.block(`body.${stage}`, () => residualGroup(graph, x, blocks))
        : convLayer(graph, `body.${stage}`, x, { channels, kernel: 3 });
    let a = a0;
    let t = t0;
    const auxiliaryStages: Tensor[] = [];
    const targetStages: Tensor[] = [];
    for (let stage = 0; stage <= groups; stage++) {
      a = within('net1', () => stageOf(a, stage));
      t = within('net2', () => stageOf(t, stage));
      auxiliaryStages.push(a);
      targetStages.push(t);
      t = add(t, convLayer(graph, `fusion_convs.${stage}`, concat([a, t], 1), { channels, kernel: 1 }));
    }

    const image = within('net2', () => {
      const attended = layerAttention(graph, 'la', [...auxiliaryStages, ...targetStages]); // [N, 2(G+1)F, H, W]
      const together = convLayer(graph, 'last_conv', attended.output, { channels, kernel: 3 });
      const inside = channelSpatialAttention(graph, 'csa', t);
      const last = convLayer(graph, 'last', concat([inside, together], 1), { channels, kernel: 3 });
      return convLayer(graph, 'final', add(last, t0), lastLayer(global_skip, { fold }));
    });
    const enhanced = skipped(global_skip, unfolded(image, fold, reference), inputs);
    const auxiliary = within('net1', () => {
      const last = convLayer(graph, 'last1', channelSpatialAttention(graph, 'csa', a), {
        channels,
        kernel: 3,
      });
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
