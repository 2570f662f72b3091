import { arithmeticCases } from './arithmetic.ts';
import { convolutionCases } from './convolution.ts';
import { denseCases } from './dense.ts';
import { lossCases } from './losses.ts';
import { normCases } from './norm.ts';
import type { OperatorCase } from './operatorCase.ts';
import { shapeCases } from './shapes.ts';

export type { OperatorCase } from './operatorCase.ts';

/** The whole operator suite; it runs on the CPU and on WebGPU. */
export const operatorCases: readonly OperatorCase[] = [
  ...arithmeticCases,
  ...shapeCases,
  ...convolutionCases,
  ...denseCases,
  ...normCases,
  ...lossCases,
];
