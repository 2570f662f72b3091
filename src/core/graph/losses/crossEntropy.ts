import { softplus } from '../operators/activation.ts';
import { mul, sub } from '../operators/arithmetic.ts';
import { equal, mask } from '../operators/compare.ts';
import { mean, reduceSum } from '../operators/reduce.ts';
import { reshape } from '../operators/shapes.ts';
import { logSoftmax } from '../operators/softmax.ts';
import { elementCount, ShapeError, sameShape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { fitOneShape } from './oneShape.ts';

/**
 * Class numbers as a map for each class: float32 [N, ...pixels] of whole numbers 0 to K − 1 → [N, K, ...pixels]
 * of 0 and 1. A number that is no class is 0 in all of them: such pixels count for nothing in `crossEntropyLoss`.
 */
export function oneHot(classes: Tensor, count: number): Tensor {
  const [images, ...pixels] = classes.shape as [number, ...number[]];
  classes.graph.checked('oneHot', [classes], () => {
    if (classes.shape.length === 0) throw new ShapeError('it takes classes [N, ...pixels]');
  });
  const numbers = classes.graph.constant(
    Float32Array.from({ length: count }, (_, n) => n),
    [1, count, ...pixels.map(() => 1)],
  );
  return mask(equal(reshape(classes, [images, 1, ...pixels]), numbers));
}

/**
 * Cross-entropy of a softmax over classes, a scalar: −mean over images and pixels of Σ_k t_k · log softmax(z)_k
 * (torch.nn.functional.cross_entropy). Logits z [N, K, ...pixels]; the truth either class numbers
 * [N, ...pixels] or t itself, [N, K, ...pixels] (one-hot, or probabilities). Throws `bad-model` for another shape.
 */
export function crossEntropyLoss(logits: Tensor, truth: Tensor): Tensor {
  const [images, count, ...pixels] = logits.shape as [number, number, ...number[]];
  const numbered = sameShape(truth.shape, [images, ...pixels]);
  logits.graph.checked('crossEntropyLoss', [logits, truth], () => {
    if (logits.shape.length < 2 || !(numbered || sameShape(truth.shape, logits.shape))) {
      throw new ShapeError('the truth is neither the classes of the logits nor their probabilities');
    }
  });
  const target = numbered ? oneHot(truth, count) : truth;
  const total = reduceSum(mul(target, logSoftmax(logits, 1)));
  return mul(reshape(total, []), -1 / (images * elementCount(pixels)));
}

/**
 * Cross-entropy of a sigmoid, a scalar: −mean(t·log σ(z) + (1 − t)·log(1 − σ(z))) = mean(log(1 + eᶻ) − z·t)
 * (torch.nn.functional.binary_cross_entropy_with_logits). Logits z and truth t of one shape, t from 0 to 1.
 */
export function binaryCrossEntropyLoss(logits: Tensor, truth: Tensor): Tensor {
  fitOneShape('binaryCrossEntropyLoss', logits, truth);
  return mean(sub(softplus(logits), mul(logits, truth)));
}
