import { activationCases } from './activation.ts';
import { arithmeticCases } from './arithmetic.ts';
import { attentionCases } from './attention.ts';
import { convolutionCases } from './convolution.ts';
import { deformConv2dCases } from './deformConv2d.ts';
import { denseCases } from './dense.ts';
import { lossCases } from './losses.ts';
import { normCases } from './norm.ts';
import type { OperatorCase } from './operatorCase.ts';
import { poolCases } from './pool.ts';
import { selectiveScanCases } from './selectiveScan.ts';
import { shapeCases } from './shapes.ts';

export type { OperatorCase } from './operatorCase.ts';

/** The whole operator suite; it runs on the CPU and on WebGPU. */
export const operatorCases: readonly OperatorCase[] = [
  ...arithmeticCases,
  ...activationCases,
  ...shapeCases,
  ...convolutionCases,
  ...deformConv2dCases,
  ...denseCases,
  ...normCases,
  ...poolCases,
  ...selectiveScanCases,
  ...attentionCases,
  ...lossCases,
];
