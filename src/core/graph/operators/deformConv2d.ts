import { applyOne } from '../graph.ts';
import { notDifferentiableAgain, type Operator } from '../operator.ts';
import { elementCount, float32, ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { emitBackward } from './deformConv2d/backward.ts';
import { bandsOf, cornerBytes, rowBandsOf } from './deformConv2d/bands.ts';
import { emitForward } from './deformConv2d/forward.ts';
import { type DeformGeometry, deformSizes } from './deformConv2d/geometry.ts';
import { deformConvGradientReference, deformConvReference } from './deformConv2d/reference.ts';
import { reduceSum } from './reduce.ts';
import { reshape } from './shapes.ts';

/**
 * Modulated deformable convolution (DCNv2): Zhu, Hu, Lin, Dai, "Deformable ConvNets v2", CVPR 2019, eq. 1;
 * torchvision.ops.deform_conv2d and ONNX DeformConv with one group and one offset group. With tap k = p·Q + q,
 *
 * y[n, o, i, j] = b[o] + Σ_{c,k} w[o, c, p, q] · mask[n, k, i, j] · x[n, c](i·sᵣ + p·dᵣ − top + Δy, j·s꜀ + q·d꜀ − left + Δx),
 *
 * Δy = offset[n, 2k, i, j], Δx = offset[n, 2k + 1, i, j]; x(·, ·) is bilinear, and a corner outside of the
 * image counts 0. At a whole position, where the bilinear surface has a kink, the derivative is that towards
 * larger Δ, as in torchvision: that of the cell between the pixel and the next one.
 */
const DEFORM_CONV2D: Operator<DeformGeometry> = {
  name: 'deformConv2d',
  infer: (inputs, geometry) => {
    const { images, outChannels, outRows, outColumns } = deformSizes(shapesOf(inputs), geometry);
    const bias = inputs[4]?.shape;
    if (bias !== undefined && (bias.length !== 1 || bias[0] !== outChannels)) {
      throw new ShapeError(`the bias needs ${outChannels} values`);
    }
    return [float32([images, outChannels, outRows, outColumns])];
  },
  onnx: (emit, inputs, geometry, types) => {
    // onnxruntime has kernels of DeformConv for the CPU, where it is slower than this form, and for CUDA.
    if (emit.device !== 'cuda') {
      return emitForward(emit, inputs, deformSizes(shapesOf(types.inputs), geometry));
    }
    const [x, offset, mask, w, bias = ''] = inputs as [string, string, string, string, string | undefined];
    return emit.node('DeformConv', [x, w, offset, bias, mask], {
      strides: { ints: geometry.stride },
      dilations: { ints: geometry.dilation },
      pads: { ints: geometry.padding },
    });
  },
  gradient: ({ inputs, attributes, outputGradients: [dy], needed }) => {
    const [x, offset, mask, w, bias] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor | undefined];
    if (dy === undefined) return [];
    const sampled = needed.slice(0, 4).includes(true)
      ? dy.graph.apply(DEFORM_CONV2D_GRADIENT, [x, offset, mask, w, dy], attributes)
      : [undefined, undefined, undefined, undefined];
    return [
      ...sampled,
      bias !== undefined && needed[4] ? reshape(reduceSum(dy, [0, 2, 3]), bias.shape) : undefined,
    ];
  },
  reference: (inputs, geometry) => [deformConvReference(inputs, geometry)],
  multiplyAccumulates: (inputs, geometry) => {
    const { images, outChannels, positions } = deformSizes(shapesOf(inputs), geometry);
    return images * outChannels * positions * elementCount(inputs[3]!.shape.slice(1));
  },
  // Fitted to what the process grew by (96 channels at 240×240, 4 × 64×64; 32 at 512×512).
  workspaceBytes: (inputs, geometry) => {
    const sizes = deformSizes(shapesOf(inputs), geometry);
    return (
      3 * 4 * pixelCount(sizes) + 80 * sampleCount(sizes) + 2 * cornerBytes(sizes, bandsOf(sizes, 'cpu'))
    );
  },
};

/** dL/dx, dL/d(offset), dL/d(mask) and dL/dw from x, offset, mask, w and dL/dy: one pass gives all of them. */
const DEFORM_CONV2D_GRADIENT: Operator<DeformGeometry> = {
  name: 'deformConv2dGradient',
  infer: (inputs, geometry) => {
    deformSizes(shapesOf(inputs), geometry);
    return inputs.slice(0, 4);
  },
  onnx: (emit, inputs, geometry, types) =>
    emitBackward(emit, inputs, deformSizes(shapesOf(types.inputs), geometry)),
  gradient: () => notDifferentiableAgain('deformConv2dGradient'),
  reference: deformConvGradientReference,
  multiplyAccumulates: (inputs, geometry) => {
    const { images, outChannels, positions } = deformSizes(shapesOf(inputs), geometry);
    return 2 * images * outChannels * positions * elementCount(inputs[3]!.shape.slice(1));
  },
  workspaceBytes: (inputs, geometry) => {
    const sizes = deformSizes(shapesOf(inputs), geometry);
    return (
      8 * 4 * pixelCount(sizes) + 110 * sampleCount(sizes) + 4 * cornerBytes(sizes, rowBandsOf(sizes, 'cpu'))
    );
  },
};

export interface DeformConvOptions {
  readonly bias?: Tensor | undefined;
  readonly stride?: number;
  readonly dilation?: number;
  /** On all four sides, or above, left, below and right. */
  readonly padding?: number | readonly [number, number, number, number];
}

/**
 * Modulated deformable convolution of x [N, C, H, W] with w [O, C, P, Q], offset [N, 2·P·Q, I, J] (rows and
 * columns by which each tap is moved, Δy before Δx, taps row by row) and mask [N, P·Q, I, J]: [N, O, I, J].
 * See the operator for the formula. Differentiable once. Throws `bad-model` where the shapes do not fit.
 */
export function deformConv2d(
  x: Tensor,
  offset: Tensor,
  mask: Tensor,
  w: Tensor,
  options: DeformConvOptions = {},
): Tensor {
  const { bias, stride = 1, dilation = 1, padding = 0 } = options;
  return applyOne(DEFORM_CONV2D, bias === undefined ? [x, offset, mask, w] : [x, offset, mask, w, bias], {
    stride: [stride, stride],
    dilation: [dilation, dilation],
    padding: typeof padding === 'number' ? [padding, padding, padding, padding] : padding,
  });
}

function shapesOf(inputs: readonly { readonly shape: readonly number[] }[]) {
  return inputs.map(({ shape }) => shape);
}

function pixelCount({ images, paddedPositions, channels }: ReturnType<typeof deformSizes>): number {
  return images * paddedPositions * channels;
}

function sampleCount({ images, positions, taps }: ReturnType<typeof deformSizes>): number {
  return images * positions * taps;
}
