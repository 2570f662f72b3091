import { applyOne } from '../graph.ts';
import { at, fromFunction } from '../ndarray.ts';
import type { Operator } from '../operator.ts';
import { float32, type Shape, ShapeError, sameShape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { axisOf } from './axis.ts';
import { reshape } from './shapes.ts';

interface Padding {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Zeros added before and after each axis; a negative amount crops. */
const PAD: Operator<Padding> = {
  name: 'pad',
  infer: ([x], { before, after }) => {
    if (before.length !== x!.shape.length || after.length !== x!.shape.length) {
      throw new ShapeError('padding needs one amount before and one after each axis');
    }
    if (![...before, ...after].every(Number.isSafeInteger)) throw new ShapeError('padding is whole');
    const shape = x!.shape.map((size, axis) => size + before[axis]! + after[axis]!);
    if (shape.some((size) => size < 1)) throw new ShapeError('nothing is left of it');
    return [float32(shape)];
  },
  onnx: (emit, [x], { before, after }) => emit.node('Pad', [x!, emit.int64([...before, ...after])]),
  gradient: ({ attributes: { before, after }, outputGradients: [dy] }) =>
    dy === undefined
      ? []
      : [
          pad(
            dy,
            before.map((n) => -n),
            after.map((n) => -n),
          ),
        ],
  reference: ([x], { before, after }) => [
    fromFunction(
      x!.shape.map((size, axis) => size + before[axis]! + after[axis]!),
      (index) => {
        const inside = index.map((i, axis) => i - before[axis]!);
        return inside.every((i, axis) => i >= 0 && i < x!.shape[axis]!) ? at(x!, inside) : 0;
      },
    ),
  ],
};

interface Slicing {
  readonly start: readonly number[];
  readonly size: readonly number[];
  readonly step: readonly number[];
}

/** Along each axis, `size` elements from `start` on, `step` apart. */
const SLICE: Operator<Slicing> = {
  name: 'slice',
  infer: ([x], { start, size, step }) => {
    const rank = x!.shape.length;
    if (
      [start, size, step].some((amounts) => amounts.length !== rank || !amounts.every(Number.isSafeInteger))
    ) {
      throw new ShapeError('a slice has a whole start, size and step for each axis');
    }
    const fits = x!.shape.every(
      (length, axis) =>
        start[axis]! >= 0 && step[axis]! >= 1 && start[axis]! + (size[axis]! - 1) * step[axis]! < length,
    );
    if (!fits) throw new ShapeError('the slice leaves the tensor');
    return [float32(size)];
  },
  onnx: (emit, [x], { start, size, step }) =>
    emit.node('Slice', [
      x!,
      emit.int64(start),
      emit.int64(start.map((from, axis) => from + (size[axis]! - 1) * step[axis]! + 1)),
      emit.int64(start.map((_, axis) => axis)),
      emit.int64(step),
    ]),
  gradient: ({ inputs, attributes: { start, step }, outputGradients: [dy] }) => {
    if (dy === undefined) return [];
    const spread = step.reduce((tensor, by, axis) => insertZeros(tensor, axis, by), dy);
    const after = inputs[0]!.shape.map((length, axis) => length - start[axis]! - spread.shape[axis]!);
    return [pad(spread, start, after)];
  },
  reference: ([x], { start, size, step }) => [
    fromFunction(size, (index) =>
      at(
        x!,
        index.map((i, axis) => start[axis]! + i * step[axis]!),
      ),
    ),
  ],
};

/** `x` with zeros around it; negative amounts crop. One amount before and one after each axis. */
export function pad(x: Tensor, before: readonly number[], after: readonly number[]): Tensor {
  const amounts = [...before, ...after];
  const whole = before.length === x.shape.length && after.length === x.shape.length;
  if (whole && amounts.every((amount) => amount === 0)) return x;
  if (whole && amounts.every((amount) => amount <= 0)) {
    // Pad crops in 1½ × the time of Slice.
    return slice(
      x,
      before.map((amount) => -amount),
      x.shape.map((length, axis) => length + before[axis]! + after[axis]!),
    );
  }
  return applyOne(PAD, [x], { before, after });
}

/** `size` elements from `start` on along each axis, `step` (1) apart. */
export function slice(
  x: Tensor,
  start: readonly number[],
  size: Shape,
  step: readonly number[] = start.map(() => 1),
): Tensor {
  const all = start.every((from) => from === 0) && step.every((by) => by === 1) && sameShape(size, x.shape);
  if (all && start.length === size.length) return x;
  return applyOne(SLICE, [x], { start, size, step });
}

/** Puts `by` − 1 zeros between neighbours along an axis: size n becomes (n − 1)·by + 1. */
export function insertZeros(x: Tensor, axis: number, by: number): Tensor {
  const along = axisOf('insertZeros', x, axis);
  x.graph.checked('insertZeros', [x], () => {
    if (!Number.isSafeInteger(by) || by < 1) throw new ShapeError(`neighbours cannot be ${by} apart`);
  });
  if (by === 1 || x.shape[along] === 1) return x;
  const { shape } = x;
  const apart = reshape(x, [...shape].toSpliced(along + 1, 0, 1));
  const none = apart.shape.map(() => 0);
  const filled = pad(apart, none, none.with(along + 1, by - 1));
  const joined = reshape(filled, [...shape].with(along, shape[along]! * by));
  const nothing = shape.map(() => 0);
  return pad(joined, nothing, nothing.with(along, 1 - by));
}
