import * as z from 'zod';
import {
  add,
  concat,
  type Graph,
  hardAttention,
  l1Loss,
  mul,
  sigmoid,
  slice,
  type Tensor,
  transpose,
} from '../graph/index.ts';
import { channelAttention } from './blocks/channelAttention.ts';
import { convLayer } from './blocks/conv.ts';
import { lastLayer, SKIP_RAW_INPUT, zeroFilledBy } from './blocks/globalSkip.ts';
import { cropTo, padToMultiple } from './blocks/padding.ts';
import { patchEmbedding, patchUnembedding } from './blocks/patchEmbedding.ts';
import { refined, refinementOption } from './blocks/residual.ts';
import { vssBlock } from './blocks/vssBlock.ts';
import type { NetworkDefinition } from './definition.ts';
import { optionsParser } from './options.ts';

/**
 * ICONet: Kui, Ji, Zou, Li, Dai, Chen, Vera, Ruan, "Iterative collaboration network". log₂(scale) stages of
 * ×2; in each a reconstruction branch cleans the image at its own size, a super-resolution branch of the
 * same make works on what it gave, and the two are fused by hard attention on tokens.
 */
const iconetOptions = z.strictObject({
  channels: z.int().min(2).max(256).default(96),
  /** Residual space-channel feature learning blocks in a branch (the paper's N). */
  rscfl: z.int().min(1).max(16).default(7),
  /** State size of the scan. */
  N: z.int().min(1).max(64).default(16),
  crb_reduction: z.int().min(1).max(64).default(16),
  expand: z.int().min(1).max(4).default(2),
  /** Ablations of the paper's table: without the fusion of tokens, without the reconstruction branch too. */
  fusion: z.boolean().default(true),
  reconstruction: z.boolean().default(true),
  /** The super-resolution branch works on what the reconstruction branch gave, or on the image itself. */
  branches: z.enum(['serial', 'parallel']).default('serial'),
  /** Supervise every stage, or the last one alone. */
  supervision: z.enum(['multi-stage', 'single-stage']).default('multi-stage'),
  /** Every stage's enlarged image is a correction to the zero-filled target, its reconstruction one to what it is given. */
  global_skip: z.boolean().default(false),
  /** Residual blocks on a stage's features before they are enlarged (`blocks/residual.ts`). */
  refinement: refinementOption,
});

export type IconetOptions = z.infer<typeof iconetOptions>;

/** Weights of a stage's super-resolved and reconstructed image in the loss: α and 1 − α of eq. 8. */
const SR_WEIGHT = 0.9;
const RECONSTRUCTION_WEIGHT = 0.1;

export const iconet: NetworkDefinition<IconetOptions> = {
  name: 'iconet',
  description: 'ICONet (Kui et al.)',
  usesReference: false,
  haloPx: () => 32,
  sees: 'whole image',
  rawNames: {
    inputs: { input_lr: 'target', ...SKIP_RAW_INPUT },
    outputs: { output_rec1: 'rec1', output_sr2: 'sr2', output_rec2: 'rec2', output_sr4: 'sr4' },
  },
  parseOptions: optionsParser('iconet', iconetOptions),
  build(graph, inputs, options, scale) {
    const { target } = inputs;
    const [, , rows, columns] = target.shape as [number, number, number, number];
    const images: Record<string, Tensor> = {};
    const intermediates: Record<string, Tensor> = {};
    // A stage works on patches of 2×2; after the first, sizes are even.
    let x = padToMultiple(target, 2); // [N, 1, h, w]
    for (let s = 0; 2 ** s < scale; s++) {
      const factor = 2 ** s;
      // What a stage of even size has beyond the image is corrected from zero, and cropped.
      const filled = options.global_skip
        ? padToMultiple(zeroFilledBy(inputs, scale / (2 * factor)), 2 * factor * 2)
        : undefined;
      const { reconstructed, enlarged, fused } = graph.scope(`stages.${s}`, () =>
        stage(graph, x, filled, options),
      );
      if (reconstructed !== undefined) {
        images[`rec${s + 1}`] = cropTo(reconstructed, rows * factor, columns * factor);
      }
      if (fused !== undefined) intermediates[`inter/stages.${s}.fusion`] = fused;
      images[`sr${2 * factor}`] = cropTo(enlarged, rows * 2 * factor, columns * 2 * factor);
      x = enlarged;
    }
    return { enhanced: images[`sr${scale}`]!, others: images, intermediates };
  },
  loss({ others }, { smaller }, { supervision }) {
    const scale = others.sr4 === undefined ? 2 : 4;
    const terms: Tensor[] = [];
    for (let s = 0; 2 ** s < scale; s++) {
      if (supervision === 'single-stage' && 2 ** (s + 1) < scale) continue;
      const sr = others[`sr${2 ** (s + 1)}`];
      const rec = others[`rec${s + 1}`];
      if (sr !== undefined) terms.push(mul(l1Loss(sr, smaller(scale / 2 ** (s + 1))), SR_WEIGHT));
      if (rec !== undefined) terms.push(mul(l1Loss(rec, smaller(scale / 2 ** s)), RECONSTRUCTION_WEIGHT));
    }
    return terms.reduce((sum, term) => add(sum, term));
  },
};

interface Stage {
  /** The cleaned image at its own size, [N, 1, h, w]; absent without the reconstruction branch. */
  readonly reconstructed: Tensor | undefined;
  /** [N, 1, 2h, 2w]. */
  readonly enlarged: Tensor;
  /** What the fusion gives for the tokens, [N, C, h/2, w/2]. */
  readonly fused: Tensor | undefined;
}

/** One stage: x [N, 1, h, w], both even, to ×2; `filled` [N, 1, 2h, 2w] is what it corrects, where it does. */
function stage(graph: Graph, x: Tensor, filled: Tensor | undefined, options: IconetOptions): Stage {
  const { channels } = options;
  const conv = (name: string, features: Tensor, outputs = channels) =>
    convLayer(graph, name, features, { channels: outputs, kernel: 3 });

  let image = x;
  let reconstructed: Tensor | undefined;
  let cleaned: Tensor | undefined;
  if (options.reconstruction) {
    const { shallow, tokens } = graph.scope('recb', () => body(graph, x, options));
    const deep = graph.scope('recb', () => add(conv('conv', fromTokens(graph, tokens, channels)), shallow));
    const correction = convLayer(graph, 'rec_out', deep, lastLayer(options.global_skip));
    reconstructed = options.global_skip ? add(correction, x) : correction;
    cleaned = tokens;
    image = options.branches === 'serial' ? reconstructed : x;
  }

  const { shallow, tokens } = graph.scope('srb', () => body(graph, image, options));
  const taken =
    cleaned !== undefined && options.fusion
      ? graph.scope('fusion', () => fusion(graph, toImage(tokens), toImage(cleaned)))
      : undefined;
  const together = taken === undefined ? tokens : add(tokens, transpose(taken, [0, 2, 3, 1]));
  const deep = graph.scope('srb', () => {
    const features = add(conv('conv', fromTokens(graph, together, channels)), shallow);
    return refined(graph, features, options.refinement);
  });
  const enlarged = patchUnembedding(graph, 'up', transpose(deep, [0, 2, 3, 1]), { channels, patch: 2 });
  const made = convLayer(graph, 'sr_out', conv('up_conv', enlarged), lastLayer(options.global_skip));
  return { reconstructed, enlarged: filled === undefined ? made : add(made, filled), fused: taken };
}

/** The body of a branch: f, [N, C, h, w], and the tokens after all its blocks, [N, h/2, w/2, C]. */
function body(
  graph: Graph,
  x: Tensor,
  { channels, rscfl, N, expand, crb_reduction }: IconetOptions,
): { shallow: Tensor; tokens: Tensor } {
  const shallow = convLayer(graph, 'head', x, { channels, kernel: 3 });
  let tokens = patchEmbedding(graph, 'embed', shallow, { channels, patch: 2 });
  for (let n = 0; n < rscfl; n++) {
    // RSCFL: x + CRB(VMB(x)); the Mamba block keeps its own residual.
    tokens = graph.block(`blocks.${n}`, () => {
      const scanned = graph.scope('vmb', () =>
        vssBlock(graph, tokens, {
          expand,
          stateSize: N,
          dtRank: Math.ceil(channels / 16),
          linearBias: false,
        }),
      );
      const hidden = Math.max(1, Math.floor(channels / crb_reduction));
      return add(
        tokens,
        graph.scope('crb', () => channelAttention(graph, scanned, { hidden })),
      );
    });
  }
  return { shallow, tokens };
}

/**
 * Fusion of tokens in both directions, [N, C, p, q]: each asks the other by hard attention on 3×3
 * neighbourhoods (eqs. 4–6), and maps of confidence say how much of either answer is taken (eq. 7).
 */
function fusion(graph: Graph, sr: Tensor, rec: Tensor): Tensor {
  const channels = sr.shape[1]!;
  const ask = (name: string, queries: Tensor, source: Tensor): Tensor =>
    graph.scope(name, () => {
      const project = (part: string, x: Tensor) => convLayer(graph, part, x, { channels, kernel: 1 });
      return hardAttention(project('q', queries), project('k', source), project('v', source));
    });
  const fromRec = ask('sr', sr, rec);
  const fromSr = ask('rec', rec, sr);
  const confidence = sigmoid(
    convLayer(graph, 'sac', concat([fromRec, fromSr], 1), { channels: 2 * channels, kernel: 1 }),
  );
  const half = (start: number) => slice(confidence, [0, start, 0, 0], confidence.shape.with(1, channels));
  return add(mul(fromRec, half(0)), mul(fromSr, half(channels)));
}

function fromTokens(graph: Graph, tokens: Tensor, channels: number): Tensor {
  return patchUnembedding(graph, 'unembed', tokens, { channels, patch: 2 });
}

function toImage(tokens: Tensor): Tensor {
  return transpose(tokens, [0, 3, 1, 2]);
}
