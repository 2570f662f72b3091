import { mul, sub } from '../operators/arithmetic.ts';
import { abs } from '../operators/pointwise.ts';
import { mean } from '../operators/reduce.ts';
import type { Tensor } from '../tensor.ts';
import { fitOneShape } from './oneShape.ts';

/** mean |a − b| of two tensors of one shape: a scalar. Where a = b the gradient is 0. Throws `bad-model`. */
export function l1Loss(a: Tensor, b: Tensor): Tensor {
  fitOneShape('l1Loss', a, b);
  return mean(abs(sub(a, b)));
}

/** mean (a − b)² of two tensors of one shape: a scalar. Throws `bad-model`. */
export function mseLoss(a: Tensor, b: Tensor): Tensor {
  fitOneShape('mseLoss', a, b);
  const difference = sub(a, b);
  return mean(mul(difference, difference));
}
