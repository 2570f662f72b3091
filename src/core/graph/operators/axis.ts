import { normalizeAxis } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** The axis of x counted from the front. Throws `bad-model`, naming the operator and the place, where x has none such. */
export function axisOf(operator: string, x: Tensor, axis: number): number {
  return x.graph.checked(operator, [x], () => normalizeAxis(axis, x.shape.length));
}
