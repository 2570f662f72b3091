import { TandemError } from '../../errors.ts';
import { formatShape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { add } from './arithmetic.ts';
import { convolve } from './conv2d.ts';
import { pad } from './pad.ts';
import { region } from './region.ts';
import { reshape } from './shapes.ts';

/**
 * 3-D convolution of one channel that keeps the size: x [N, D, H, W] as volumes of D slices, w [P, Q, R] of
 * odd sizes, zeros around, bias [1] (torch.nn.functional.conv3d of [N, 1, D, H, W] by [1, 1, P, Q, R]):
 * y[n, d, i, j] = b + Σ_{p,q,r} w[p, q, r] · x[n, d + p − (P−1)/2, i + q − (Q−1)/2, j + r − (R−1)/2].
 *
 * A convolution of every slice to P channels, one for each place that the slice can have under the kernel;
 * then each channel is added one slice further on. Throws `bad-model` for shapes that do not fit.
 */
export function conv3dSingle(x: Tensor, w: Tensor, bias?: Tensor): Tensor {
  if (x.shape.length !== 4 || w.shape.length !== 3 || w.shape.some((size) => size % 2 === 0)) {
    throw new TandemError(
      'bad-model',
      `conv3dSingle, given ${formatShape(x.shape)}, ${formatShape(w.shape)}: it takes x [N, D, H, W] and w [P, Q, R] of odd sizes`,
    );
  }
  const [images, slices, height, width] = x.shape as [number, number, number, number];
  const [depth, rows, columns] = w.shape as [number, number, number];
  const [middle, above, left] = [(depth - 1) / 2, (rows - 1) / 2, (columns - 1) / 2];
  // The middle tap is the one that every slice has.
  const biases = bias && pad(bias, [middle], [middle]);
  const flat = convolve(
    reshape(x, [images * slices, 1, height, width]),
    reshape(w, [depth, 1, rows, columns]),
    biases,
    { stride: [1, 1], dilation: [1, 1], padding: [above, left, above, left], groups: 1 },
  );
  const taps = reshape(flat, [images, slices, depth, height * width]);
  const size = [images, slices, 1, height * width];
  const shifted = Array.from({ length: depth }, (_, p) => region(taps, [0, p - middle, p, 0], size));
  return reshape(shifted.reduce(add), x.shape);
}
