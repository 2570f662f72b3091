import { mul, sub } from '../operators/arithmetic.ts';
import { abs } from '../operators/pointwise.ts';
import { mean } from '../operators/reduce.ts';
import type { Tensor } from '../tensor.ts';

/** mean |a − b|: a scalar. Where a = b the gradient is 0. */
export function l1Loss(a: Tensor, b: Tensor): Tensor {
  return mean(abs(sub(a, b)));
}

/** mean (a − b)²: a scalar. */
export function mseLoss(a: Tensor, b: Tensor): Tensor {
  const difference = sub(a, b);
  return mean(mul(difference, difference));
}
