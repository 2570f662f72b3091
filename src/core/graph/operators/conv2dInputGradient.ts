import type { Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { type ConvGeometry, convolve } from './conv2d.ts';
import { transposeConvolution } from './convTranspose2d.ts';
import { region } from './region.ts';
import { flip, reshape, transpose } from './shapes.ts';

/**
 * dL/dx [N, C, H, W] of a convolution from dy [N, O, I, J] and w [O, C / groups, P, Q].
 *
 * Without stride it is a convolution of dy by the kernel turned by 180° with its channels exchanged. With
 * one, that would work on stride² as many samples, most of them zeros put between those of dy: there it is
 * ConvTranspose, a matrix product whose taps are added where they belong.
 */
export function convInputGradient(dy: Tensor, w: Tensor, inputShape: Shape, geometry: ConvGeometry): Tensor {
  const { stride, dilation, padding, groups } = geometry;
  if (stride.some((step) => step > 1)) return transposeConvolution(dy, w, inputShape, geometry);
  // The window of dy that the turned kernel slides over; padding beyond the kernel's reach saw zeros only.
  const reach = [0, 1].map((axis) => dilation[axis]! * (w.shape[axis + 2]! - 1));
  const before = reach.map((length, axis) => length - padding[axis]!);
  const after = reach.map((length, axis) => length - padding[axis + 2]!);
  const crop = (amounts: readonly number[]) => amounts.map((amount) => Math.max(-amount, 0));
  const fill = (amounts: readonly number[]) => amounts.map((amount) => Math.max(amount, 0));
  const [top, left] = crop(before) as [number, number];
  const [bottom, right] = crop(after) as [number, number];
  const [images, channels, rows, columns] = dy.shape as [number, number, number, number];
  const size = [images, channels, rows - top - bottom, columns - left - right];
  const inside = region(dy, [0, 0, top, left], size);
  return convolve(inside, turnedKernel(w, groups), undefined, {
    stride: [1, 1],
    dilation,
    padding: [...fill(before), ...fill(after)] as [number, number, number, number],
    groups,
  });
}

/** w [O, C / groups, P, Q] turned by 180°, its channels exchanged group by group: [C, O / groups, P, Q]. */
function turnedKernel(w: Tensor, groups: number): Tensor {
  const [outChannels, channels, rows, columns] = w.shape as [number, number, number, number];
  const perGroup = outChannels / groups;
  const exchanged = reshape(
    transpose(reshape(w, [groups, perGroup, channels, rows * columns]), [0, 2, 1, 3]),
    [groups * channels, perGroup, rows, columns],
  );
  return rows * columns === 1 ? exchanged : flip(exchanged, [2, 3]);
}
