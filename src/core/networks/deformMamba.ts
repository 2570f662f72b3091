import * as z from 'zod';
import { TandemError } from '../errors.ts';
import {
  add,
  concat,
  contrastiveEdgeLoss,
  type Graph,
  l1Loss,
  mul,
  pixelShuffle,
  type Tensor,
  transpose,
} from '../graph/index.ts';
import { convLayer } from './blocks/conv.ts';
import { deformBlock } from './blocks/deformBlock.ts';
import { lastLayer, SKIP_RAW_INPUT, skipped } from './blocks/globalSkip.ts';
import { layerNormLayer } from './blocks/layerNorm.ts';
import { cropTo, padToMultiple } from './blocks/padding.ts';
import { patchEmbedding } from './blocks/patchEmbedding.ts';
import { finalPatchExpansion, patchExpansion, patchMerging } from './blocks/patchMerging.ts';
import { refined, refinementOption } from './blocks/residual.ts';
import { subPixelUpsampling } from './blocks/subPixel.ts';
import { vssBlock } from './blocks/vssBlock.ts';
import type { NetworkDefinition } from './definition.ts';
import { optionsParser } from './options.ts';

/**
 * Deform-Mamba: Ji, Zou, Kui, Vera, Ruan, "Deform-Mamba network for MRI super-resolution", MICCAI 2024
 * (arXiv 2407.05969). A U-net on tokens: in the encoder every level adds a deformable convolution to four
 * Mamba blocks, a multi-view context module looks around at the bottom, the decoder has Mamba blocks alone.
 * One image: it takes no reference.
 *
 * No code was released. Patches of 2×2 (the paper does not say), the context module's branches at rates 6,
 * 12 and 18 on a quarter of the channels each, and depth 4 on both sides are the reading.
 */
const deformMambaOptions = z.strictObject({
  /** Channels of the four levels. */
  dims: z
    .tuple([z.int().min(4), z.int().min(4), z.int().min(4), z.int().min(4)])
    .default([96, 128, 384, 768]),
  /** Mamba blocks of a level, in the encoder and the decoder, unless they are given apart. */
  depth: z.int().min(1).max(8).default(4),
  depth_enc: z.int().min(1).max(8).optional(),
  /** 0: none in the decoder. */
  depth_dec: z.int().min(0).max(8).optional(),
  /** State size of the scan. */
  N: z.int().min(1).max(64).default(16),
  patch: z.literal([2, 4]).default(2),
  ca_reduction: z.int().min(1).max(64).default(16),
  expand: z.int().min(1).max(4).default(2),
  /** Ablations of the paper's table: without the deformable convolutions, without the context module. */
  deform: z.boolean().default(true),
  context: z.boolean().default(true),
  /** Weight of the edges (eq. 6) in the loss (β of eq. 7); 0: without them. */
  edge_weight: z.number().min(0).default(0.1),
  /** It sees the zero-filled target where it would enlarge the acquired one by itself (`blocks/globalSkip.ts`). */
  zero_filled_input: z.boolean().default(false),
  /** The result is a correction to the zero-filled target (`blocks/globalSkip.ts`). */
  global_skip: z.boolean().default(false),
  /**
   * Residual blocks (`blocks/residual.ts`) on the decoder's tokens and the embedded patches beside them, as they are
   * before they are normalised; each position then becomes its patch by one convolution, where the paper expands
   * and normalises once more.
   */
  refinement: refinementOption,
});

export type DeformMambaOptions = z.infer<typeof deformMambaOptions>;

/** Dilations of the context module's branches. */
const CONTEXT_RATES = [6, 12, 18] as const;
const LEVELS = 4;

export const deformMamba: NetworkDefinition<DeformMambaOptions> = {
  name: 'deform-mamba',
  description: 'Deform-Mamba (Ji et al. 2024)',
  usesReference: false,
  haloPx: () => 64,
  sees: 'whole image',
  rawNames: { inputs: { input_lr: 'target', ...SKIP_RAW_INPUT }, outputs: { output_sr: 'enhanced' } },
  parseOptions: optionsParser('deform-mamba', deformMambaOptions),
  build(graph, inputs, options, scale) {
    const { dims, patch, depth, depth_enc = depth, depth_dec = depth } = options;
    const intermediates: Record<string, Tensor> = {};
    const upsampled = options.zero_filled_input
      ? inputs.zeroFilled
      : subPixelUpsampling(graph, 'up', inputs.target, scale); // [N, 1, H, W]
    const [rows, columns] = upsampled.shape.slice(2) as [number, number];
    const image = padToMultiple(upsampled, patch * 2 ** (LEVELS - 1));
    const embedded = patchEmbedding(graph, 'embed', image, { channels: dims[0], patch }); // [N, H/p, W/p, dims₀]
    let x = layerNormLayer(graph, 'embed_norm', embedded);

    const skips: Tensor[] = [];
    for (let level = 0; level < LEVELS; level++) {
      x = graph.scope(`enc.${level}`, () => encoderLevel(graph, x, depth_enc, options));
      intermediates[`inter/enc.${level}`] = x;
      skips.push(x);
      const next = dims[level + 1];
      if (next !== undefined) x = patchMerging(graph, `merge.${level}`, x, { channels: next });
    }
    if (options.context) {
      const bottom = transpose(x, [0, 3, 1, 2]); // [N, dims₃, h, w]
      const seen = graph.scope('mvc', () => multiViewContext(graph, bottom));
      intermediates['inter/mvc'] = seen;
      x = transpose(seen, [0, 2, 3, 1]);
    }
    for (let level = LEVELS - 1; level >= 0; level--) {
      if (level < LEVELS - 1) {
        x = add(patchExpansion(graph, `expand.${level}`, x, { channels: dims[level]! }), skips[level]!);
      }
      x = graph.scope(`dec.${level}`, () => mambaBlocks(graph, x, depth_dec, options));
      intermediates[`inter/dec.${level}`] = x;
    }
    const result =
      options.refinement > 0 ? refinedPixels(graph, x, embedded, options) : expandedPixels(graph, x, options);
    const enhanced = skipped(options.global_skip, cropTo(result, rows, columns), inputs);
    return { enhanced, others: {}, intermediates };
  },
  loss: ({ enhanced }, { truth }, { edge_weight }) =>
    add(l1Loss(enhanced, truth), mul(contrastiveEdgeLoss(enhanced, truth, 'sum'), edge_weight)),
};

/** Tokens to pixels as the paper has it: [N, H/p, W/p, dims₀] → [N, 1, H, W]. */
function expandedPixels(graph: Graph, tokens: Tensor, options: DeformMambaOptions): Tensor {
  const { dims, patch, global_skip } = options;
  const pixels = finalPatchExpansion(graph, 'final_up', tokens, { channels: dims[0] / 2, patch }); // [N, H, W, dims₀/2]
  const features = transpose(pixels, [0, 3, 1, 2]); // [N, dims₀/2, H, W]
  return convLayer(graph, 'final', features, lastLayer(global_skip, { kernel: 1 }));
}

/** Tokens and embedded patches to pixels through residual blocks: twice [N, H/p, W/p, dims₀] → [N, 1, H, W]. */
function refinedPixels(graph: Graph, tokens: Tensor, embedded: Tensor, options: DeformMambaOptions): Tensor {
  const { dims, patch, global_skip, refinement } = options;
  const both = transpose(concat([tokens, embedded], 3), [0, 3, 1, 2]); // [N, 2·dims₀, H/p, W/p]
  const joined = convLayer(graph, 'join', both, { channels: dims[0], kernel: 3 });
  const features = refined(graph, joined, refinement);
  return pixelShuffle(convLayer(graph, 'final', features, lastLayer(global_skip, { fold: patch })), patch);
}

/** The Deform-Mamba module: Mamba blocks in series + a deformable convolution (eq. 5) of the same input. Tokens in and out. */
function encoderLevel(graph: Graph, x: Tensor, depth: number, options: DeformMambaOptions): Tensor {
  const scanned = mambaBlocks(graph, x, depth, options);
  if (!options.deform) return scanned;
  const deformed = graph.scope('deform', () => deformBlock(graph, transpose(x, [0, 3, 1, 2])));
  return add(scanned, transpose(deformed, [0, 2, 3, 1]));
}

function mambaBlocks(graph: Graph, x: Tensor, depth: number, options: DeformMambaOptions): Tensor {
  const { expand, N, ca_reduction } = options;
  const channels = x.shape[3]!;
  let y = x;
  for (let block = 0; block < depth; block++) {
    y = graph.block(`mamba.${block}`, () =>
      vssBlock(graph, y, {
        expand,
        stateSize: N,
        dtRank: Math.ceil(channels / 16),
        linearBias: false,
        channelAttention: { hidden: Math.max(1, Math.floor(channels / ca_reduction)) },
      }),
    );
  }
  return y;
}

/** Four looks around, 1×1 and three dilated 3×3 of a quarter of the channels each, joined, + x. [N, C, h, w]. */
function multiViewContext(graph: Graph, x: Tensor): Tensor {
  const channels = x.shape[1]!;
  if (channels % 4 !== 0) {
    throw new TandemError(
      'bad-model',
      `The context module needs a multiple of four channels, not ${channels}`,
    );
  }
  const views = [
    convLayer(graph, 'b0', x, { channels: channels / 4, kernel: 1 }),
    ...CONTEXT_RATES.map((dilation, n) =>
      convLayer(graph, `b.${n}`, x, { channels: channels / 4, kernel: 3, dilation }),
    ),
  ] as const;
  return add(convLayer(graph, 'fuse', concat(views, 1), { channels, kernel: 1 }), x);
}
