import * as z from 'zod';
import { concat, type Graph, type Tensor, transpose } from '../../graph/index.ts';
import { ShapeError } from '../../graph/shape.ts';
import { convLayer } from '../blocks/conv.ts';
import { layerNormLayer } from '../blocks/layerNorm.ts';
import { linearLayer } from '../blocks/linear.ts';
import { patchEmbedding } from '../blocks/patchEmbedding.ts';
import { finalPatchExpansion, patchExpansion, patchMerging } from '../blocks/patchMerging.ts';
import { swinBlock } from '../blocks/swinBlock.ts';
import { optionsParser } from '../options.ts';
import type { SegmentationDefinition } from './definition.ts';

/**
 * Swin-Unet: Cao, Wang, Chen, Jiang, Zhang, Tian, Wang, "Swin-Unet: Unet-like pure transformer for medical image
 * segmentation", ECCV workshops 2022 (arXiv 2105.05537), which GLMamba's experiment uses. Tokens of 4×4 pixels;
 * an encoder of Swin blocks with patch merging, a decoder of Swin blocks with patch expanding, joined by skip
 * connections that are concatenated and brought back to width by a linear layer; a last expansion to pixels.
 *
 * Narrower than the paper's (96 channels at the first scale, windows of 7, pre-trained on photographs): 32
 * channels and windows of 8, which fit slices of 256 pixels, from a seeded start.
 */
const swinUnetOptions = z.strictObject({
  /** Channels of the first scale; twice as many at every scale below. Heads have 16 or fewer. */
  width: z.int().min(8).max(96).multipleOf(8).default(32),
  /** Blocks at each scale on the way down, the deepest last; the same but for the deepest on the way up. */
  depths: z.array(z.int().min(1).max(6)).min(2).max(4).default([2, 2, 2, 2]),
  /** Side of an attention window, in tokens. */
  window: z.int().min(2).max(16).default(8),
  /** Side of a patch, in pixels. */
  patch: z.literal([2, 4]).default(4),
});

export type SwinUnetOptions = z.infer<typeof swinUnetOptions>;

const HEAD_SIZE = 16;

export const swinUnet: SegmentationDefinition<SwinUnetOptions> = {
  name: 'swin-unet',
  description: 'Swin-Unet (Cao et al. 2022)',
  multipleOf: ({ depths, window, patch }) => patch * 2 ** (depths.length - 1) * window,
  parseOptions: optionsParser('swin-unet', swinUnetOptions),
  build(graph, images, options) {
    const { width, depths, patch } = options;
    graph.checked('swin-unet', [images], () => {
      const least = patch * 2 ** (depths.length - 1);
      if (images.shape.slice(2).some((length) => length % least !== 0)) {
        throw new ShapeError(`rows and columns are no multiples of ${least}`);
      }
    });
    const skips: Tensor[] = [];
    let x = graph.scope('patch_embed', () =>
      layerNormLayer(graph, 'norm', patchEmbedding(graph, 'proj', images, { channels: width, patch })),
    ); // [N, H/4, W/4, C]
    for (const [scale, depth] of depths.entries()) {
      if (scale > 0) {
        x = graph.scope(`merge.${scale}`, () =>
          patchMerging(graph, 'downsample', x, { channels: width * 2 ** scale }),
        );
      }
      x = stage(graph, `encoder.${scale}`, x, depth, options);
      skips.push(x);
    }
    x = layerNormLayer(graph, 'norm', x);
    for (let scale = depths.length - 2; scale >= 0; scale--) {
      const channels = width * 2 ** scale;
      const up = patchExpansion(graph, `expand.${scale}`, x, { channels });
      const joined = linearLayer(graph, `concat_back_dim.${scale}`, concat([up, skips[scale]!], 3), {
        features: channels,
      });
      x = stage(graph, `decoder.${scale}`, joined, depths[scale]!, options);
    }
    const pixels = finalPatchExpansion(graph, 'up', layerNormLayer(graph, 'norm_up', x), {
      channels: width,
      patch,
    }); // [N, H, W, C]
    return convLayer(graph, 'output', transpose(pixels, [0, 3, 1, 2]), { channels: 1, kernel: 1 });
  },
};

/** Blocks in pairs: plain windows, then shifted ones. */
function stage(graph: Graph, name: string, x: Tensor, depth: number, { window }: SwinUnetOptions): Tensor {
  const heads = Math.max(1, Math.floor(x.shape[3]! / HEAD_SIZE));
  let y = x;
  for (let n = 0; n < depth; n++) {
    y = graph.block(`${name}.${n}`, () => swinBlock(graph, y, { heads, window, shifted: n % 2 === 1 }));
  }
  return y;
}
