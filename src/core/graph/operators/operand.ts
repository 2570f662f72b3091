import type { Tensor } from '../tensor.ts';

/** The second operand of an operator that takes numbers too: a number becomes a constant beside `a`. */
export function operand(a: Tensor, b: Tensor | number): Tensor {
  return typeof b === 'number' ? a.graph.constant(b) : b;
}
