import type { OnnxEmitter } from '../../onnx/emitter.ts';
import { type DeformSizes, tapStart } from './geometry.ts';

/** Names of the tensors that say where the taps sample, and with which weights; K taps, S = I·J positions. */
export interface Sampling {
  /** Shares of the upper and of the lower corners, 1 − f and f: [N, K, 2, 1, S]. */
  readonly vertical: string;
  /** Shares of the left and of the right corners: [N, K, 1, 2, S]. */
  readonly horizontal: string;
  /** [N, K, 1, 1, S]. */
  readonly mask: string;
  /** Mask times the shares of the corners (upper left, upper right, lower left, lower right): [N·S, K, 4]. */
  readonly weights: string;
  /** Which of the pixels of all images each corner is, as float32: [N·S, K, 4]. See `emitIndices`. */
  readonly corners: string;
  /** The whole rows by which taps were moved up or down: [N, K, 1, I, J]. */
  readonly rowsMoved: string;
}

/**
 * The bilinear sampling that offset and mask ask for, laid out position by position. Taps lie on whole
 * pixels, so the offset alone is split into a whole number and a fraction: nothing is rounded, wherever in
 * the image. Whole positions beyond the border are pulled onto it; one that is no number goes to its corner
 * and stays no number in its weight.
 */
export function emitSampling(emit: OnnxEmitter, offset: string, mask: string, sizes: DeformSizes): Sampling {
  const { images, taps, outRows, outColumns, positions, paddedRows, paddedColumns, paddedPositions } = sizes;
  const one = (op: string, inputs: readonly string[], attributes = {}) =>
    emit.node(op, inputs, attributes)[0]!;
  const shaped = (x: string, shape: readonly number[]) => one('Reshape', [x, emit.int64(shape)]);
  const joined = (a: string, b: string, axis: number) => one('Concat', [a, b], { axis: { int: axis } });
  const halves = (x: string) =>
    emit.node('Split', [x], { axis: { int: 2 }, num_outputs: { int: 2 } }, 2) as [string, string];

  const moved = shaped(offset, [images, taps, 2, outRows, outColumns]);
  const whole = one('Floor', [moved]);
  const fraction = one('Sub', [moved, whole]);
  const rest = one('Sub', [emit.scalar(1), fraction]);
  const [rowsMoved, columnsMoved] = halves(whole);
  const [down, right] = halves(fraction);
  const [up, left] = halves(rest);
  const inBorder = (move: string, axis: 0 | 1) => {
    const length = axis === 0 ? outRows : outColumns;
    const start = Float32Array.from(
      { length: taps * length },
      (_, n) => (n % length) * sizes.stride[axis] + tapStart(sizes, Math.floor(n / length), axis),
    );
    const shape = axis === 0 ? [1, taps, 1, outRows, 1] : [1, taps, 1, 1, outColumns];
    const place = one('Add', [move, emit.float32(start, shape)]);
    const number = one('Where', [one('Greater', [place, emit.scalar(0)]), place, emit.scalar(0)]);
    // The last place of an upper left corner: the lower right one is the last of the image with its border.
    return one('Min', [number, emit.scalar((axis === 0 ? paddedRows : paddedColumns) - 2)]);
  };
  const first = one('Add', [
    one('Mul', [inBorder(rowsMoved, 0), emit.scalar(paddedColumns)]),
    inBorder(columnsMoved, 1),
  ]);
  const corners = [0, 1, paddedColumns, paddedColumns + 1];
  const steps = Float32Array.from(
    { length: images * 4 },
    (_, n) => Math.floor(n / 4) * paddedPositions + corners[n % 4]!,
  );
  const places = one('Add', [
    shaped(first, [images, taps, 1, positions]),
    emit.float32(steps, [images, 1, 4, 1]),
  ]);

  const vertical = shaped(joined(up, down, 2), [images, taps, 2, 1, positions]);
  const horizontal = shaped(joined(left, right, 2), [images, taps, 1, 2, positions]);
  const modulation = shaped(mask, [images, taps, 1, 1, positions]);
  const shares = one('Mul', [one('Mul', [vertical, modulation]), horizontal]);

  // One transpose of two axes each: positions come before taps and corners.
  const byPosition = (x: string) =>
    one('Transpose', [shaped(x, [images, taps * 4, positions])], { perm: { ints: [0, 2, 1] } });
  const perPosition = [images * positions, taps, 4];
  return {
    vertical,
    horizontal,
    mask: modulation,
    weights: shaped(byPosition(shares), perPosition),
    corners: shaped(byPosition(places), perPosition),
    rowsMoved,
  };
}

/**
 * Whole float32 numbers as the int64 that Gather and ScatterND take. Made where they are used: WebGPU does
 * little else with int64, and a band of them is small.
 */
export function emitIndices(emit: OnnxEmitter, places: string): string {
  return emit.node('Cast', [places], { to: { int: ONNX_INT64 } })[0]!;
}

/** TensorProto.DataType.INT64. */
const ONNX_INT64 = 7;
