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

/** 1 − d of step t, which starts at 1: 1, so that the average is θ itself, up to the start. */
export function averageRate(step: number, { decay, start }: AverageSettings): number {
  return step <= start ? 1 : 1 - decay;
}
