import { applyOne } from '../graph.ts';
import { fromFunction } from '../ndarray.ts';
import type { OnnxEmitter } from '../onnx/emitter.ts';
import type { Operator } from '../operator.ts';
import { elementCount, type Shape, stridesOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { axisOf } from './axis.ts';

interface Along {
  readonly axis: number;
  readonly keepDims: boolean;
}

const ARGMAX: Operator<Along> = {
  name: 'argmax',
  infer: ([x], along) => [{ dataType: 'int64', shape: shapeWithout(x!.shape, along) }],
  onnx: (emit, [x], { axis, keepDims }, { inputs }) => {
    const { shape } = inputs[0]!;
    if (emit.device !== 'cpu') {
      return emit.node('ArgMax', [x!], { axis: { int: axis }, keepdims: { int: keepDims ? 1 : 0 } });
    }
    const last = shape.length - 1;
    // Over any other axis the CPU kernel jumps through memory: eight times slower than over the last one.
    const order = [...shape.keys()].filter((n) => n !== axis).concat(axis);
    const [line] = axis === last ? [x!] : emit.node('Transpose', [x!], { perm: { ints: order } });
    const index = emitLastArgmax(emit, line!); // [..., 1]
    const wanted = shapeWithout(shape, { axis, keepDims });
    return axis === last && keepDims ? [index] : emit.node('Reshape', [index, emit.int64(wanted)]);
  },
  reference: ([x], along) => {
    const strides = stridesOf(x!.shape);
    return [
      fromFunction(shapeWithout(x!.shape, along), (index) => {
        const full = along.keepDims ? index : [...index].toSpliced(along.axis, 0, 0);
        const start = full.reduce((sum, i, n) => sum + i * strides[n]!, 0);
        let best = 0;
        for (let n = 1; n < x!.shape[along.axis]!; n++) {
          const step = strides[along.axis]!;
          if (x!.data[start + n * step]! > x!.data[start + best * step]!) best = n;
        }
        return best;
      }),
    ];
  },
  workspaceBytes: ([x], { axis }) => (axis === x!.shape.length - 1 ? 0 : 4 * elementCount(x!.shape)),
};

/**
 * Where along an axis the largest element is: int64, without that axis or, with `keepDims`, with size 1
 * there. The lowest index on ties (torch.argmax leaves that open). Nothing flows back through it.
 */
export function argmax(x: Tensor, axis: number, options: { readonly keepDims?: boolean } = {}): Tensor {
  return applyOne(ARGMAX, [x], {
    axis: axisOf('argmax', x, axis),
    keepDims: options.keepDims ?? false,
  });
}

/**
 * Emits the argmax over the last axis, which stays with size 1. On the CPU as the first of TopK, which takes
 * half the time of ArgMax; both take the lowest index on ties.
 */
export function emitLastArgmax(emit: OnnxEmitter, x: string): string {
  if (emit.device === 'cpu') return emit.node('TopK', [x, emit.int64([1])], { axis: { int: -1 } }, 2)[1]!;
  return emit.node('ArgMax', [x], { axis: { int: -1 }, keepdims: { int: 1 } })[0]!;
}

function shapeWithout(shape: Shape, { axis, keepDims }: Along): Shape {
  return keepDims ? [...shape].with(axis, 1) : [...shape].toSpliced(axis, 1);
}
