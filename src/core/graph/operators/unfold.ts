import { applyOne } from '../graph.ts';
import { at, fromFunction, ndarray } from '../ndarray.ts';
import type { OnnxEmitter } from '../onnx/emitter.ts';
import type { Operator } from '../operator.ts';
import { float32, type Shape, ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { checkSteps } from './conv2d.ts';

export interface UnfoldOptions {
  /** Rows and columns of the window. */
  readonly kernel: readonly [number, number];
  readonly stride?: number;
  readonly dilation?: number;
  /** Zeros on all four sides. */
  readonly padding?: number;
}

interface Sliding {
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly dilation: number;
  readonly padding: number;
}

interface Folding extends Sliding {
  readonly size: readonly [number, number];
}

/** y[n, c·PQ + p·Q + q, i·J + j] = x[n, c, i·s + p·d − pad, j·s + q·d − pad], 0 outside of x. */
const UNFOLD: Operator<Sliding> = {
  name: 'unfold',
  infer: ([x], sliding) => {
    if (x!.shape.length !== 4) throw new ShapeError('it takes [N, C, H, W]');
    const [images, channels, rows, columns] = x!.shape as [number, number, number, number];
    const [i, j] = positions([rows, columns], sliding);
    return [float32([images, channels * sliding.kernel[0] * sliding.kernel[1], i * j])];
  },
  onnx: (emit, [x], sliding, { inputs, outputs }) => [
    emitUnfold(emit, x!, inputs[0]!.shape, outputs[0]!.shape, sliding),
  ],
  gradient: ({ inputs, attributes, outputGradients: [dy] }) => {
    if (dy === undefined) return [];
    const [, , rows, columns] = inputs[0]!.shape as [number, number, number, number];
    return [applyOne(FOLD, [dy], { ...attributes, size: [rows, columns] })];
  },
  reference: ([x], sliding) => {
    const [images, channels, rows, columns] = x!.shape as [number, number, number, number];
    const [p, q] = sliding.kernel;
    const [i, j] = positions([rows, columns], sliding);
    return [
      fromFunction([images, channels * p * q, i * j], ([n, plane, place]) => {
        const { channel, row, column } = sampleAt(plane!, place!, j, sliding);
        const inside = row >= 0 && row < rows && column >= 0 && column < columns;
        return inside ? at(x!, [n!, channel, row, column]) : 0;
      }),
    ];
  },
  // The padded image, and the taps before they are joined.
  workspaceBytes: ([x], sliding) => {
    const [images, channels, rows, columns] = x!.shape as [number, number, number, number];
    const { kernel, padding } = sliding;
    const [i, j] = positions([rows, columns], sliding);
    const padded = (rows + 2 * padding) * (columns + 2 * padding);
    return 4 * images * channels * (padded + kernel[0] * kernel[1] * i * j);
  },
};

/** The transpose of UNFOLD: every element is added where it was taken from. */
const FOLD: Operator<Folding> = {
  name: 'fold',
  infer: ([x], folding) => {
    const [p, q] = folding.kernel;
    const [i, j] = positions(folding.size, folding);
    const [images, planes, places] = x!.shape as [number, number, number];
    if (x!.shape.length !== 3 || planes % (p * q) !== 0 || places !== i * j) {
      throw new ShapeError(`it takes [N, C·${p * q}, ${i * j}]`);
    }
    return [float32([images, planes / (p * q), ...folding.size])];
  },
  onnx: (emit, [x], folding, { inputs }) => emitFold(emit, x!, inputs[0]!.shape, folding),
  gradient: ({ attributes: { size: _, ...sliding }, outputGradients: [dy] }) =>
    dy === undefined ? [] : [applyOne(UNFOLD, [dy], sliding)],
  reference: ([x], folding) => {
    const [images, planes] = x!.shape as [number, number, number];
    const [rows, columns] = folding.size;
    const [, j] = positions(folding.size, folding);
    const channels = planes / (folding.kernel[0] * folding.kernel[1]);
    const result = ndarray([images, channels, rows, columns]);
    fromFunction(x!.shape, (index) => {
      const [n, plane, place] = index as [number, number, number];
      const value = at(x!, index);
      const { channel, row, column } = sampleAt(plane, place, j, folding);
      if (row >= 0 && row < rows && column >= 0 && column < columns) {
        const offset = ((n * channels + channel) * rows + row) * columns + column;
        result.data[offset] = result.data[offset]! + value;
      }
      return value;
    });
    return [result];
  },
};

/**
 * The windows of x [N, C, H, W] as columns: [N, C·P·Q, L], L windows row by row, channels first (index =
 * channel · taps + tap), zeros around x (torch.nn.Unfold).
 */
export function unfold(x: Tensor, options: UnfoldOptions): Tensor {
  return applyOne(UNFOLD, [x], sliding(options));
}

/** Columns [N, C·P·Q, L] added up where `unfold` takes them from: [N, C, ...size] (torch.nn.Fold). */
export function fold(x: Tensor, size: readonly [number, number], options: UnfoldOptions): Tensor {
  return applyOne(FOLD, [x], { ...sliding(options), size });
}

function sliding({ kernel, stride = 1, dilation = 1, padding = 0 }: UnfoldOptions): Sliding {
  return { kernel, stride, dilation, padding };
}

/** How many windows there are below and beside each other. */
function positions(size: readonly [number, number], sliding: Sliding): readonly [number, number] {
  const { kernel, stride, dilation, padding } = sliding;
  checkSteps([stride, dilation, ...kernel], [padding]);
  const along = (axis: 0 | 1) =>
    Math.floor((size[axis] + 2 * padding - dilation * (kernel[axis] - 1) - 1) / stride) + 1;
  if (along(0) < 1 || along(1) < 1) throw new ShapeError('the window is larger than the padded image');
  return [along(0), along(1)];
}

/** The sample of x that stands at a place of the columns. */
function sampleAt(
  plane: number,
  place: number,
  across: number,
  { kernel, stride, dilation, padding }: Sliding,
) {
  const [p, q] = kernel;
  const tap = plane % (p * q);
  return {
    channel: Math.floor(plane / (p * q)),
    row: Math.floor(place / across) * stride + Math.floor(tap / q) * dilation - padding,
    column: (place % across) * stride + (tap % q) * dilation - padding,
  };
}

/** A shifted cut of the padded image for each tap, put beside each other below their channel. */
function emitUnfold(emit: OnnxEmitter, x: string, from: Shape, to: Shape, sliding: Sliding): string {
  const { kernel, stride, dilation, padding } = sliding;
  const [images, channels, rows, columns] = from as [number, number, number, number];
  const [i, j] = positions([rows, columns], sliding);
  const around = [0, 0, padding, padding];
  const [padded] = padding === 0 ? [x] : emit.node('Pad', [x, emit.int64([...around, ...around])]);
  const taps: string[] = [];
  for (let p = 0; p < kernel[0]; p++) {
    for (let q = 0; q < kernel[1]; q++) {
      const start = [p * dilation, q * dilation];
      const end = [start[0]! + (i - 1) * stride + 1, start[1]! + (j - 1) * stride + 1];
      const cut = emit.node('Slice', [
        padded!,
        emit.int64(start),
        emit.int64(end),
        emit.int64([2, 3]),
        emit.int64([stride, stride]),
      ]);
      taps.push(emit.node('Reshape', [...cut, emit.int64([images, channels, 1, i * j])])[0]!);
    }
  }
  const joined = emit.node('Concat', taps, { axis: { int: 2 } });
  return emit.node('Reshape', [...joined, emit.int64(to)])[0]!;
}

/**
 * ONNX's Col2Im on the CPU, 0.4 × the time of shifting and adding; it is not everywhere, so elsewhere a
 * transposed convolution of each plane's taps by kernels with a single 1 each. (As one convolution with a group
 * a plane it is wrong on onnxruntime 1.30's WebGPU where stride or dilation is above 1.)
 */
function emitFold(emit: OnnxEmitter, x: string, from: Shape, folding: Folding): readonly string[] {
  const { kernel, stride, dilation, padding, size } = folding;
  const geometry = {
    strides: { ints: [stride, stride] },
    dilations: { ints: [dilation, dilation] },
    pads: { ints: [padding, padding, padding, padding] },
  };
  if (emit.device === 'cpu') {
    return emit.node('Col2Im', [x, emit.int64(size), emit.int64(kernel)], geometry);
  }
  const taps = kernel[0] * kernel[1];
  const [images, planes] = from as [number, number, number];
  const [i, j] = positions(size, folding);
  const ones = Float32Array.from({ length: taps * taps }, (_, n) => (n % (taps + 1) === 0 ? 1 : 0));
  const beyond = (length: number, count: number, reach: number) =>
    length + 2 * padding - (count - 1) * stride - dilation * (reach - 1) - 1;
  const folded = emit.node(
    'ConvTranspose',
    [
      ...emit.node('Reshape', [x, emit.int64([(images * planes) / taps, taps, i, j])]),
      emit.float32(ones, [taps, 1, ...kernel]),
    ],
    {
      ...geometry,
      output_padding: { ints: [beyond(size[0], i, kernel[0]), beyond(size[1], j, kernel[1])] },
    },
  );
  return emit.node('Reshape', [...folded, emit.int64([images, planes / taps, ...size])]);
}
