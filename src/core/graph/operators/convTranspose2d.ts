import { applyOne } from '../graph.ts';
import { fromFunction, type NdArray, ndarray } from '../ndarray.ts';
import type { Operator } from '../operator.ts';
import { elementCount, float32, type Shape, ShapeError, sameShape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { add } from './arithmetic.ts';
import { type ConvGeometry, checkGeometry, convAttributes, convGeometry, convolve } from './conv2d.ts';
import { convInputGradient } from './conv2dInputGradient.ts';
import { convWeightGradient } from './conv2dWeightGradient.ts';
import { reshape } from './shapes.ts';
import { emitWidened, safeTransposedChannels } from './webgpuGroups.ts';

interface Transposed {
  /** Of the convolution that it transposes. */
  readonly geometry: ConvGeometry;
  /** [H, W] of the result: with a stride, several sizes give the same number of samples. */
  readonly size: readonly [number, number];
}

/**
 * The transpose of a convolution, its input gradient: every sample of x [N, C, I, J] adds its kernel,
 * w [C, O / groups, P, Q], to y [N, O, H, W] where the convolution of that geometry would read it:
 * y[n, o, i·sᵣ + p·dᵣ − top, j·s꜀ + q·d꜀ − left] += w[c, o, p, q] · x[n, c, i, j].
 */
const CONV_TRANSPOSE2D: Operator<Transposed> = {
  name: 'convTranspose2d',
  infer: ([x, w], attributes) => [float32(transposedShape(x!.shape, w!.shape, attributes))],
  onnx: (emit, inputs, { geometry, size }, types) => {
    const [x, w] = types.inputs.map(({ shape }) => shape) as [Shape, Shape];
    const least = leastSize(x, w, geometry);
    const attributes = {
      ...convAttributes(geometry),
      output_padding: { ints: [size[0] - least[0], size[1] - least[1]] },
    };
    const { groups } = geometry;
    const perGroup = w[1]!;
    const safe = safeTransposedChannels(perGroup, w[0]! / groups, groups);
    const widened = emit.device === 'webgpu' ? safe : perGroup;
    if (widened === perGroup) return emit.node('ConvTranspose', inputs, attributes);
    const shapes = { kernel: w, output: types.outputs[0]!.shape };
    return emitWidened(emit, 'ConvTranspose', inputs, attributes, shapes, { groups, perGroup, widened });
  },
  gradient: ({ inputs, attributes: { geometry }, outputGradients: [dy], needed }) => {
    const [x, w] = inputs as [Tensor, Tensor];
    if (dy === undefined) return [];
    return [
      needed[0] ? convolve(dy, w, undefined, geometry) : undefined,
      needed[1] ? convWeightGradient(dy, x, w.shape, geometry) : undefined,
    ];
  },
  reference: ([x, w], attributes) => [transposedReference(x!, w!, attributes)],
  multiplyAccumulates: ([x, w]) => elementCount(x!.shape) * elementCount(w!.shape.slice(1)),
};

export interface ConvTransposeOptions {
  readonly bias?: Tensor | undefined;
  readonly stride?: number;
  readonly dilation?: number;
  /** What the result lacks on all four sides. */
  readonly padding?: number;
  /** Rows and columns that the result has beyond the least size, below and on the right; under the stride. */
  readonly outputPadding?: number;
  readonly groups?: number;
}

/**
 * 2-D transposed convolution of x [N, C, I, J] with w [C, O / groups, P, Q]: [N, O, H, W] with
 * H = (I − 1)·stride − 2·padding + dilation·(P − 1) + outputPadding + 1 (torch.nn.functional.conv_transpose2d).
 */
export function convTranspose2d(x: Tensor, w: Tensor, options: ConvTransposeOptions = {}): Tensor {
  const { bias, outputPadding = 0 } = options;
  const geometry = convGeometry(options);
  const outChannels = (w.shape[1] ?? 1) * geometry.groups;
  const [rows, columns] = leastSize(x.shape, w.shape, geometry);
  const size = [rows + outputPadding, columns + outputPadding] as const;
  // The operator looks at all of it again; without a stride it is a convolution, which sees what fits as well.
  const fits =
    x.shape.length === 4 &&
    w.shape.length === 4 &&
    x.shape[1] === w.shape[0] &&
    w.shape[0]! % geometry.groups === 0 &&
    rows > 0 &&
    columns > 0;
  const y =
    fits && geometry.stride[0] === 1 && outputPadding === 0
      ? convInputGradient(x, w, [x.shape[0]!, outChannels, ...size], geometry)
      : applyOne(CONV_TRANSPOSE2D, [x, w], { geometry, size });
  if (bias === undefined) return y;
  x.graph.checked('convTranspose2d', [x, w, bias], () => {
    if (!sameShape(bias.shape, [outChannels])) throw new ShapeError(`the bias needs ${outChannels} values`);
  });
  return add(y, reshape(bias, [1, outChannels, 1, 1]));
}

/** dL/dx, of the shape `inputShape`, of a convolution of that geometry with w, from dy. */
export function transposeConvolution(
  dy: Tensor,
  w: Tensor,
  inputShape: Shape,
  geometry: ConvGeometry,
): Tensor {
  return applyOne(CONV_TRANSPOSE2D, [dy, w], { geometry, size: [inputShape[2]!, inputShape[3]!] });
}

/** The least rows and columns from which the convolution makes as many samples as x has. */
function leastSize(x: Shape, w: Shape, { stride, dilation, padding }: ConvGeometry): [number, number] {
  const length = (axis: 0 | 1) =>
    (x[axis + 2]! - 1) * stride[axis] +
    dilation[axis] * (w[axis + 2]! - 1) +
    1 -
    padding[axis] -
    padding[axis + 2]!;
  return [length(0), length(1)];
}

function transposedShape(x: Shape, w: Shape, { geometry, size }: Transposed): Shape {
  if (x.length !== 4 || w.length !== 4) {
    throw new ShapeError('it takes x [N, C, I, J] and w [C, O / groups, P, Q]');
  }
  checkGeometry(geometry);
  if (x[1] !== w[0]) throw new ShapeError(`x has ${x[1]} channels, w takes ${w[0]}`);
  if (w[0]! % geometry.groups !== 0) {
    throw new ShapeError(`${w[0]} channels are no multiple of ${geometry.groups} groups`);
  }
  const least = leastSize(x, w, geometry);
  if (size.some((length) => !Number.isSafeInteger(length) || length < 1)) {
    throw new ShapeError('nothing is left of it inside the padding');
  }
  if (size.some((length, axis) => length < least[axis]! || length >= least[axis]! + geometry.stride[axis]!)) {
    throw new ShapeError(`the output padding is below the stride of ${geometry.stride[0]}, and not below 0`);
  }
  return [x[0]!, w[1]! * geometry.groups, ...size];
}

function transposedReference(x: NdArray, w: NdArray, attributes: Transposed): NdArray {
  const { stride, dilation, padding, groups } = attributes.geometry;
  const shape = transposedShape(x.shape, w.shape, attributes) as [number, number, number, number];
  const [, outChannels, height, width] = shape;
  const [channels, perGroup, kernelRows, kernelColumns] = w.shape as [number, number, number, number];
  const y = ndarray(shape);
  fromFunction(x.shape, (index) => {
    const [n, c, i, j] = index as [number, number, number, number];
    const [, , rows, columns] = x.shape as [number, number, number, number];
    const value = x.data[((n * channels + c) * rows + i) * columns + j]!;
    const first = Math.floor((c * groups) / channels) * perGroup;
    for (let o = 0; o < perGroup; o++) {
      for (let p = 0; p < kernelRows; p++) {
        const row = i * stride[0] + p * dilation[0] - padding[0];
        if (row < 0 || row >= height) continue;
        for (let q = 0; q < kernelColumns; q++) {
          const column = j * stride[1] + q * dilation[1] - padding[1];
          if (column < 0 || column >= width) continue;
          const offset = ((n * outChannels + first + o) * height + row) * width + column;
          y.data[offset] =
            y.data[offset]! + value * w.data[((c * perGroup + o) * kernelRows + p) * kernelColumns + q]!;
        }
      }
    }
    return value;
  });
  return y;
}
