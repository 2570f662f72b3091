import type { Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { concat } from './concat.ts';
import { type ConvGeometry, convolve } from './conv2d.ts';
import { matmul } from './matmul.ts';
import { slice } from './pad.ts';
import { reduceSum } from './reduce.ts';
import { region } from './region.ts';
import { flip, reshape, transpose } from './shapes.ts';

/**
 * dL/dw [O, C / groups, P, Q] of a convolution, from x [N, C, H, W] and dy [N, O, I, J]:
 * dw[o, c, p, q] = Σ_{n,i,j} x[n, c, i·sᵣ + p·dᵣ − top, j·s꜀ + q·d꜀ − left] · dy[n, o, i, j].
 * Four forms, chosen by shape, each the fastest measured where it is used (docs/graph-benchmarks.md).
 */
export function convWeightGradient(
  x: Tensor,
  dy: Tensor,
  weightShape: Shape,
  geometry: ConvGeometry,
): Tensor {
  const { stride, padding, groups } = geometry;
  const [outChannels, channels, kernelRows, kernelColumns] = weightShape as [number, number, number, number];
  const dense = stride[0] === 1 && stride[1] === 1;
  if (dense && kernelRows * kernelColumns === 1 && padding.every((n) => n === 0)) {
    return pixelProducts(x, dy, weightShape, groups);
  }
  // Few channels in a group leave a convolution's matrix product with a handful of rows.
  if (dense && groups > 1 && outChannels / groups <= 4 && channels <= 4) {
    return shiftedProducts(x, dy, weightShape, geometry);
  }
  // The kernel of the convolution that gives dw is the one of x and dy that has more channels.
  if (dense && channels > outChannels / groups) return slideGradient(x, dy, weightShape, geometry);
  return slideInput(x, dy, weightShape, geometry);
}

/** 1×1: one matrix product an image, summed. */
function pixelProducts(x: Tensor, dy: Tensor, weightShape: Shape, groups: number): Tensor {
  const [outChannels, channels] = weightShape as [number, number];
  const [images, , rows, columns] = x.shape as [number, number, number, number];
  const pixels = rows * columns;
  const left = reshape(dy, [images, groups, outChannels / groups, pixels]);
  const right = transpose(reshape(x, [images, groups, channels, pixels]), [0, 1, 3, 2]);
  return reshape(reduceSum(matmul(left, right), [0]), weightShape);
}

/**
 * Depthwise: x is copied for each shift along the columns, dy for each along the rows, and one matrix
 * product a group of the copies, [C/g·Q, pixels] × [pixels, O/g·P], holds every tap.
 */
function shiftedProducts(x: Tensor, dy: Tensor, weightShape: Shape, geometry: ConvGeometry): Tensor {
  const { dilation, padding, groups } = geometry;
  const [outChannels, channels, kernelRows, kernelColumns] = weightShape as [number, number, number, number];
  const [images, , height] = x.shape as [number, number, number, number];
  const columns = dy.shape[3]!;
  const perGroup = outChannels / groups;
  const pixels = images * height * columns;
  // Rows are those of x, columns those of dy.
  const shifted = (
    y: Tensor,
    taps: number,
    of: number,
    start: (tap: number) => readonly [number, number],
  ) => {
    const copies = Array.from({ length: taps }, (_, tap) => {
      const copy = region(y, [0, 0, ...start(tap)], [images, groups * of, height, columns]);
      return reshape(imagesLast(copy), [groups, of, 1, pixels]);
    });
    return reshape(concat(copies as [Tensor, ...Tensor[]], 2), [groups, of * taps, pixels]);
  };
  const left = shifted(dy, kernelRows, perGroup, (p) => [padding[0] - p * dilation[0], 0]);
  const right = shifted(x, kernelColumns, channels, (q) => [0, q * dilation[1] - padding[1]]);
  const products = reshape(matmul(left, transpose(right, [0, 2, 1])), [
    outChannels,
    kernelRows,
    channels,
    kernelColumns,
  ]);
  return transpose(products, [0, 2, 1, 3]);
}

/** [N, C, H, W] as [C, N, H, W]. */
function imagesLast(x: Tensor): Tensor {
  return x.shape[0] === 1 ? x : transpose(x, [1, 0, 2, 3]);
}

/**
 * A convolution of x by the kernel dy, whose dilation is the stride and whose stride is the dilation. The
 * images are groups of it. Laid out channels last, [1, N, H, W·C], the channels of x ride along the columns
 * (a kernel dilated by s꜀·C keeps them apart) and come out beside each other.
 */
function slideInput(x: Tensor, dy: Tensor, weightShape: Shape, geometry: ConvGeometry): Tensor {
  const { stride, dilation, padding, groups } = geometry;
  const [, , kernelRows, kernelColumns] = weightShape as [number, number, number, number];
  const taps = convolveImages(x, dy, groups, stride, padding); // [N·O, ≥ dᵣ·(P − 1) + 1, …, C/g]
  const wanted = everyTap(taps, kernelRows, kernelColumns, dilation);
  return transpose(sumOfImages(wanted, x.shape[0]!), [0, 3, 1, 2]);
}

/**
 * The same with the parts exchanged: dy, with zeros around it, is convolved by the kernel x. Seen from x the
 * taps come in reverse order.
 */
function slideGradient(x: Tensor, dy: Tensor, weightShape: Shape, geometry: ConvGeometry): Tensor {
  const { dilation, padding, groups } = geometry;
  const [outChannels, channels, kernelRows, kernelColumns] = weightShape as [number, number, number, number];
  const [images, , height, width] = x.shape as [number, number, number, number];
  const reach = [dilation[0] * (kernelRows - 1), dilation[1] * (kernelColumns - 1)] as const;
  const start = [0, 0, padding[0] - reach[0], padding[1] - reach[1]];
  const around = region(dy, start, [images, outChannels, height + reach[0], width + reach[1]]);
  const taps = convolveImages(around, x, groups, [1, 1], [0, 0, 0, 0]); // [N·C, dᵣ·(P − 1) + 1, …, O/g]
  const wanted = flip(everyTap(taps, kernelRows, kernelColumns, dilation), [1, 2]);
  const sum = sumOfImages(wanted, images); // [C, P, Q, O/g]
  const perGroup = outChannels / groups;
  const grouped = reshape(sum, [groups, channels, kernelRows * kernelColumns, perGroup]);
  return reshape(transpose(grouped, [0, 3, 1, 2]), weightShape);
}

/**
 * Image by image and group by group, x [N, C, H, W] convolved by the images of `kernel` [N, K, I, J]:
 * [N·K, rows, columns, C / groups], not summed over the images.
 */
function convolveImages(
  x: Tensor,
  kernel: Tensor,
  groups: number,
  dilation: readonly [number, number],
  padding: readonly [number, number, number, number],
): Tensor {
  const [images, allChannels, height, width] = x.shape as [number, number, number, number];
  const [, kernels, kernelRows, kernelColumns] = kernel.shape as [number, number, number, number];
  const channels = allChannels / groups;
  const last = transpose(reshape(x, [images * groups, channels, height, width]), [0, 2, 3, 1]);
  const taps = convolve(
    reshape(last, [1, images * groups, height, width * channels]),
    reshape(kernel, [images * kernels, 1, kernelRows, kernelColumns]),
    undefined,
    {
      stride: [1, 1],
      dilation: [dilation[0], dilation[1] * channels],
      padding: [padding[0], padding[1] * channels, padding[2], padding[3] * channels],
      groups: images * groups,
    },
  );
  return reshape(taps, [images * kernels, taps.shape[2]!, taps.shape[3]! / channels, channels]);
}

/** Of taps [K, rows, columns, C] those that the kernel has: [K, P, Q, C]. */
function everyTap(taps: Tensor, rows: number, columns: number, step: readonly [number, number]): Tensor {
  const [kernels, , , channels] = taps.shape as [number, number, number, number];
  return slice(taps, [0, 0, 0, 0], [kernels, rows, columns, channels], [1, step[0], step[1], 1]);
}

/** [N·K, P, Q, C] summed over the images: [K, P, Q, C]. */
function sumOfImages(taps: Tensor, images: number): Tensor {
  if (images === 1) return taps;
  const [kernels, rows, columns, channels] = taps.shape as [number, number, number, number];
  const apart = reshape(taps, [images, (kernels / images) * rows * columns * channels]);
  return reshape(reduceSum(apart, [0]), [kernels / images, rows, columns, channels]);
}
