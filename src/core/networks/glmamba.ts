import * as z from 'zod';
import { TandemError } from '../errors.ts';
import {
  add,
  concat,
  contrastiveEdgeLoss,
  type Graph,
  globalMaxPool,
  l1Loss,
  mul,
  reshape,
  sigmoid,
  slice,
  softmax,
  sub,
  type Tensor,
} from '../graph/index.ts';
import { convLayer } from './blocks/conv.ts';
import { deformBlock } from './blocks/deformBlock.ts';
import { folded, foldOption, unfolded } from './blocks/folding.ts';
import { lastLayer, SKIP_RAW_INPUT, skipped } from './blocks/globalSkip.ts';
import { linearLayer } from './blocks/linear.ts';
import { patchEmbedding, patchUnembedding } from './blocks/patchEmbedding.ts';
import { refined, refinementOption } from './blocks/residual.ts';
import { subPixelUpsampling } from './blocks/subPixel.ts';
import { vssBlock } from './blocks/vssBlock.ts';
import type { NetworkDefinition, NetworkInputs } from './definition.ts';
import { optionsParser } from './options.ts';

/**
 * GLMamba: Ji, Zou, Kui, Thureau, Ruan, "Global and local Mamba network for multi-modality medical image
 * super-resolution", arXiv 2504.10105. Two branches at full resolution: the target's looks at the whole
 * image (a global scan), the reference's within quadrants (a local scan). A stage of either is a deformable
 * convolution on pixels, a Mamba block on patches, and a modulator that joins them; the branches are fused
 * by their difference, their similarity and what they complement in each other.
 *
 * No code was released. Where the paper is open, the reading is the one that gives its four printed numbers
 * (1.187 M parameters and 32.27 G multiply-accumulates; 1.269 M and 37.05 G with `fusion: 'conv'`).
 */
const stageOptions = {
  /** C. */
  channels: z.int().min(2).max(256).default(96),
  stages_per_branch: z.int().min(1).max(8).default(2),
  /** State size of the scan. */
  N: z.int().min(1).max(64).default(16),
  expand: z.int().min(1).max(4).default(2),
  /** Rank of Δ's projection; ⌈C/16⌉ where absent. */
  dt_rank: z.int().min(1).max(64).optional(),
  /** Channels inside the channel attention; ⌊C/2⌋ where absent. */
  ca_hidden: z.int().min(1).max(256).optional(),
  /** The target's scan: over the whole map (LRGlobal), or within quadrants (LRLocal). */
  lr_scan: z.enum(['global', 'local']).default('global'),
  /** Y = M ⊗ σ(D) + D; without it Y = M + D. */
  modulator: z.boolean().default(true),
  /** Without it the Mamba block alone makes a stage: Y = M. */
  deform: z.boolean().default(true),
  /** It sees the zero-filled target where it would enlarge the acquired one by itself (`blocks/globalSkip.ts`). */
  zero_filled_input: z.boolean().default(false),
  /** The result is a correction to the zero-filled target (`blocks/globalSkip.ts`). */
  global_skip: z.boolean().default(false),
};

const glmambaOptions = z.strictObject({
  ...stageOptions,
  ref_scan: z.enum(['global', 'local']).default('local'),
  /** The paper's fusion block, or a 3×3 convolution of the sum of both branches. */
  fusion: z.enum(['block', 'conv']).default('block'),
  /**
   * Both branches see both images from their heads on. In the paper the images meet in the fusion block, one
   * convolution before the end; narrow networks gain by meeting earlier. Not in the paper.
   */
  joint_heads: z.boolean().default(false),
  /** Residual blocks on the fused features (`blocks/residual.ts`). */
  refinement: refinementOption,
  /** Pixels folded into channels (`blocks/folding.ts`). */
  fold: foldOption,
});
const targetBranchOptions = z.strictObject(stageOptions);

export type GlmambaOptions = z.infer<typeof glmambaOptions>;
type StageOptions = z.infer<typeof targetBranchOptions>;

/** α, β and γ of the loss (eq. 15): the two images (eqs. 12 and 13) and the edges (eq. 14). */
const SR_WEIGHT = 0.7;
const REFERENCE_WEIGHT = 0.3;
const EDGE_WEIGHT = 0.1;

/** Beyond this a pixel changes the result by little: the scans and the pooling see the whole image. */
const HALO_PX = 32;

export const glmamba: NetworkDefinition<GlmambaOptions> = {
  name: 'glmamba',
  description: 'GLMamba (Ji et al. 2025)',
  usesReference: true,
  haloPx: () => HALO_PX,
  tileGrid: ({ fold }) => fold,
  sees: 'whole image',
  rawNames: {
    inputs: { input_lr: 'target', input_ref: 'reference', ...SKIP_RAW_INPUT },
    outputs: { output_sr: 'enhanced', output_rec_ref: 'rec_ref' },
  },
  parseOptions: optionsParser('glmamba', glmambaOptions),
  build(graph, inputs, options, scale) {
    const { reference } = inputs;
    if (reference === undefined) throw new TandemError('bad-model', 'glmamba needs a reference');
    const { channels, global_skip, fold } = options;
    const intermediates: Record<string, Tensor> = {};
    const upsampled = enlarged(graph, inputs, options, scale); // [N, 1, H, W]
    const image = folded(upsampled, fold, 2);
    const guide = folded(reference, fold, 2);
    const both = options.joint_heads ? concat([image, guide], 1) : undefined; // [N, 2·fold², H/fold, W/fold]
    let a = convLayer(graph, 'head_lr', both ?? image, { channels, kernel: 3 }); // [N, C, H/fold, W/fold]
    let r = convLayer(graph, 'head_ref', both ?? guide, { channels, kernel: 3 });
    for (let n = 0; n < options.stages_per_branch; n++) {
      a = graph.block(`lr.${n}`, () => stage(graph, a, options.lr_scan, options));
      r = graph.block(`ref.${n}`, () => stage(graph, r, options.ref_scan, options));
      intermediates[`inter/lr.${n}`] = a;
      intermediates[`inter/ref.${n}`] = r;
    }
    const fused = graph.scope('fuse', () =>
      options.fusion === 'block'
        ? fusionBlock(graph, a, r)
        : convLayer(graph, 'conv', add(a, r), { channels, kernel: 3 }),
    );
    intermediates['inter/fuse'] = fused;
    const features = refined(graph, fused, options.refinement);
    const made = convLayer(graph, 'rec_sr', features, lastLayer(global_skip, { fold }));
    const enhanced = skipped(global_skip, unfolded(made, fold, upsampled), inputs); // [N, 1, H, W]
    const again = convLayer(graph, 'rec_ref', r, { channels: fold * fold, kernel: 3 });
    const reconstructed = unfolded(again, fold, upsampled);
    return { enhanced, others: { rec_ref: reconstructed }, intermediates };
  },
  loss({ enhanced, others }, { truth, reference }) {
    const target = add(
      mul(l1Loss(enhanced, truth), SR_WEIGHT),
      mul(contrastiveEdgeLoss(enhanced, truth), EDGE_WEIGHT),
    );
    const { rec_ref } = others;
    if (rec_ref === undefined || reference === undefined) return target;
    return add(target, mul(l1Loss(rec_ref, reference), REFERENCE_WEIGHT));
  },
};

/** The target's branch on its own: rows LRLocal, LRGlobal and "+ modulator" of the paper's ablation. */
export const glmambaTarget: NetworkDefinition<StageOptions> = {
  name: 'glmamba-lr',
  description: 'The target’s branch of GLMamba (Ji et al. 2025), without a reference',
  usesReference: false,
  haloPx: () => HALO_PX,
  sees: 'whole image',
  rawNames: { inputs: { input_lr: 'target', ...SKIP_RAW_INPUT }, outputs: { output_sr: 'enhanced' } },
  parseOptions: optionsParser('glmamba-lr', targetBranchOptions),
  build(graph, inputs, options, scale) {
    const intermediates: Record<string, Tensor> = {};
    const upsampled = enlarged(graph, inputs, options, scale);
    let a = convLayer(graph, 'head_lr', upsampled, { channels: options.channels, kernel: 3 });
    for (let n = 0; n < options.stages_per_branch; n++) {
      a = graph.block(`lr.${n}`, () => stage(graph, a, options.lr_scan, options));
      intermediates[`inter/lr.${n}`] = a;
    }
    const image = convLayer(graph, 'rec_sr', a, lastLayer(options.global_skip));
    return { enhanced: skipped(options.global_skip, image, inputs), others: {}, intermediates };
  },
  loss: ({ enhanced }, { truth }) =>
    add(mul(l1Loss(enhanced, truth), SR_WEIGHT), mul(contrastiveEdgeLoss(enhanced, truth), EDGE_WEIGHT)),
};

/** The target on the enhanced grid, [N, 1, H, W]. */
function enlarged(graph: Graph, inputs: NetworkInputs, options: StageOptions, scale: 2 | 4): Tensor {
  return options.zero_filled_input
    ? inputs.zeroFilled
    : subPixelUpsampling(graph, 'up', inputs.target, scale);
}

/** One stage of a branch, [N, C, H, W] → the same. */
function stage(graph: Graph, x: Tensor, scan: 'global' | 'local', options: StageOptions): Tensor {
  const { channels, expand, N, dt_rank = Math.ceil(channels / 16), modulator } = options;
  const hidden = options.ca_hidden ?? Math.floor(channels / 2);
  // Pixel level: D, a modulated deformable convolution (eq. 5).
  const d = options.deform ? graph.scope('deform', () => deformBlock(graph, x, { start: 'identity' })) : x;
  // Patch level: M, a Mamba block on patches of 2×2.
  const tokens = patchEmbedding(graph, 'embed', x, { channels, patch: 2 }); // [N, H/2, W/2, C]
  const scanned = graph.scope('mamba', () =>
    vssBlock(graph, tokens, {
      expand,
      stateSize: N,
      dtRank: dt_rank,
      linearBias: true,
      channelAttention: { hidden },
      quadrants: scan === 'local',
    }),
  );
  const m = patchUnembedding(graph, 'unembed', scanned, { channels, patch: 2 }); // [N, C, H, W]
  if (!options.deform) return m;
  return modulator ? add(mul(m, sigmoid(d)), d) : add(m, d);
}

/**
 * Eqs. 6–11, fusion of the branches A and R, [N, C, H, W]: F = g₀·(A − R) + g₁·(A ⊗ R) + g₂·(A·w_a + R·w_r),
 * where the maps w are a softmax over two channels of a 1×1 convolution of both, and the three gates g of the
 * maxima over all positions.
 */
function fusionBlock(graph: Graph, a: Tensor, r: Tensor): Tensor {
  const [images] = a.shape as [number];
  const difference = sub(a, r); // eq. 6
  const similarity = mul(a, r); // eq. 7
  const weights = softmax(convLayer(graph, 'conv', concat([a, r], 1), { channels: 2, kernel: 1 }), 1); // eq. 8, [N, 2, H, W]
  const map = (n: 0 | 1) => slice(weights, [0, n, 0, 0], weights.shape.with(1, 1));
  const complement = add(mul(a, map(0)), mul(r, map(1))); // eq. 9
  // The maximum of each map by itself: what is put together has 3·C values, not three maps of C channels.
  const parts = [difference, similarity, complement] as const;
  const maxima = concat(
    parts.map((part) => reshape(globalMaxPool(part), [images, part.shape[1]!])) as [Tensor, ...Tensor[]],
    1,
  ); // [N, 3C]
  const gates = softmax(linearLayer(graph, 'fc', maxima, { features: 3 }), 1); // eq. 10, [N, 3]
  const gate = (n: number) => reshape(slice(gates, [0, n], [images, 1]), [images, 1, 1, 1]);
  const [first, ...rest] = parts.map((part, n) => mul(part, gate(n)));
  return rest.reduce((sum, part) => add(sum, part), first!); // eq. 11
}
