import type { OnnxEmitter } from '../onnx/emitter.ts';
import type { Shape } from '../shape.ts';
import type { ConvGeometry } from './conv2d.ts';

/**
 * A convolution to few channels, on the CPU engine. As Conv it gathers P·Q·C values a pixel for a matrix
 * product of O rows; as ConvTranspose by the turned kernel it is a product of P·Q·O rows over the pixels as
 * they lie, whose taps are then added where they belong: 2 to 7 times as fast where O is small.
 */

/** The condition keeps the product, [P·Q·O, H·W], below twice the size of x. */
export function gathersFewChannels(w: Shape, { stride, dilation, padding, groups }: ConvGeometry): boolean {
  const [outChannels, channels, rows, columns] = w as [number, number, number, number];
  const taps = rows * columns;
  const covered = padding.every((amount, side) => amount <= dilation[side % 2]! * (w[2 + (side % 2)]! - 1));
  return (
    groups === 1 &&
    stride[0] === 1 &&
    stride[1] === 1 &&
    covered &&
    taps > 1 &&
    outChannels <= 8 &&
    outChannels * 4 <= channels &&
    taps * outChannels <= 2 * channels
  );
}

/** The nodes: w with its channels exchanged and turned by 180° (of constant weights the engine does it once). */
export function emitScattered(
  emit: OnnxEmitter,
  [x, w, ...bias]: readonly string[],
  shape: Shape,
  { dilation, padding }: ConvGeometry,
): readonly string[] {
  const [exchanged] = emit.node('Transpose', [w!], { perm: { ints: [1, 0, 2, 3] } });
  const ends = emit.int64([-(2 ** 31), -(2 ** 31)]);
  const [turned] = emit.node('Slice', [
    exchanged!,
    emit.int64([-1, -1]),
    ends,
    emit.int64([2, 3]),
    emit.int64([-1, -1]),
  ]);
  const reach = [0, 1].map((axis) => dilation[axis]! * (shape[axis + 2]! - 1));
  return emit.node('ConvTranspose', [x!, turned!, ...bias], {
    dilations: { ints: dilation },
    pads: { ints: padding.map((amount, side) => reach[side % 2]! - amount) },
  });
}
