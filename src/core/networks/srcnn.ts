import * as z from 'zod';
import { TandemError } from '../errors.ts';
import { add, concat, relu, ZEROS } from '../graph/index.ts';
import { convLayer } from './blocks/conv.ts';
import { enhancedOnly, type NetworkDefinition } from './definition.ts';
import { optionsParser } from './options.ts';

/**
 * SRCNN: Dong, Loy, He, Tang, "Image super-resolution using deep convolutional networks", TPAMI 2016.
 * Three convolutions on the interpolated image: patch extraction (n₁ = 64 filters of f₁ = 9), non-linear
 * mapping (n₂ = 32 of f₂ = 5; the paper also has 1 and 3), reconstruction (f₃ = 5).
 *
 * Two things differ from the paper. Interpolation is zero-filling of k-space, and the network gives a
 * correction to it: the last layer starts at zero, so that training starts from zero-filling itself.
 */
const srcnnOptions = z.strictObject({
  /** n₁ and n₂. */
  features: z.tuple([z.int().min(1).max(256), z.int().min(1).max(256)]).default([64, 32]),
  /** f₁, f₂ and f₃. */
  kernels: z
    .tuple([z.literal([1, 3, 5, 7, 9]), z.literal([1, 3, 5]), z.literal([1, 3, 5])])
    .default([9, 5, 5]),
});

export type SrcnnOptions = z.infer<typeof srcnnOptions>;

/** Both networks: they differ only in what they see. */
function define(name: string, description: string, usesReference: boolean): NetworkDefinition<SrcnnOptions> {
  return {
    name,
    description,
    usesReference,
    haloPx: ({ kernels }) => kernels.reduce((reach, kernel) => reach + (kernel - 1) / 2, 0),
    sees: 'neighbourhood',
    rawNames: {
      inputs: { input_zero_filled: 'zeroFilled', ...(usesReference && { input_ref: 'reference' as const }) },
      outputs: { output_sr: 'enhanced' },
    },
    parseOptions: optionsParser(name, srcnnOptions),
    build(graph, { zeroFilled, reference }, { features: [n1, n2], kernels: [f1, f2, f3] }) {
      if (usesReference !== (reference !== undefined)) {
        throw new TandemError('bad-model', `${name} ${usesReference ? 'needs a' : 'takes no'} reference`);
      }
      const seen = reference === undefined ? zeroFilled : concat([zeroFilled, reference], 1); // [N, 1 or 2, H, W]
      const patches = relu(convLayer(graph, 'patches', seen, { channels: n1, kernel: f1 })); // [N, n₁, H, W]
      const mapped = relu(convLayer(graph, 'mapping', patches, { channels: n2, kernel: f2 })); // [N, n₂, H, W]
      const correction = convLayer(graph, 'reconstruction', mapped, {
        channels: 1,
        kernel: f3,
        initializer: ZEROS,
      }); // [N, 1, H, W]
      return enhancedOnly(add(zeroFilled, correction));
    },
  };
}

/** The baseline of every table: the target alone. */
export const srcnn = define('srcnn', 'SRCNN (Dong et al. 2016) on the zero-filled target', false);

/** The same network given the reference as a second channel. */
export const srcnnGuided = define(
  'srcnn-guided',
  'SRCNN (Dong et al. 2016) on the zero-filled target and the reference',
  true,
);
