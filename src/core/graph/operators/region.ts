import { elementCount, type Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { pad, slice } from './pad.ts';

/**
 * The part of `x` that starts at `start` (which may lie outside) and has the shape `size`; zeros where it
 * reaches beyond x.
 */
export function region(x: Tensor, start: readonly number[], size: Shape): Tensor {
  const before = start.map((from) => -from);
  const after = x.shape.map((length, axis) => start[axis]! + size[axis]! - length);
  if ([...before, ...after].every((amount) => amount <= 0)) return slice(x, start, size);
  // Where nothing of x is seen, cropping would pass its end.
  const unseen = x.shape.some((length, axis) => start[axis]! >= length || start[axis]! + size[axis]! <= 0);
  if (unseen) return x.graph.constant(new Float32Array(elementCount(size)), size);
  return pad(x, before, after);
}
