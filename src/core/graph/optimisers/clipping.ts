import { add, div, mul, sub } from '../operators/arithmetic.ts';
import { concat } from '../operators/concat.ts';
import { clamp } from '../operators/minmax.ts';
import { relu, sqrt } from '../operators/pointwise.ts';
import { reduceSum } from '../operators/reduce.ts';
import { reshape } from '../operators/shapes.ts';
import type { Tensor } from '../tensor.ts';

/** How far gradients may go: all of them together (`norm`) or each value (`value`). */
export interface Clipping {
  readonly kind: 'norm' | 'value';
  readonly limit: number;
}

/** √Σ g² over all of these tensors together: a scalar. */
export function globalNorm(tensors: readonly [Tensor, ...Tensor[]]): Tensor {
  const squares = tensors.map((tensor) => reshape(reduceSum(mul(tensor, tensor)), [1]));
  return reshape(sqrt(reduceSum(concat(squares as [Tensor, ...Tensor[]], 0))), []);
}

/** What `torch.nn.utils.clip_grad_norm_` adds to the norm that it divides by. */
const NORM_EPSILON = 1e-6;

/**
 * What gradients of this global norm are multiplied by so that it is at most `limit`:
 * min(1, limit / (norm + 1e-6)) (Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural
 * networks", ICML 2013; `torch.nn.utils.clip_grad_norm_`). Exactly 1 where nothing is clipped.
 */
export function normFactor(norm: Tensor, limit: number): Tensor {
  const excess = relu(sub(add(norm, NORM_EPSILON), limit));
  return div(norm.graph.constant(limit), add(excess, limit));
}

/** Each value brought into [−limit, limit]: `torch.nn.utils.clip_grad_value_`. */
export function clipValue(gradient: Tensor, limit: number): Tensor {
  return clamp(gradient, { low: -limit, high: limit });
}
