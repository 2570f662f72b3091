import { add, mul, sub } from '../operators/arithmetic.ts';
import type { Tensor } from '../tensor.ts';

/**
 * Exponential moving average of the weights (Polyak and Juditsky 1992 in its exponential form;
 * `torch.optim.swa_utils.get_ema_multi_avg_fn`).
 */
export interface AverageSettings {
  /** d: below 1. The average looks back over about 1 / (1 − d) steps. */
  readonly decay: number;
  /** Steps before which the average is the weights themselves. */
  readonly start: number;
}

/** a ← a + (1 − d)(θ − a): what is given is 1 − d, which changes with the step (`averageRate`). */
export function averageUpdate(average: Tensor, parameter: Tensor, rate: Tensor): Tensor {
  return add(average, mul(sub(parameter, average), rate));
}

/**
 * 1 − d of step t, which starts at 1: 1, so that the average is θ itself, up to the start; then d rises from 2/11 as
 * (1 + n)/(10 + n) with the n steps since, so that a short training's average does not hang on its first weights
 * (TensorFlow's `ExponentialMovingAverage` with `num_updates`).
 */
export function averageRate(step: number, { decay, start }: AverageSettings): number {
  const since = step - start;
  return since <= 0 ? 1 : 1 - Math.min(decay, (1 + since) / (10 + since));
}
