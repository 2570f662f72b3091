import { applyOne } from '../graph.ts';
import { fromFunction, type NdArray } from '../ndarray.ts';
import type { OnnxEmitter } from '../onnx/emitter.ts';
import type { Operator } from '../operator.ts';
import { elementCount, type Shape, stridesOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { mul, sub } from './arithmetic.ts';
import { axisOf } from './axis.ts';
import { exp } from './pointwise.ts';
import { reduceSum } from './reduce.ts';

interface Along {
  readonly axis: number;
}

/**
 * onnxruntime's CPU kernels take the last axis only and transpose for every other: five times slower there
 * than the formula written out (96 channels at 240×240).
 */
function fused(emit: OnnxEmitter, shape: Shape, axis: number): boolean {
  return emit.device !== 'cpu' || axis === shape.length - 1;
}

/** x minus its maximum along the axis: no exponential of it overflows. */
function shifted(emit: OnnxEmitter, x: string, axis: number): string {
  return emit.node('Sub', [x, ...emit.node('ReduceMax', [x, emit.int64([axis])])])[0]!;
}

const SOFTMAX: Operator<Along> = {
  name: 'softmax',
  infer: ([x]) => [x!],
  onnx: (emit, [x], { axis }, { inputs }) => {
    if (fused(emit, inputs[0]!.shape, axis)) return emit.node('Softmax', [x!], { axis: { int: axis } });
    const [powers] = emit.node('Exp', [shifted(emit, x!, axis)]);
    return emit.node('Div', [powers!, ...emit.node('ReduceSum', [powers!, emit.int64([axis])])]);
  },
  gradient: ({ outputs, attributes: { axis }, outputGradients: [dy] }) => {
    if (dy === undefined) return [];
    const weighted = mul(dy, outputs[0]!);
    return [sub(weighted, mul(outputs[0]!, reduceSum(weighted, [axis])))];
  },
  reference: ([x], { axis }) => [alongAxis(x!, axis, (value, all) => Math.exp(value - logSumExp(all)))],
};

const LOG_SOFTMAX: Operator<Along> = {
  name: 'logSoftmax',
  infer: ([x]) => [x!],
  onnx: (emit, [x], { axis }, { inputs }) => {
    const { shape } = inputs[0]!;
    // WebGPU has no LogSoftmax at all.
    if (fused(emit, shape, axis) && emit.device !== 'webgpu') {
      return emit.node('LogSoftmax', [x!], { axis: { int: axis } });
    }
    const below = shifted(emit, x!, axis);
    const sums = emit.node('ReduceSum', [...emit.node('Exp', [below]), emit.int64([axis])]);
    return emit.node('Sub', [below, ...emit.node('Log', sums)]);
  },
  gradient: ({ outputs, attributes: { axis }, outputGradients: [dy] }) =>
    dy === undefined ? [] : [sub(dy, mul(exp(outputs[0]!), reduceSum(dy, [axis])))],
  reference: ([x], { axis }) => [alongAxis(x!, axis, (value, all) => value - logSumExp(all))],
  workspaceBytes: ([x], { axis }) => (axis === x!.shape.length - 1 ? 0 : 4 * elementCount(x!.shape)),
};

/** eˣ / Σ eˣ along an axis (the last); stable: the maximum is taken off first. */
export function softmax(x: Tensor, axis = -1): Tensor {
  return applyOne(SOFTMAX, [x], { axis: axisOf('softmax', x, axis) });
}

/** log softmax(x) = x − log Σ eˣ along an axis (the last); stable. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  return applyOne(LOG_SOFTMAX, [x], { axis: axisOf('logSoftmax', x, axis) });
}

function logSumExp(values: readonly number[]): number {
  const top = Math.max(...values);
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}

/** Each element computed from itself and all elements on its line along `axis`. */
function alongAxis(
  x: NdArray,
  axis: number,
  compute: (value: number, all: readonly number[]) => number,
): NdArray {
  const strides = stridesOf(x.shape);
  return fromFunction(x.shape, (index) => {
    const start = index.reduce((sum, i, n) => sum + (n === axis ? 0 : i * strides[n]!), 0);
    const all = Array.from({ length: x.shape[axis]! }, (_, n) => x.data[start + n * strides[axis]!]!);
    return compute(all[index[axis]!]!, all);
  });
}
