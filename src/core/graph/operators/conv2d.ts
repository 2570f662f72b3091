import { applyOne } from '../graph.ts';
import { fromFunction, type NdArray } from '../ndarray.ts';
import type { Operator } from '../operator.ts';
import { elementCount, float32, type Shape, ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { convInputGradient, convWeightGradient } from './conv2dGradient.ts';
import { reduceSum } from './reduce.ts';
import { reshape } from './shapes.ts';

export interface ConvGeometry {
  /** Along rows and columns. */
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** Zeros above, left, below and right. */
  readonly padding: readonly [number, number, number, number];
}

/**
 * y[n, o, i, j] = b[o] + Σ_{c,p,q} w[o, c, p, q] · x[n, c, i·sᵣ + p·dᵣ − top, j·s꜀ + q·d꜀ − left]
 * (cross-correlation, as every framework calls convolution). Inputs x [N, C, H, W], w [O, C, P, Q] and,
 * where there is one, b [O].
 */
const CONV2D: Operator<ConvGeometry> = {
  name: 'conv2d',
  infer: ([x, w, b], geometry) => [float32(convShape(x!.shape, w!.shape, b?.shape, geometry))],
  onnx: (emit, inputs, { stride, dilation, padding }) =>
    emit.node('Conv', inputs, {
      strides: { ints: stride },
      dilations: { ints: dilation },
      pads: { ints: padding },
    }),
  gradient: ({ inputs, attributes, outputGradients: [dy], needed }) => {
    const [x, w, b] = inputs as [Tensor, Tensor, Tensor | undefined];
    if (dy === undefined) return [];
    return [
      needed[0] ? convInputGradient(dy, w, x.shape, attributes) : undefined,
      needed[1] ? convWeightGradient(x, dy, w.shape, attributes) : undefined,
      b !== undefined && needed[2] ? reshape(reduceSum(dy, [0, 2, 3]), b.shape) : undefined,
    ];
  },
  reference: ([x, w, b], geometry) => [convReference(x!, w!, b, geometry)],
  multiplyAccumulates: ([x, w, b], geometry) =>
    elementCount(convShape(x!.shape, w!.shape, b?.shape, geometry)) * elementCount(w!.shape.slice(1)),
};

export interface ConvOptions {
  readonly bias?: Tensor | undefined;
  readonly stride?: number;
  readonly dilation?: number;
  /** On all four sides, or above, left, below and right. */
  readonly padding?: number | readonly [number, number, number, number];
}

/** 2-D convolution of x [N, C, H, W] with w [O, C, P, Q]; see the operator for the formula. */
export function conv2d(x: Tensor, w: Tensor, options: ConvOptions = {}): Tensor {
  const { bias, stride = 1, dilation = 1, padding = 0 } = options;
  return convolve(x, w, bias, {
    stride: [stride, stride],
    dilation: [dilation, dilation],
    padding: typeof padding === 'number' ? [padding, padding, padding, padding] : padding,
  });
}

/** The operator itself, with all of its geometry. */
export function convolve(x: Tensor, w: Tensor, bias: Tensor | undefined, geometry: ConvGeometry): Tensor {
  return applyOne(CONV2D, bias === undefined ? [x, w] : [x, w, bias], geometry);
}

function convShape(
  x: Shape,
  w: Shape,
  b: Shape | undefined,
  { stride, dilation, padding }: ConvGeometry,
): Shape {
  if (x.length !== 4 || w.length !== 4) throw new ShapeError('it takes x [N, C, H, W] and w [O, C, P, Q]');
  if (x[1] !== w[1]) throw new ShapeError(`x has ${x[1]} channels, w takes ${w[1]}`);
  if (b !== undefined && (b.length !== 1 || b[0] !== w[0]))
    throw new ShapeError(`the bias needs ${w[0]} values`);
  if ([...stride, ...dilation].some((n) => n < 1) || padding.some((n) => n < 0)) {
    throw new ShapeError('strides and dilations start at 1, paddings at 0');
  }
  const length = (axis: 0 | 1) => {
    const padded = x[axis + 2]! + padding[axis] + padding[axis + 2]!;
    return Math.floor((padded - dilation[axis] * (w[axis + 2]! - 1) - 1) / stride[axis]) + 1;
  };
  if (length(0) < 1 || length(1) < 1) throw new ShapeError('the kernel is larger than the padded image');
  return [x[0]!, w[0]!, length(0), length(1)];
}

function convReference(x: NdArray, w: NdArray, b: NdArray | undefined, geometry: ConvGeometry): NdArray {
  const { stride, dilation, padding } = geometry;
  const [, channels, height, width] = x.shape as [number, number, number, number];
  const [, , kernelRows, kernelColumns] = w.shape as [number, number, number, number];
  return fromFunction(convShape(x.shape, w.shape, b?.shape, geometry), (index) => {
    const [n, o, i, j] = index as [number, number, number, number];
    let sum = b?.data[o] ?? 0;
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < kernelRows; p++) {
        const row = i * stride[0] + p * dilation[0] - padding[0];
        if (row < 0 || row >= height) continue;
        for (let q = 0; q < kernelColumns; q++) {
          const column = j * stride[1] + q * dilation[1] - padding[1];
          if (column < 0 || column >= width) continue;
          sum +=
            w.data[((o * channels + c) * kernelRows + p) * kernelColumns + q]! *
            x.data[((n * channels + c) * height + row) * width + column]!;
        }
      }
    }
    return sum;
  });
}
