import type { Tensor } from '../../../../src/core/graph/index.ts';
import type { Random } from '../../../../src/core/random.ts';

export type Shapes = readonly (readonly number[])[];

/**
 * One use of an operator that the suite runs on every device: its ONNX form against the float64 reference,
 * its ONNX gradient against the same gradient in float64, and that against finite differences.
 */
export interface OperatorCase {
  readonly name: string;
  /** Shapes of the inputs: three or more sets, odd and non-square ones among them. */
  readonly shapes: readonly Shapes[];
  readonly build: (inputs: readonly Tensor[]) => Tensor;
  /** Draws the values of an input: away from kinks and poles. Normal where absent. */
  readonly values?: (random: Random, input: number) => number;
  /** Whether the graph is one that trains. */
  readonly training?: boolean;
  /** False for what has no gradient (argmax); nothing but its values is compared then. */
  readonly differentiable?: boolean;
}

/** Away from 0, where |x|, relu and 1/x have kinks or poles. */
export const awayFromZero = (random: Random) => (random.integer(2) === 0 ? -1 : 1) * random.between(0.2, 2);
export const positive = (random: Random) => random.between(0.2, 2);

/** Shapes that broadcast. */
export const pairs: readonly Shapes[] = [
  [
    [3, 5],
    [3, 5],
  ],
  [
    [2, 3, 4],
    [3, 1],
  ],
  [
    [1, 7],
    [5, 1],
  ],
];
export const singles: readonly Shapes[] = [[[7]], [[3, 5]], [[2, 1, 3, 5]]];
