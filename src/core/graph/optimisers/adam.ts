import type { Parameter } from '../graph.ts';
import { add, div, mul, sub } from '../operators/arithmetic.ts';
import { sqrt } from '../operators/pointwise.ts';
import type { Tensor } from '../tensor.ts';

/**
 * Adam: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1. With a weight
 * decay above 0 it is AdamW: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019,
 * algorithm 2 (`torch.optim.AdamW`): θ also loses α·λ·θ, which the moments do not see.
 */
export interface AdamSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** λ; 0 is Adam. */
  readonly weightDecay: number;
  /** Which parameters decay. */
  readonly decays: (parameter: Pick<Parameter, 'path' | 'tensor'>) => boolean;
}

export const ADAM_DEFAULTS: AdamSettings = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  decays: decaysByName,
};

/** `torch.optim.AdamW`'s λ. */
export const ADAMW_DEFAULTS: AdamSettings = { ...ADAM_DEFAULTS, weightDecay: 0.01 };

/** Scalars that change with the step: graph inputs, so that one graph serves every step. See `adamScalars`. */
export interface AdamInputs {
  readonly stepSize: Tensor;
  readonly epsilon: Tensor;
  /** Absent where nothing decays. */
  readonly decay?: Tensor | undefined;
}

export interface AdamState {
  readonly parameter: Tensor;
  readonly moment1: Tensor;
  readonly moment2: Tensor;
}

/**
 * One update, as graph: m ← m + (1 − β₁)(g − m), v ← v + (1 − β₂)(g² − v), θ ← θ − (αₜ · m / (√v + ε̂) + α·λ·θ),
 * with the moments' corrections for starting at zero in αₜ and ε̂ (Kingma and Ba, end of section 2), which
 * saves two passes over the moments. The differences keep what float32 makes of β and 1 − αλ out of it.
 */
export function adamUpdate(
  state: AdamState,
  gradient: Tensor,
  inputs: AdamInputs,
  { beta1, beta2 }: Pick<AdamSettings, 'beta1' | 'beta2'>,
): AdamState {
  const moment1 = add(state.moment1, mul(sub(gradient, state.moment1), 1 - beta1));
  const moment2 = add(state.moment2, mul(sub(mul(gradient, gradient), state.moment2), 1 - beta2));
  const direction = div(moment1, add(sqrt(moment2), inputs.epsilon));
  const change = mul(direction, inputs.stepSize);
  const whole = inputs.decay === undefined ? change : add(change, mul(state.parameter, inputs.decay));
  return { parameter: sub(state.parameter, whole), moment1, moment2 };
}

/**
 * αₜ = α · √(1 − β₂ᵗ) / (1 − β₁ᵗ), ε̂ = ε · √(1 − β₂ᵗ) and α·λ of step t, which starts at 1. In float64:
 * β₂ᵗ is close to 1.
 */
export function adamScalars(
  step: number,
  learningRate: number,
  { beta1, beta2, epsilon, weightDecay }: AdamSettings,
): { readonly stepSize: number; readonly epsilon: number; readonly decay: number } {
  const correction2 = Math.sqrt(1 - beta2 ** step);
  return {
    stepSize: (learningRate * correction2) / (1 - beta1 ** step),
    epsilon: epsilon * correction2,
    decay: learningRate * weightDecay,
  };
}

/**
 * What is customary: matrices and kernels decay; biases, the scales of norms and the selective scan's `A_log`
 * and `D` do not. Whatever has one axis is a bias or a scale, whatever it is called.
 */
export function decaysByName({ path, tensor }: Pick<Parameter, 'path' | 'tensor'>): boolean {
  const names = path.split('.');
  return (
    tensor.shape.length > 1 &&
    !/(^|_)bias$|^A_logs?$|^Ds?$/.test(names.at(-1)!) &&
    !names.some((name) => /norm_?\d*$|^norm_|^(ln|bn)_?\d*$/i.test(name))
  );
}
