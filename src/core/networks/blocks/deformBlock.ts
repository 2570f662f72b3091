import {
  deformConv2d,
  type Graph,
  type Initializer,
  kaimingNormal,
  sigmoid,
  type Tensor,
  ZEROS,
} from '../../graph/index.ts';
import { convLayer } from './conv.ts';

export interface DeformBlockOptions {
  /** C where left out. */
  readonly channels?: number;
  /**
   * How its weight starts: as the identity and a little noise, where nothing goes around the block and what it does
   * not let through at first is hard to learn; or at random, where it is added to what goes around it.
   */
  readonly start?: 'identity' | 'random';
}

/**
 * A modulated deformable convolution 3×3 that looks at x itself to place and weigh its taps (Zhu, Hu, Lin,
 * Dai, "Deformable ConvNets v2", CVPR 2019): x [N, C, H, W] → [N, channels, H, W], without bias, norm or
 * activation. Offsets and mask come from 3×3 convolutions that start at zero, so that it starts as a plain
 * convolution by half of its weight. Parameters `offset.weight` [18, C, 3, 3], `offset.bias`, `mask.weight`
 * [9, C, 3, 3], `mask.bias`, `weight` [channels, C, 3, 3].
 */
export function deformBlock(graph: Graph, x: Tensor, options: DeformBlockOptions = {}): Tensor {
  const taps = 9;
  const place = { kernel: 3, initializer: ZEROS };
  const offset = convLayer(graph, 'offset', x, { ...place, channels: 2 * taps });
  const mask = sigmoid(convLayer(graph, 'mask', x, { ...place, channels: taps }));
  const channels = x.shape[1] ?? 0;
  const shape = [options.channels ?? channels, channels, 3, 3];
  const start = options.start === 'identity' ? nearIdentity(channels) : kaimingNormal(shape, 1);
  const weight = graph.parameter('weight', shape, start);
  return deformConv2d(x, offset, mask, weight, { padding: 1 });
}

/** Twice the identity, for the mask of a half, and noise of half the size that keeps a variance. */
function nearIdentity(channels: number): Initializer {
  const taps = 9;
  const noise = 0.5 / Math.sqrt(taps * channels);
  return {
    kind: 'function',
    value: (index, random) => {
      const own = Math.floor(index / taps) % channels === Math.floor(index / (taps * channels));
      return (own && index % taps === 4 ? 2 : 0) + random.normal(0, noise);
    },
  };
}
