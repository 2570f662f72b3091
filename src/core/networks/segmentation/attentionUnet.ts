import * as z from 'zod';
import { concat, type Graph, maxPool2d, relu, type Tensor, upsample } from '../../graph/index.ts';
import { attentionGate } from '../blocks/attentionGate.ts';
import { batchNormLayer } from '../blocks/batchNorm.ts';
import { convLayer } from '../blocks/conv.ts';
import { optionsParser } from '../options.ts';
import type { SegmentationDefinition } from './definition.ts';

/**
 * Attention U-Net: Oktay, Schlemper, Le Folgoc, Lee, Heinrich, Misawa, Mori, McDonagh, Hammerla, Kainz, Glocker,
 * Rueckert, "Attention U-Net: learning where to look for the pancreas", MIDL 2018 (arXiv 1804.03999), in 2-D, as
 * ICONet's experiment uses it. A U-Net (Ronneberger et al. 2015) with batch normalisation whose skip connections
 * pass additive attention gates; the gating signal is the decoder's map, brought to the skip's size.
 *
 * The paper is 3-D and starts at 16 channels with 4 scales; here 16 channels and 5 scales of a 2-D image.
 */
const attentionUnetOptions = z.strictObject({
  /** Channels at full resolution; twice as many at every scale below. */
  width: z.int().min(4).max(64).default(16),
  /** Scales, the full resolution among them. */
  scales: z.int().min(2).max(6).default(5),
});

export type AttentionUnetOptions = z.infer<typeof attentionUnetOptions>;

export const attentionUnet: SegmentationDefinition<AttentionUnetOptions> = {
  name: 'attention-unet',
  description: 'Attention U-Net (Oktay et al. 2018), in 2-D',
  multipleOf: ({ scales }) => 2 ** (scales - 1),
  parseOptions: optionsParser('attention-unet', attentionUnetOptions),
  build(graph, images, { width, scales }) {
    const skips: Tensor[] = [];
    let x = images;
    for (let scale = 0; scale < scales; scale++) {
      if (scale > 0) x = maxPool2d(x, 2, { stride: 2 });
      x = graph.block(`encoder.${scale}`, () => twice(graph, x, width * 2 ** scale)); // [N, width·2ˢ, H/2ˢ, W/2ˢ]
      skips.push(x);
    }
    for (let scale = scales - 2; scale >= 0; scale--) {
      const channels = width * 2 ** scale;
      x = graph.block(`decoder.${scale}`, () => {
        const up = normalized(graph, 'up', upsample(x, 2, 'bilinear'), channels);
        const gated = graph.scope('gate', () =>
          attentionGate(graph, skips[scale]!, up, { channels: Math.max(1, channels / 2) }),
        );
        return twice(graph, concat([gated, up], 1), channels);
      });
    }
    return convLayer(graph, 'logits', x, { channels: 1, kernel: 1 });
  },
};

/** Two convolutions 3×3, each with batch normalisation and ReLU: parameters `0` and `1`. */
function twice(graph: Graph, x: Tensor, channels: number): Tensor {
  return normalized(graph, '1', normalized(graph, '0', x, channels), channels);
}

function normalized(graph: Graph, name: string, x: Tensor, channels: number): Tensor {
  return graph.scope(name, () =>
    relu(batchNormLayer(graph, 'norm', convLayer(graph, 'conv', x, { channels, kernel: 3, bias: false }))),
  );
}
