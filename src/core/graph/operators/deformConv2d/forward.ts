import type { OnnxEmitter } from '../../onnx/emitter.ts';
import { bandsOf, channelsLast, emitBands } from './bands.ts';
import { BORDER, type DeformSizes } from './geometry.ts';
import { emitIndices, emitSampling } from './sampling.ts';

/**
 * The convolution from Gather and MatMul. x lies with its channels last inside a border of zeros, so that a
 * corner is one row of it, outside as well as inside; one Gather brings the corners of a band, one MatMul of
 * [1, 4] by [4, C] a sample weighs and adds them, one MatMul applies the kernel to all taps and channels.
 */
export function emitForward(emit: OnnxEmitter, inputs: readonly string[], sizes: DeformSizes): string[] {
  const [x, offset, mask, w, bias] = inputs as [string, string, string, string, string | undefined];
  const { images, channels, outChannels, taps, positions } = sizes;
  const one = (op: string, from: readonly string[], attributes = {}) => emit.node(op, from, attributes)[0]!;
  const shaped = (name: string, shape: readonly number[]) => one('Reshape', [name, emit.int64(shape)]);

  const pixels = emitPixels(emit, x, sizes);
  const sampling = emitSampling(emit, offset, mask, sizes);
  const kernel = shaped(one('Transpose', [w], { perm: { ints: [2, 3, 1, 0] } }), [
    taps * channels,
    outChannels,
  ]);
  const bands = bandsOf(sizes, emit.device);
  const count = images * bands.count;
  const samples = bands.positions * taps;
  const [y] = emitBands(emit, {
    count,
    carried: [],
    parts: [
      { name: shaped(sampling.corners, [count, samples * 4]), shape: [samples * 4] },
      { name: shaped(sampling.weights, [count, samples, 1, 4]), shape: [samples, 1, 4] },
    ],
    gives: [[bands.positions, outChannels]],
    band: (_carried, [places, weights]) => {
      const corners = shaped(one('Gather', [pixels, emitIndices(emit, places!)]), [samples, 4, channels]);
      const columns = shaped(one('MatMul', [weights!, corners]), [bands.positions, taps * channels]);
      return [bias === undefined ? one('MatMul', [columns, kernel]) : one('Gemm', [columns, kernel, bias])];
    },
  });
  const byPosition = shaped(y!, [images, positions, outChannels]);
  return [
    shaped(one('Transpose', [byPosition], { perm: { ints: [0, 2, 1] } }), [
      images,
      outChannels,
      sizes.outRows,
      sizes.outColumns,
    ]),
  ];
}

/** x with its channels last and zeros around each image: [N·(H + 4)·(W + 4), C]. */
export function emitPixels(emit: OnnxEmitter, x: string, sizes: DeformSizes): string {
  const { images, channels, rows, columns } = sizes;
  const last = emit.node('Reshape', [
    channelsLast(emit, x, [images, channels, rows, columns]),
    emit.int64([images, rows, columns, channels]),
  ])[0]!;
  const border = [0, BORDER, BORDER, 0];
  const padded = emit.node('Pad', [last, emit.int64([...border, ...border])])[0]!;
  return emit.node('Reshape', [padded, emit.int64([images * sizes.paddedPositions, channels])])[0]!;
}
