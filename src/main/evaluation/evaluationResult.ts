import { basename, resolve } from 'node:path';
import type { EvaluatedCase, EvaluateResult } from '../../core/contract/evaluation.ts';
import type { Request } from '../../core/contract/operations.ts';
import { networkNamed } from '../../core/networks/index.ts';
import type { ModelCard } from '../models/card.ts';
import type { ModelPackage } from '../models/loadModelPackage.ts';
import { contrastFile, sha256OfFile } from '../studies/caseFolder.ts';
import { appVersion } from '../version.ts';
import type { CaseComparison } from './evaluateCase.ts';
import type { EvaluationCase } from './evaluationCase.ts';
import type { FoundCase } from './findCases.ts';
import { type MeasuredCase, qualitySpreadOf, summarise } from './summarise.ts';

const NOTICE = 'Research use only, not for diagnosis.';

/** What a result says of one case. Reads its files again, for their hashes. */
export async function describeCase(
  { name, path }: FoundCase,
  { truth }: EvaluationCase,
  { methods, registration, disturbed, warnings }: CaseComparison,
  contrasts: readonly string[],
  models: readonly Pick<ModelPackage, 'id' | 'card'>[],
): Promise<EvaluatedCase> {
  const files: EvaluatedCase['files'] = [];
  for (const contrast of contrasts) {
    const file = await contrastFile(path, contrast);
    files.push({ name: basename(file), sha256: await sha256OfFile(file) });
  }
  return {
    case: name,
    path,
    files,
    trainedOn: models.filter(({ card }) => hasLearned(card, files)).map(({ id }) => id),
    slices: truth.slices.length,
    rows: truth.rows,
    columns: truth.columns,
    registration,
    methods: Object.fromEntries(
      [...methods].map(([method, { volume, slices, secondsPerSlice }]) => [
        method,
        { ...volume, perSlice: qualitySpreadOf(slices), secondsPerSlice },
      ]),
    ),
    disturbed,
    warnings: [...warnings],
  };
}

/** All that an evaluation found, summarised. */
export function evaluationResult(
  request: Request<'evaluate'>,
  models: readonly ModelPackage[],
  device: string,
  found: {
    readonly evaluated: EvaluatedCase[];
    readonly measured: readonly MeasuredCase[];
    readonly failed: EvaluateResult['failed'];
    readonly warnings: readonly string[];
  },
): EvaluateResult {
  const described = models.map(({ id, path, card, weights, weightsSha256 }) => ({
    id,
    path,
    network: card.network,
    version: card.version,
    parameters: [...weights.values()].reduce((sum, { data }) => sum + data.length, 0),
    usesReference: networkNamed(card.network).usesReference,
    weightsSha256,
  }));
  const { evaluated, measured, failed } = found;
  const alone = evaluated.length === 1 ? evaluated[0] : undefined;
  return {
    target: request.target,
    reference: request.reference ?? null,
    scale: request.scale,
    ...(alone && {
      case: alone.case,
      slices: alone.slices,
      methods: Object.fromEntries(
        Object.entries(alone.methods).map(([method, { perSlice, secondsPerSlice, ...volume }]) => [
          method,
          volume,
        ]),
      ),
    }),
    models: described,
    cases: evaluated,
    failed,
    summary: summarise(measured, described),
    warnings: [
      ...trainedOnWarnings(evaluated),
      ...found.warnings,
      ...evaluated.flatMap((one) => one.warnings.map((said) => `${one.case}: ${said}`)),
    ],
    out: request.out === undefined ? null : resolve(request.out),
    device,
    registration: request.registration,
    software: appVersion,
    notice: NOTICE,
  };
}

function hasLearned({ training }: ModelCard, files: EvaluatedCase['files']): boolean {
  const learned = new Set(training?.cases.flatMap((one) => one.files.map(({ sha256 }) => sha256)));
  return files.some(({ sha256 }) => learned.has(sha256));
}

function trainedOnWarnings(cases: readonly EvaluatedCase[]): string[] {
  const ids = new Set(cases.flatMap(({ trainedOn }) => trainedOn));
  return [...ids].map((id) => {
    const names = cases.filter(({ trainedOn }) => trainedOn.includes(id)).map((one) => one.case);
    return (
      `${id} was trained on ${names.join(', ')}: its numbers there say what it learned, ` +
      'not what it does to other patients'
    );
  });
}
