import { type Graph, pixelShuffle, type Tensor } from '../../graph/index.ts';
import { convLayer } from './conv.ts';

/**
 * Sub-pixel upsampling in steps of two: [convolution 3×3 C → 4C, pixel shuffle] once for ×2, twice for ×4
 * (Shi et al., CVPR 2016; Lim et al. 2017). [N, C, h, w] → [N, C, s·h, s·w]. Parameters `0` and, for ×4,
 * `2`: the places of the convolutions in the released code's sequence.
 */
export function upsampler(graph: Graph, x: Tensor, scale: 2 | 4): Tensor {
  const channels = x.shape[1] ?? 0;
  let y = x;
  for (let step = 0; 2 ** step < scale; step++) {
    y = pixelShuffle(convLayer(graph, String(2 * step), y, { channels: 4 * channels, kernel: 3 }), 2);
  }
  return y;
}
