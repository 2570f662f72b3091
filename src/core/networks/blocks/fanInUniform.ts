import type { Initializer } from '../../graph/index.ts';

/** Uniform within ±1/√fan-in: how torch starts the weights and biases of convolutions and linear layers. */
export function fanInUniform(fanIn: number): Initializer {
  return { kind: 'uniform', bound: fanIn ** -0.5 };
}
