import type { EvaluateResult } from '../../../core/contract/evaluation.ts';

/** `t2 ← t1, ×2: 2 models on 3 cases`. */
export function evaluationTitle({
  target,
  reference,
  scale,
  models,
  cases,
}: Pick<EvaluateResult, 'target' | 'reference' | 'scale' | 'models' | 'cases'>): string {
  const pair = reference === null ? target : `${target} ← ${reference}`;
  return `${pair}, ×${scale}: ${count(models.length, 'model')} on ${count(cases.length, 'case')}`;
}

/** What a reader must know to repeat it, a sentence each. */
export function howMeasured(result: EvaluateResult): string[] {
  return [
    `Each target is reoriented to RAS, divided by the 99.9th percentile of its voxels above 0, clipped to 0 … 1, sliced along the axis nearest to inferior–superior and cropped to multiples of 8; slices with more than 10 % foreground count. It is degraded by k-space truncation ×${result.scale}; the methods see the magnitude.`,
    `References lie ${result.registration === 'none' ? 'where their headers place them' : 'where registration onto the degraded target lays them'}.`,
    `Models ran on ${result.device}: ${result.models
      .map(
        ({ id, network, version, weightsSha256 }) =>
          `${id} (${network} ${version}, weights ${weightsSha256.slice(0, 12)}…)`,
      )
      .join(', ')}.`,
    `Tandem MR ${result.software}.`,
  ];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
