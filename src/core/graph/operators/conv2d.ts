import { applyOne } from '../graph.ts';
import { fromFunction, type NdArray } from '../ndarray.ts';
import type { OnnxEmitter } from '../onnx/emitter.ts';
import type { OnnxTypes, Operator } from '../operator.ts';
import { elementCount, float32, type Shape, ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { convInputGradient } from './conv2dInputGradient.ts';
import { emitScattered, gathersFewChannels } from './conv2dScattered.ts';
import { convWeightGradient } from './conv2dWeightGradient.ts';
import { reduceSum } from './reduce.ts';
import { reshape } from './shapes.ts';
import { emitWidened, safeConvChannels } from './webgpuGroups.ts';

export interface ConvGeometry {
  /** Along rows and columns. */
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** Zeros above, left, below and right. */
  readonly padding: readonly [number, number, number, number];
  /** The channels in and out are dealt to this many groups, which do not see each other. */
  readonly groups: number;
}

/**
 * y[n, o, i, j] = b[o] + Σ_{c,p,q} w[o, c, p, q] · x[n, c, i·sᵣ + p·dᵣ − top, j·s꜀ + q·d꜀ − left]
 * (cross-correlation, as every framework calls convolution). Inputs x [N, C, H, W], w [O, C / groups, P, Q]
 * and, where there is one, b [O]. Channel o belongs to group g = ⌊o·groups / O⌋ and c counts from
 * g · C / groups (torch.nn.functional.conv2d).
 */
const CONV2D: Operator<ConvGeometry> = {
  name: 'conv2d',
  infer: ([x, w, b], geometry) => [float32(convShape(x!.shape, w!.shape, b?.shape, geometry))],
  onnx: emitConv,
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

function emitConv(
  emit: OnnxEmitter,
  inputs: readonly string[],
  geometry: ConvGeometry,
  types: OnnxTypes,
): readonly string[] {
  const kernel = types.inputs[1]!.shape;
  if (emit.device === 'cpu' && gathersFewChannels(kernel, geometry)) {
    return emitScattered(emit, inputs, kernel, geometry);
  }
  const { groups } = geometry;
  const output = types.outputs[0]!.shape;
  if (emit.blocked?.fits(kernel, groups)) {
    const [x, w, bias] = inputs as [string, string, string | undefined];
    return [emit.blocked.convolution({ x, w, bias, kernel, output, attributes: convAttributes(geometry) })];
  }
  const perGroup = kernel[0]! / groups;
  const widened = emit.device === 'webgpu' ? safeConvChannels(perGroup, groups) : perGroup;
  const attributes = convAttributes(geometry);
  if (widened === perGroup) return emit.node('Conv', inputs, attributes);
  const shapes = { kernel, output };
  return emitWidened(emit, 'Conv', inputs, attributes, shapes, { groups, perGroup, widened });
}

export interface ConvOptions {
  readonly bias?: Tensor | undefined;
  readonly stride?: number;
  readonly dilation?: number;
  /** On all four sides, or above, left, below and right. */
  readonly padding?: number | readonly [number, number, number, number];
  readonly groups?: number;
}

/**
 * 2-D convolution of x [N, C, H, W] with w [O, C / groups, P, Q]; see the operator for the formula.
 * `groups` = C = O makes it depthwise.
 */
export function conv2d(x: Tensor, w: Tensor, options: ConvOptions = {}): Tensor {
  return convolve(x, w, options.bias, convGeometry(options));
}

/** The geometry that the options stand for. */
export function convGeometry({
  stride = 1,
  dilation = 1,
  padding = 0,
  groups = 1,
}: ConvOptions): ConvGeometry {
  return {
    stride: [stride, stride],
    dilation: [dilation, dilation],
    padding: typeof padding === 'number' ? [padding, padding, padding, padding] : padding,
    groups,
  };
}

/** The attributes of ONNX's Conv and ConvTranspose. */
export function convAttributes({ stride, dilation, padding, groups }: ConvGeometry) {
  return {
    strides: { ints: stride },
    dilations: { ints: dilation },
    pads: { ints: padding },
    group: { int: groups },
  };
}

/** The operator itself, with all of its geometry. */
export function convolve(x: Tensor, w: Tensor, bias: Tensor | undefined, geometry: ConvGeometry): Tensor {
  return applyOne(CONV2D, bias === undefined ? [x, w] : [x, w, bias], geometry);
}

function convShape(x: Shape, w: Shape, b: Shape | undefined, geometry: ConvGeometry): Shape {
  const { stride, dilation, padding, groups } = geometry;
  if (x.length !== 4 || w.length !== 4) {
    throw new ShapeError('it takes x [N, C, H, W] and w [O, C / groups, P, Q]');
  }
  checkGeometry(geometry);
  if (x[1] !== w[1]! * groups) throw new ShapeError(`x has ${x[1]} channels, w takes ${w[1]! * groups}`);
  if (w[0]! % groups !== 0) throw new ShapeError(`${w[0]} channels out are no multiple of ${groups} groups`);
  if (b !== undefined && (b.length !== 1 || b[0] !== w[0]))
    throw new ShapeError(`the bias needs ${w[0]} values`);
  const length = (axis: 0 | 1) => {
    const padded = x[axis + 2]! + padding[axis] + padding[axis + 2]!;
    return Math.floor((padded - dilation[axis] * (w[axis + 2]! - 1) - 1) / stride[axis]) + 1;
  };
  if (length(0) < 1 || length(1) < 1) throw new ShapeError('the kernel is larger than the padded image');
  return [x[0]!, w[0]!, length(0), length(1)];
}

/** Throws `ShapeError` for strides and dilations, or paddings, that no window slides by. */
export function checkSteps(steps: readonly number[], padding: readonly number[]): void {
  const whole = [...steps, ...padding].every(Number.isSafeInteger);
  if (!whole || steps.some((n) => n < 1) || padding.some((n) => n < 0)) {
    throw new ShapeError('strides and dilations start at 1, paddings at 0, and all are whole');
  }
}

/** Throws `ShapeError` for a geometry that no convolution has. */
export function checkGeometry({ stride, dilation, padding, groups }: ConvGeometry): void {
  checkSteps([...stride, ...dilation], padding);
  if (padding.length !== 4) throw new ShapeError('padding is one amount or four');
  if (!Number.isSafeInteger(groups) || groups < 1) throw new ShapeError('groups start at 1');
}

function convReference(x: NdArray, w: NdArray, b: NdArray | undefined, geometry: ConvGeometry): NdArray {
  const { stride, dilation, padding, groups } = geometry;
  const [, allChannels, height, width] = x.shape as [number, number, number, number];
  const [outChannels, channels, kernelRows, kernelColumns] = w.shape as [number, number, number, number];
  return fromFunction(convShape(x.shape, w.shape, b?.shape, geometry), (index) => {
    const [n, o, i, j] = index as [number, number, number, number];
    const first = Math.floor((o * groups) / outChannels) * channels;
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
            x.data[((n * allChannels + first + c) * height + row) * width + column]!;
        }
      }
    }
    return sum;
  });
}
