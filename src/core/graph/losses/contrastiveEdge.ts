import { mul, sub } from '../operators/arithmetic.ts';
import { conv2d } from '../operators/conv2d.ts';
import { mean } from '../operators/reduce.ts';
import { reshape } from '../operators/shapes.ts';
import { ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { fitOneShape } from './oneShape.ts';

/**
 * Second derivatives along rows and columns, along the diagonals, and along all four. The second is printed in
 * GLMamba with +1 at the bottom right, which sums to 2: no edge kernel; −1 is the only symmetric reading.
 */
const EDGE_KERNELS = [
  [0, -1, 0, -1, 4, -1, 0, -1, 0],
  [-1, 0, -1, 0, 4, 0, -1, 0, -1],
  [1, 1, 1, 1, -8, 1, 1, 1, 1],
] as const;

/**
 * Contrastive edge loss, a scalar: the squared differences of three edge maps of a and b [N, C, H, W], zeros
 * around them, meant over pixels, channels and images. `mean`: (1/3) · Σᵢ mean((Eᵢ∗a − Eᵢ∗b)²), GLMamba's;
 * `sum`: without the 1/3, Deform-Mamba's.
 */
export function contrastiveEdgeLoss(a: Tensor, b: Tensor, over: 'mean' | 'sum' = 'mean'): Tensor {
  fitOneShape('contrastiveEdgeLoss', a, b);
  a.graph.checked('contrastiveEdgeLoss', [a, b], () => {
    if (a.shape.length !== 4) throw new ShapeError('it takes images [N, C, H, W]');
  });
  const [images, channels, rows, columns] = a.shape as [number, number, number, number];
  // Linear: the edges of the difference. Each channel is an image of its own.
  const difference = reshape(sub(a, b), [images * channels, 1, rows, columns]);
  const kernels = a.graph.constant(EDGE_KERNELS.flat(), [EDGE_KERNELS.length, 1, 3, 3]);
  const edges = conv2d(difference, kernels, { padding: 1 });
  const loss = mean(mul(edges, edges));
  return over === 'mean' ? loss : mul(loss, EDGE_KERNELS.length);
}
