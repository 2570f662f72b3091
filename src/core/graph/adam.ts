import { add, div, mul, sub } from './operators/arithmetic.ts';
import { sqrt } from './operators/pointwise.ts';
import type { Tensor } from './tensor.ts';

/** Adam: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1. */
export interface AdamSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

export const ADAM_DEFAULTS: AdamSettings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Scalars that change with the step: graph inputs, so that one graph serves every step. */
export interface AdamInputs {
  readonly learningRate: Tensor;
  /** 1 / (1 − β₁ᵗ) and 1 / (1 − β₂ᵗ): see `adamCorrections`. */
  readonly correction1: Tensor;
  readonly correction2: Tensor;
}

export interface AdamState {
  readonly parameter: Tensor;
  readonly moment1: Tensor;
  readonly moment2: Tensor;
}

/**
 * One update, as graph: m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²,
 * θ ← θ − α · m̂ / (√v̂ + ε), with m̂ and v̂ corrected for starting at zero.
 */
export function adamUpdate(
  state: AdamState,
  gradient: Tensor,
  { learningRate, correction1, correction2 }: AdamInputs,
  { beta1, beta2, epsilon }: AdamSettings,
): AdamState {
  const moment1 = add(mul(state.moment1, beta1), mul(gradient, 1 - beta1));
  const moment2 = add(mul(state.moment2, beta2), mul(mul(gradient, gradient), 1 - beta2));
  const direction = div(mul(moment1, correction1), add(sqrt(mul(moment2, correction2)), epsilon));
  return { parameter: sub(state.parameter, mul(direction, learningRate)), moment1, moment2 };
}

/** The bias corrections of step t, which starts at 1. Computed in float64: β₂ᵗ is close to 1. */
export function adamCorrections(step: number, { beta1, beta2 }: AdamSettings): [number, number] {
  return [1 / (1 - beta1 ** step), 1 / (1 - beta2 ** step)];
}
