import type { OnnxEmitter } from '../../onnx/emitter.ts';
import type { Shape } from '../../shape.ts';
import type { DeformSizes } from './geometry.ts';
import type { Sampling } from './sampling.ts';

/** Σ over the channels of dL/d(columns) [n, 1, C] times each of the four corners [n, 4, C]: [n, 1, 4]. */
export function emitReadings(emit: OnnxEmitter, dColumns: string, corners: string): string {
  if (emit.device === 'cpu') {
    // Row by corners is a product of its own kernel; MatMul of corners by column took nine times as long.
    const attributes = { transB: { int: 1 } };
    return emit.node('FusedMatMul', [dColumns, corners], attributes, 1, 'com.microsoft')[0]!;
  }
  const turned = emit.node('Transpose', [corners], { perm: { ints: [0, 2, 1] } })[0]!;
  return emit.node('MatMul', [dColumns, turned])[0]!;
}

/**
 * dL/d(offset) and dL/d(mask) from the readings s [N, S, K·4] of the corners: with v and h the shares of
 * rows and columns and m the mask, dm = Σ v·h·s, dΔy = m · Σ h · (s of the lower − s of the upper corners),
 * dΔx = m · Σ v · (s of the right − s of the left corners).
 */
export function emitReadout(
  emit: OnnxEmitter,
  readings: string,
  { vertical, horizontal, mask }: Sampling,
  { images, taps, positions, outRows, outColumns }: DeformSizes,
): { readonly dOffset: string; readonly dMask: string } {
  const one = (op: string, from: readonly string[], attributes = {}) => emit.node(op, from, attributes)[0]!;
  const shaped = (name: string, shape: Shape) => one('Reshape', [name, emit.int64(shape)]);
  const sum = (name: string, axis: number) =>
    one('ReduceSum', [name, emit.int64([axis])], { keepdims: { int: 1 } });
  const difference = (name: string, axis: number) => {
    const [first, second] = emit.node('Split', [name], { axis: { int: axis }, num_outputs: { int: 2 } }, 2);
    return one('Sub', [second!, first!]);
  };
  const byTap = one('Transpose', [readings], { perm: { ints: [0, 2, 1] } });
  const s = shaped(byTap, [images, taps, 2, 2, positions]);
  const ofRows = sum(one('Mul', [s, horizontal]), 3); // [N, K, 2, 1, S]
  const ofColumns = sum(one('Mul', [s, vertical]), 2); // [N, K, 1, 2, S]
  const dMask = sum(one('Mul', [ofRows, vertical]), 2);
  const dRows = one('Mul', [difference(ofRows, 2), mask]);
  const dColumns = one('Mul', [difference(ofColumns, 3), mask]);
  const dOffset = one('Concat', [dRows, dColumns], { axis: { int: 2 } });
  return {
    dOffset: shaped(dOffset, [images, 2 * taps, outRows, outColumns]),
    dMask: shaped(dMask, [images, taps, outRows, outColumns]),
  };
}
