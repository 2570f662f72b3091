import * as z from 'zod';
import { TandemError } from '../errors.ts';
import { add, concat } from '../graph/index.ts';
import { convLayer } from './blocks/conv.ts';
import { folded, foldOption, unfolded } from './blocks/folding.ts';
import { lastLayer, SKIP_RAW_INPUT, skipped } from './blocks/globalSkip.ts';
import { residualBody } from './blocks/residual.ts';
import { upsampler } from './blocks/upsampler.ts';
import { enhancedOnly, type NetworkDefinition } from './definition.ts';
import { optionsParser } from './options.ts';

/**
 * EDSR: Lim, Son, Kim, Nah, Lee, "Enhanced deep residual networks for single image super-resolution", CVPR
 * workshops 2017. The baseline of the paper (table 1): 16 residual blocks of 64 features, no residual
 * scaling. It works at the target's own size and enlarges at the end; nothing is added to the image.
 */
const edsrOptions = z.strictObject({
  blocks: z.int().min(1).max(64).default(16),
  features: z.int().min(1).max(256).default(64),
  /** The result is a correction to the zero-filled target (`blocks/globalSkip.ts`). */
  global_skip: z.boolean().default(false),
});

export type EdsrOptions = z.infer<typeof edsrOptions>;

export const edsr: NetworkDefinition<EdsrOptions> = {
  name: 'edsr',
  description: 'EDSR, baseline (Lim et al. 2017), on the target as acquired',
  usesReference: false,
  haloPx: ({ blocks }, scale) => (2 * blocks + 2) * scale + scale + 1,
  sees: 'neighbourhood',
  rawNames: { inputs: { input_lr: 'target', ...SKIP_RAW_INPUT }, outputs: { output_sr: 'enhanced' } },
  parseOptions: optionsParser('edsr', edsrOptions),
  build(graph, inputs, { blocks, features, global_skip }, scale) {
    const shallow = convLayer(graph, 'head', inputs.target, { channels: features, kernel: 3 }); // [N, F, h, w]
    const deep = add(residualBody(graph, shallow, blocks), shallow); // [N, F, h, w]
    const enlarged = graph.scope('upsampler', () => upsampler(graph, deep, scale)); // [N, F, H, W]
    const image = convLayer(graph, 'tail', enlarged, lastLayer(global_skip));
    return enhancedOnly(skipped(global_skip, image, inputs));
  },
};

/**
 * The same body given the reference as a second input channel: on the enhanced grid, as a correction to the
 * zero-filled target whose last layer starts at zero. The honest baseline of every guided network.
 */
const edsrGuidedOptions = z.strictObject({
  blocks: z.int().min(1).max(64).default(8),
  features: z.int().min(1).max(256).default(48),
  /** Pixels folded into channels (`blocks/folding.ts`). */
  fold: foldOption,
});

export type EdsrGuidedOptions = z.infer<typeof edsrGuidedOptions>;

export const edsrGuided: NetworkDefinition<EdsrGuidedOptions> = {
  name: 'edsr-guided',
  description: 'EDSR’s residual body on the zero-filled target and the reference',
  usesReference: true,
  haloPx: ({ blocks, fold }) => fold * (2 * blocks + 3) + fold - 1,
  tileGrid: ({ fold }) => fold,
  sees: 'neighbourhood',
  rawNames: {
    inputs: { input_zero_filled: 'zeroFilled', input_ref: 'reference' },
    outputs: { output_sr: 'enhanced' },
  },
  parseOptions: optionsParser('edsr-guided', edsrGuidedOptions),
  build(graph, { zeroFilled, reference }, { blocks, features, fold }) {
    if (reference === undefined) throw new TandemError('bad-model', 'edsr-guided needs a reference');
    const seen = folded(concat([zeroFilled, reference], 1), fold); // [N, 2·fold², H/fold, W/fold]
    const shallow = convLayer(graph, 'head', seen, { channels: features, kernel: 3 }); // [N, F, H/fold, W/fold]
    const deep = add(residualBody(graph, shallow, blocks), shallow); // the same
    const correction = convLayer(graph, 'tail', deep, lastLayer(true, { fold }));
    return enhancedOnly(add(zeroFilled, unfolded(correction, fold, zeroFilled)));
  },
};
