import * as z from 'zod';
import { add, relu, ZEROS } from '../graph/index.ts';
import { convLayer } from './blocks/conv.ts';
import { enhancedOnly, type NetworkDefinition } from './definition.ts';
import { optionsParser } from './options.ts';

/**
 * VDSR: Kim, Lee, Lee, "Accurate image super-resolution using very deep convolutional networks", CVPR 2016.
 * D = 20 convolutions 3×3 of 64 filters on the interpolated image; the network gives the residual.
 *
 * Interpolation is zero-filling of k-space. The last layer starts at zero, so that training starts from
 * zero-filling itself; it needs no adjustable gradient clipping then, which training offers all the same.
 */
const vdsrOptions = z.strictObject({
  /** D, all layers counted. */
  depth: z.int().min(2).max(40).default(20),
  features: z.int().min(1).max(256).default(64),
});

export type VdsrOptions = z.infer<typeof vdsrOptions>;

export const vdsr: NetworkDefinition<VdsrOptions> = {
  name: 'vdsr',
  description: 'VDSR (Kim et al. 2016) on the zero-filled target',
  usesReference: false,
  haloPx: ({ depth }) => depth,
  sees: 'neighbourhood',
  rawNames: { inputs: { input_zero_filled: 'zeroFilled' }, outputs: { output_sr: 'enhanced' } },
  parseOptions: optionsParser('vdsr', vdsrOptions),
  build(graph, { zeroFilled }, { depth, features }) {
    let x = zeroFilled;
    for (let layer = 0; layer < depth - 1; layer++) {
      x = relu(convLayer(graph, `layers.${layer}`, x, { channels: features, kernel: 3 })); // [N, features, H, W]
    }
    const residual = convLayer(graph, `layers.${depth - 1}`, x, {
      channels: 1,
      kernel: 3,
      initializer: ZEROS,
    });
    return enhancedOnly(add(zeroFilled, residual));
  },
};
