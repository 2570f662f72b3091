import type { Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { type ConvGeometry, convolve } from './conv2d.ts';
import { insertZeros, pad, slice } from './pad.ts';
import { flip, reshape, transpose } from './shapes.ts';

/**
 * The gradient of a convolution, written as convolutions. Both forms are the fastest of those measured on
 * the CPU engine (docs/graph.md).
 */

/**
 * dL/dw [O, C, P, Q] from x [N, C, H, W] and dy [N, O, I, J]. By the formula of the convolution,
 * dw[o, c, p, q] = Σ_{n,i,j} x[n, c, i·sᵣ + p·dᵣ, j·s꜀ + q·d꜀] · dy[n, o, i, j]: with the images of the
 * batch as channels this is ONE convolution of x by the kernel dy, whose dilation is the stride and whose
 * stride is the dilation. Laid out channels last, [1, N, H, W·C], the channels of x ride along the columns
 * (a kernel dilated by s꜀·C keeps them apart) and come out beside each other.
 */
export function convWeightGradient(
  x: Tensor,
  dy: Tensor,
  weightShape: Shape,
  geometry: ConvGeometry,
): Tensor {
  const { stride, dilation, padding } = geometry;
  const [images, channels, height, width] = x.shape as [number, number, number, number];
  const [outChannels, , kernelRows, kernelColumns] = weightShape as [number, number, number, number];

  const columns = reshape(transpose(x, [0, 2, 3, 1]), [1, images, height, width * channels]);
  const kernel = transpose(dy, [1, 0, 2, 3]); // [O, N, I, J]
  const taps = convolve(columns, kernel, undefined, {
    stride: [1, 1],
    dilation: [stride[0], stride[1] * channels],
    padding: [padding[0], padding[1] * channels, padding[2], padding[3] * channels],
  }); // [1, O, ≥ dᵣ·(P − 1) + 1, ≥ (d꜀·(Q − 1) + 1)·C]
  const rows = taps.shape[2]!;
  const apart = reshape(taps, [outChannels, rows, taps.shape[3]! / channels, channels]);
  const wanted = slice(
    apart,
    [0, 0, 0, 0],
    [outChannels, kernelRows, kernelColumns, channels],
    [1, dilation[0], dilation[1], 1],
  );
  return transpose(wanted, [0, 3, 1, 2]);
}

/**
 * dL/dx [N, C, H, W] from dy [N, O, I, J] and w [O, C, P, Q]: dy with stride − 1 zeros between its
 * samples, convolved by the kernel turned by 180° with its channels exchanged.
 */
export function convInputGradient(dy: Tensor, w: Tensor, inputShape: Shape, geometry: ConvGeometry): Tensor {
  const { stride, dilation, padding } = geometry;
  const spread = insertZeros(insertZeros(dy, 2, stride[0]), 3, stride[1]);
  const kernel = flip(transpose(w, [1, 0, 2, 3]), [2, 3]);
  const around = [0, 1].map((axis) => {
    const reach = dilation[axis]! * (w.shape[axis + 2]! - 1);
    const before = reach - padding[axis]!;
    return { before, after: inputShape[axis + 2]! + reach - spread.shape[axis + 2]! - before };
  });
  const [rows, columns] = around as [(typeof around)[0], (typeof around)[0]];
  const crop = (amount: number) => Math.min(amount, 0);
  const fill = (amount: number) => Math.max(amount, 0);
  // More padding than the kernel reaches over: those samples of dy saw zeros only.
  const inside = pad(
    spread,
    [0, 0, crop(rows.before), crop(columns.before)],
    [0, 0, crop(rows.after), crop(columns.after)],
  );
  return convolve(inside, kernel, undefined, {
    stride: [1, 1],
    dilation,
    padding: [fill(rows.before), fill(columns.before), fill(rows.after), fill(columns.after)],
  });
}
