import { applyOne } from '../graph.ts';
import { at, fromFunction } from '../ndarray.ts';
import type { OnnxEmitter } from '../onnx/emitter.ts';
import type { Operator } from '../operator.ts';
import { elementCount, formatShape, ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { axisOf } from './axis.ts';

/** What is shifted by how much: amounts of 1 to size − 1. */
interface Rolling {
  readonly shifts: readonly { readonly axis: number; readonly by: number }[];
}

const ROLL: Operator<Rolling> = {
  name: 'roll',
  infer: ([x]) => [x!],
  onnx: (emit, [x], { shifts }, { inputs }) => {
    const part = (whole: string, axis: number, from: number, to: number, on: OnnxEmitter) =>
      on.node('Slice', [whole, on.int64([from]), on.int64([to]), on.int64([axis])])[0]!;
    let rolled = x!;
    for (const { axis, by } of shifts) {
      const size = inputs[0]!.shape[axis]!;
      const parts = [part(rolled, axis, size - by, size, emit), part(rolled, axis, 0, size - by, emit)];
      rolled = emit.node('Concat', parts, { axis: { int: axis } })[0]!;
    }
    return [rolled];
  },
  gradient: ({ inputs, attributes: { shifts }, outputGradients: [dy] }) =>
    dy === undefined
      ? []
      : [
          applyOne(ROLL, [dy], {
            shifts: shifts.map(({ axis, by }) => ({ axis, by: inputs[0]!.shape[axis]! - by })),
          }),
        ],
  workspaceBytes: ([x]) => 4 * elementCount(x!.shape),
  reference: ([x], { shifts }) => [
    fromFunction(x!.shape, (index) => {
      const from = [...index];
      for (const { axis, by } of shifts) {
        const size = x!.shape[axis]!;
        from[axis] = (from[axis]! - by + size) % size;
      }
      return at(x!, from);
    }),
  ],
};

/**
 * Elements shifted along axes, each by its amount, what leaves at one end coming in at the other
 * (torch.roll): y[i + shift] = x[i]. Amounts may be negative or larger than the axis. Throws `bad-model` where
 * they are not whole, or not one for each axis.
 */
export function roll(x: Tensor, shifts: readonly number[], axes: readonly number[]): Tensor {
  x.graph.checked('roll', [x], () => {
    if (shifts.length !== axes.length || !shifts.every(Number.isSafeInteger)) {
      throw new ShapeError(`${formatShape(shifts)} are not whole shifts of ${axes.length} axes`);
    }
  });
  const total = new Map<number, number>();
  axes.forEach((given, n) => {
    const axis = axisOf('roll', x, given);
    total.set(axis, (total.get(axis) ?? 0) + shifts[n]!);
  });
  const moved = [...total].flatMap(([axis, shift]) => {
    const size = x.shape[axis]!;
    const by = ((shift % size) + size) % size;
    return by === 0 ? [] : [{ axis, by }];
  });
  return moved.length === 0 ? x : applyOne(ROLL, [x], { shifts: moved });
}
