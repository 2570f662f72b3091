import { applyOne } from '../graph.ts';
import { fromFunction, type NdArray } from '../ndarray.ts';
import type { Operator } from '../operator.ts';
import { float32, formatShape, type Shape, ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { emitProducts, type Matrix, productBytes, transposeMatrix } from './separable.ts';

/** Filters of `resize`: triangles, or cubics by convolution (Keys 1981) with a = −0.75, as torch has them. */
export type ResizeFilter = 'bilinear' | 'bicubic';

interface Resizing {
  readonly size: readonly [number, number];
  readonly filter: ResizeFilter;
  /** The transposed matrices: from `size` back, the gradient. */
  readonly transposed: boolean;
}

/** y = R·x·Cᵀ for every image and channel, R and C the matrices of the rows and the columns. */
const RESIZE: Operator<Resizing> = {
  name: 'resize',
  infer: ([x], { size }) => [float32([x!.shape[0]!, x!.shape[1]!, ...size])],
  onnx: (emit, [x], resizing, { inputs, outputs }) => {
    const scales = exactScales(inputs[0]!.shape, resizing);
    if (scales !== undefined) {
      return emit.node('Resize', [x!, '', emit.float32([1, 1, ...scales], [4])], {
        mode: { string: 'linear' },
        coordinate_transformation_mode: { string: 'half_pixel' },
      });
    }
    const [, , fromRows, fromColumns] = inputs[0]!.shape as [number, number, number, number];
    const [, , toRows, toColumns] = outputs[0]!.shape as [number, number, number, number];
    return emitProducts(
      emit,
      x!,
      axisMatrix(fromRows, toRows, resizing),
      axisMatrix(fromColumns, toColumns, resizing),
    );
  },
  gradient: ({ inputs, attributes: { filter, transposed }, outputGradients: [dy] }) => {
    if (dy === undefined) return [];
    const [, , rows, columns] = inputs[0]!.shape as [number, number, number, number];
    return [applyOne(RESIZE, [dy], { size: [rows, columns], filter, transposed: !transposed })];
  },
  reference: ([x], { size, filter, transposed }) => [
    transposed ? resizeTransposed(x!, size, filter) : resizeReference(x!, size, filter),
  ],
  workspaceBytes: ([x], resizing) =>
    exactScales(x!.shape, resizing) === undefined ? productBytes(x!.shape, resizing.size[0]) : 0,
};

/**
 * x [N, C, H, W] resized to [N, C, ...size] as torch.nn.functional.interpolate does with align_corners false:
 * sample i of n′ lies at (i + ½)·n/n′ − ½ of n, pixels beyond the border are those of the border, and nothing
 * is low-pass filtered before it shrinks (antialias false). Throws `bad-model` where a size is no whole number
 * above 0.
 *
 * Two products with small constant matrices, and the gradient two with their transposes; bilinear by a power
 * of two as ONNX's Resize, which is exact then (its cubic takes 29 × as long as the products).
 */
export function resize(x: Tensor, size: readonly [number, number], filter: ResizeFilter): Tensor {
  x.graph.checked('resize', [x], () => {
    if (x.shape.length !== 4) throw new ShapeError('it takes [N, C, H, W]');
    if (!size.every((length) => Number.isSafeInteger(length) && length > 0)) {
      throw new ShapeError(`nothing can be resized to ${formatShape(size)}`);
    }
  });
  if (x.shape[2] === size[0] && x.shape[3] === size[1]) return x;
  return applyOne(RESIZE, [x], { size, filter, transposed: false });
}

/** x [N, C, H, W] → [N, C, H·scale, W·scale] (torch.nn.Upsample, align_corners false); see `resize`. */
export function upsample(x: Tensor, scale: number, filter: ResizeFilter): Tensor {
  const [, , rows, columns] = x.shape as [number, number, number, number];
  return resize(x, [rows * scale, columns * scale], filter);
}

/** Powers of two: source positions are exact in float32, so that Resize agrees with the matrices. */
function exactScales(
  from: Shape,
  { size, filter, transposed }: Resizing,
): readonly [number, number] | undefined {
  if (filter !== 'bilinear' || transposed) return undefined;
  const [rows, columns] = [size[0] / from[2]!, size[1] / from[3]!];
  return [rows, columns].every((scale) => scale >= 1 && Number.isInteger(Math.log2(scale)))
    ? [rows, columns]
    : undefined;
}

function axisMatrix(from: number, to: number, { filter, transposed }: Resizing): Matrix {
  return transposed ? transposeMatrix(resizeMatrix(to, from, filter)) : resizeMatrix(from, to, filter);
}

/** The weights with which `from` samples make up `to`. */
function resizeMatrix(from: number, to: number, filter: ResizeFilter): Matrix {
  const values = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    const position = sourcePosition(i, from, to);
    const reach = filter === 'bilinear' ? 1 : 2;
    for (let n = Math.floor(position) - reach + 1; n <= Math.floor(position) + reach; n++) {
      const at = i * from + clampIndex(n, from);
      values[at] = values[at]! + weight(filter, position - n);
    }
  }
  return { rows: to, columns: from, values };
}

function sourcePosition(i: number, from: number, to: number): number {
  return ((i + 0.5) * from) / to - 0.5;
}

function clampIndex(n: number, size: number): number {
  return Math.min(Math.max(n, 0), size - 1);
}

/** What a sample at this distance counts. */
function weight(filter: ResizeFilter, distance: number): number {
  const t = Math.abs(distance);
  if (filter === 'bilinear') return Math.max(1 - t, 0);
  const a = -0.75;
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
}

function resizeReference(x: NdArray, size: readonly [number, number], filter: ResizeFilter): NdArray {
  const [images, channels, rows, columns] = x.shape as [number, number, number, number];
  return fromFunction([images, channels, ...size], (index) => {
    const [n, c, i, j] = index as [number, number, number, number];
    let sum = 0;
    eachTap(i, rows, size[0], filter, (row, byRow) => {
      eachTap(j, columns, size[1], filter, (column, byColumn) => {
        sum += byRow * byColumn * x.data[((n * channels + c) * rows + row) * columns + column]!;
      });
    });
    return sum;
  });
}

/** Each sample of y [N, C, H′, W′] is given back to those of [N, C, ...size] that it was made of. */
function resizeTransposed(y: NdArray, size: readonly [number, number], filter: ResizeFilter): NdArray {
  const [images, channels, rows, columns] = y.shape as [number, number, number, number];
  const result = fromFunction([images, channels, ...size], () => 0);
  fromFunction(y.shape, (index) => {
    const [n, c, i, j] = index as [number, number, number, number];
    const value = y.data[((n * channels + c) * rows + i) * columns + j]!;
    eachTap(i, size[0], rows, filter, (row, byRow) => {
      eachTap(j, size[1], columns, filter, (column, byColumn) => {
        const at = ((n * channels + c) * size[0] + row) * size[1] + column;
        result.data[at] = result.data[at]! + byRow * byColumn * value;
      });
    });
    return value;
  });
  return result;
}

function eachTap(
  i: number,
  from: number,
  to: number,
  filter: ResizeFilter,
  visit: (sample: number, weight: number) => void,
): void {
  const position = sourcePosition(i, from, to);
  for (let n = Math.floor(position) - 1; n <= Math.floor(position) + 2; n++) {
    visit(clampIndex(n, from), weight(filter, position - n));
  }
}
