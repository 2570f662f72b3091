import { add, div, mul, sub } from '../operators/arithmetic.ts';
import { mean, reduceSum } from '../operators/reduce.ts';
import { ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { fitOneShape } from './oneShape.ts';

/**
 * 1 − soft Dice, a scalar: Milletari, Navab, Ahmadi, "V-Net", 3DV 2016, with plain sums in the denominator.
 * For each image and class (2·Σ p·g + s) / (Σ p + Σ g + s) over the pixels, s the smoothing; then the mean over
 * images and classes.
 *
 * @param probabilities p [N, K, ...pixels], from a sigmoid (binary: K = 1, or classes that may overlap) or a
 *   softmax over K
 * @param truth g of the same shape, 0 or 1: masks, or `oneHot` classes
 * @param smoothing keeps classes that are absent from both from dividing by 0, and counts them as right
 */
export function diceLoss(probabilities: Tensor, truth: Tensor, smoothing = 1): Tensor {
  fitOneShape('diceLoss', probabilities, truth);
  probabilities.graph.checked('diceLoss', [probabilities], () => {
    if (probabilities.shape.length < 3) throw new ShapeError('it takes maps [N, K, ...pixels]');
  });
  const pixels = probabilities.shape.map((_, axis) => axis).slice(2);
  const both = reduceSum(mul(probabilities, truth), pixels);
  const either = reduceSum(add(probabilities, truth), pixels);
  const dice = div(add(mul(both, 2), smoothing), add(either, smoothing));
  return sub(dice.graph.constant(1), mean(dice));
}
