import { applyOne } from '../graph.ts';
import { at, fromFunction, type NdArray } from '../ndarray.ts';
import type { Operator } from '../operator.ts';
import { float32, type Shape, ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { add, div, mul } from './arithmetic.ts';
import { equal, mask } from './compare.ts';
import { checkSteps } from './conv2d.ts';
import { transposeConvolution } from './convTranspose2d.ts';
import { insertZeros, pad, slice } from './pad.ts';
import { reduceMax, reduceMean, reduceSum } from './reduce.ts';
import { region } from './region.ts';
import { reshape, transpose } from './shapes.ts';

interface Pooling {
  /** Rows and columns of the window. */
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Above and below, left and right; at most half of the window. */
  readonly padding: readonly [number, number];
}

/** y[n, c, i, j] = max_{p,q} x[n, c, i·sᵣ + p − padding, j·s꜀ + q − padding]; what is added around never wins. */
const MAX_POOL: Operator<Pooling> = {
  name: 'maxPool2d',
  infer: ([x], pooling) => [float32(pooledShape(x!.shape, pooling))],
  onnx: (emit, [x], pooling) => emit.node('MaxPool', [x!], poolAttributes(pooling)),
  gradient: ({ inputs, outputs, attributes, outputGradients: [dy] }) =>
    dy === undefined ? [] : [maxPoolGradient(inputs[0]!, outputs[0]!, dy, attributes)],
  reference: ([x], pooling) => [
    pooled(x!, pooling, (values) => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)),
  ],
};

/** The mean of each window, zeros around x included. */
const AVERAGE_POOL: Operator<Pooling> = {
  name: 'averagePool2d',
  infer: ([x], pooling) => [float32(pooledShape(x!.shape, pooling))],
  onnx: (emit, [x], pooling) =>
    emit.node('AveragePool', [x!], { ...poolAttributes(pooling), count_include_pad: { int: 1 } }),
  gradient: ({ inputs, attributes: { kernel, stride, padding }, outputGradients: [dy] }) => {
    if (dy === undefined) return [];
    const { graph, shape } = inputs[0]!;
    const channels = shape[1]!;
    const area = kernel[0] * kernel[1];
    const weights = graph.constant(new Float32Array(channels * area).fill(1 / area), [
      channels,
      1,
      ...kernel,
    ]);
    const geometry = {
      stride,
      dilation: [1, 1],
      padding: [...padding, ...padding],
      groups: channels,
    } as const;
    return [transposeConvolution(dy, weights, shape, geometry)];
  },
  reference: ([x], pooling) => [
    pooled(
      x!,
      pooling,
      (values) => values.reduce((a, b) => a + b, 0) / (pooling.kernel[0] * pooling.kernel[1]),
    ),
  ],
};

export interface PoolOptions {
  /** Steps between windows; the size of a window where absent. */
  readonly stride?: number;
  /** On all four sides, at most half of a window. */
  readonly padding?: number;
}

/** Mean over each image: [N, C, H, W] → [N, C, 1, 1]. */
export function globalAveragePool(x: Tensor): Tensor {
  checkImages('globalAveragePool', x);
  return reduceMean(x, [2, 3]);
}

/** Maximum over each image: [N, C, H, W] → [N, C, 1, 1]. Pixels that are all the largest share the gradient. */
export function globalMaxPool(x: Tensor): Tensor {
  checkImages('globalMaxPool', x);
  return reduceMax(x, [2, 3]);
}

/**
 * Maximum over windows of `kernel` × `kernel`: [N, C, H, W] → [N, C, I, J] with
 * I = ⌊(H + 2·padding − kernel) / stride⌋ + 1 (torch.nn.functional.max_pool2d). Pixels of a window that are
 * all the largest share its gradient (torch gives it to the first).
 */
export function maxPool2d(x: Tensor, kernel: number, options: PoolOptions = {}): Tensor {
  return applyOne(MAX_POOL, [x], poolingOf(kernel, options));
}

/** Mean over windows, of the same shapes; zeros around the image count (torch.nn.functional.avg_pool2d). */
export function averagePool2d(x: Tensor, kernel: number, options: PoolOptions = {}): Tensor {
  return applyOne(AVERAGE_POOL, [x], poolingOf(kernel, options));
}

function checkImages(name: string, x: Tensor): void {
  x.graph.checked(name, [x], () => {
    if (x.shape.length !== 4) throw new ShapeError('it takes x [N, C, H, W]');
  });
}

function poolingOf(kernel: number, { stride = kernel, padding = 0 }: PoolOptions): Pooling {
  return { kernel: [kernel, kernel], stride: [stride, stride], padding: [padding, padding] };
}

function poolAttributes({ kernel, stride, padding }: Pooling) {
  return {
    kernel_shape: { ints: kernel },
    strides: { ints: stride },
    pads: { ints: [...padding, ...padding] },
  };
}

/**
 * Windows that lie beside each other: their taps are brought together, [P·Q, N·C, I, J], and those that are
 * the maximum share its gradient.
 */
function apartMaxPoolGradient(x: Tensor, y: Tensor, dy: Tensor, { kernel }: Pooling): Tensor {
  const [images, channels, height, width] = x.shape as [number, number, number, number];
  const [, , rows, columns] = y.shape as [number, number, number, number];
  const planes = images * channels;
  const covered = [images, channels, rows * kernel[0], columns * kernel[1]];
  const cells = reshape(region(x, [0, 0, 0, 0], covered), [planes, rows, kernel[0], columns, kernel[1]]);
  const apart = transpose(cells, [2, 4, 0, 1, 3]);
  const taps = reshape(apart, [kernel[0] * kernel[1], planes * rows * columns]);
  const largest = mask(equal(taps, reshape(y, [1, planes * rows * columns])));
  const share = div(reshape(dy, [1, planes * rows * columns]), reduceSum(largest, [0]));
  const back = transpose(reshape(mul(largest, share), apart.shape), [2, 3, 0, 4, 1]);
  return region(reshape(back, covered), [0, 0, 0, 0], [images, channels, height, width]);
}

/**
 * Tap by tap: where x is the maximum of its window, it gets that window's share. Indices of the maxima would
 * need a scatter that adds, which not every device has.
 */
function maxPoolGradient(x: Tensor, y: Tensor, dy: Tensor, pooling: Pooling): Tensor {
  const { kernel, stride, padding } = pooling;
  if (kernel.every((size, axis) => size === stride[axis] && padding[axis] === 0)) {
    return apartMaxPoolGradient(x, y, dy, pooling);
  }
  const [images, channels, height, width] = x.shape as [number, number, number, number];
  const [, , rows, columns] = y.shape as [number, number, number, number];
  const size = [images, channels, rows, columns];
  const reach = [(rows - 1) * stride[0] + kernel[0], (columns - 1) * stride[1] + kernel[1]] as const;
  const beyond = [reach[0] - height - padding[0], reach[1] - width - padding[1]] as const;
  const around = pad(x, [0, 0, ...padding], [0, 0, ...beyond]);
  const taps = Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => {
    const [p, q] = [Math.floor(tap / kernel[1]), tap % kernel[1]] as const;
    const largest = mask(equal(slice(around, [0, 0, p, q], size, [1, 1, ...stride]), y));
    // A zero around x may equal the maximum, but has no part in it.
    const inside = (i: number, j: number) => {
      const [row, column] = [i * stride[0] + p - padding[0], j * stride[1] + q - padding[1]];
      return row >= 0 && row < height && column >= 0 && column < width;
    };
    const seen = Float32Array.from({ length: rows * columns }, (_, n) =>
      inside(Math.floor(n / columns), n % columns) ? 1 : 0,
    );
    const wins = seen.includes(0) ? mul(largest, x.graph.constant(seen, [rows, columns])) : largest;
    return { start: [0, 0, p, q], wins };
  });
  const share = div(dy, taps.map(({ wins }) => wins).reduce(add));
  const placed = taps.map(({ start, wins }) => {
    const spread = insertZeros(insertZeros(mul(share, wins), 2, stride[0]), 3, stride[1]);
    const after = around.shape.map((length, axis) => length - start[axis]! - spread.shape[axis]!);
    return pad(spread, start, after);
  });
  return pad(
    placed.reduce(add),
    [0, 0, -padding[0], -padding[1]],
    beyond.reduce((amounts, amount, axis) => amounts.with(axis + 2, -amount), [0, 0, 0, 0]),
  );
}

function pooledShape(x: Shape, { kernel, stride, padding }: Pooling): Shape {
  if (x.length !== 4) throw new ShapeError('it takes x [N, C, H, W]');
  checkSteps([...kernel, ...stride], padding);
  if (padding.some((amount, axis) => 2 * amount > kernel[axis]!)) {
    throw new ShapeError('the padding is at most half of the kernel');
  }
  const length = (axis: 0 | 1) =>
    Math.floor((x[axis + 2]! + 2 * padding[axis] - kernel[axis]) / stride[axis]) + 1;
  if (length(0) < 1 || length(1) < 1) throw new ShapeError('the kernel is larger than the padded image');
  return [x[0]!, x[1]!, length(0), length(1)];
}

/** `join` of the values of x in each window. */
function pooled(x: NdArray, pooling: Pooling, join: (values: readonly number[]) => number): NdArray {
  const { kernel, stride, padding } = pooling;
  return fromFunction(pooledShape(x.shape, pooling), (index) => {
    const [n, c, i, j] = index as [number, number, number, number];
    const values: number[] = [];
    for (let p = 0; p < kernel[0]; p++) {
      const row = i * stride[0] + p - padding[0];
      for (let q = 0; q < kernel[1]; q++) {
        const column = j * stride[1] + q - padding[1];
        const inside = row >= 0 && row < x.shape[2]! && column >= 0 && column < x.shape[3]!;
        if (inside) values.push(at(x, [n, c, row, column]));
      }
    }
    return join(values);
  });
}
