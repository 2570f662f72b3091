import type {
  EvaluatedCase,
  EvaluationSummary,
  PairedTest,
  QualityMeasure,
  QualitySpread,
} from '../../core/contract/evaluation.ts';
import { qualityMeasure } from '../../core/contract/evaluation.ts';
import type { ImageQuality } from '../../core/contract/schemas.ts';
import { bootstrapMeanInterval, spreadOf, wilcoxonSignedRank } from '../../core/volume/statistics.ts';
import type { MethodMeasurement } from './evaluateCase.ts';

/** What is kept of a case: numbers alone. */
export interface MeasuredCase {
  readonly methods: ReadonlyMap<string, MethodMeasurement>;
  readonly disturbed: EvaluatedCase['disturbed'];
}

export interface SummarisedModel {
  readonly id: string;
  readonly usesReference: boolean;
}

/** From so many cases on, cases are what is paired; with fewer, no p of theirs could be below 0.05. */
export const LEAST_CASES_TO_PAIR = 6;
/** Tests are about the foreground's inside: the rest is half background. */
const TESTED = ['psnrInside', 'ssimInside'] as const satisfies readonly QualityMeasure[];
const BOOTSTRAP_SEED = 20260101;
const ZERO_FILL = 'zero-fill';

/**
 * What all cases say together: mean ± standard deviation over cases of every number and of its gain over
 * zero-filling, over slices too; a paired test of each model against zero-filling and against its best rival
 * (the best of the other models by mean PSNR inside); what disturbed references cost. Methods come best
 * first. Every case must have been measured with every method.
 */
export function summarise(
  cases: readonly MeasuredCase[],
  models: readonly SummarisedModel[],
): EvaluationSummary {
  const names = [...(cases[0]?.methods.keys() ?? [])];
  const ids = new Set(models.map(({ id }) => id));
  const volumes = (method: string) => cases.map(({ methods }) => methods.get(method)!.volume);
  const slices = (method: string) => cases.flatMap(({ methods }) => methods.get(method)!.slices);
  const methods = names
    .map((method) => ({
      method,
      kind: ids.has(method) ? ('model' as const) : ('interpolation' as const),
      quality: qualitySpreadOf(volumes(method)),
      gain: qualitySpreadOf(differences(volumes(method), volumes(ZERO_FILL))),
      perSlice: qualitySpreadOf(slices(method)),
    }))
    .sort((a, b) => rank(b) - rank(a));

  const ranked = methods.filter(({ kind }) => kind === 'model').map(({ method }) => method);
  const over = cases.length >= LEAST_CASES_TO_PAIR ? 'cases' : 'slices';
  const paired = over === 'cases' ? volumes : slices;
  const tests = ranked.flatMap((model) => {
    const rival = ranked.find((other) => other !== model);
    return [
      ...pairedTests(model, ZERO_FILL, 'zero-fill', over, differences(paired(model), paired(ZERO_FILL))),
      ...(rival === undefined
        ? []
        : pairedTests(model, rival, 'best-rival', over, differences(paired(model), paired(rival)))),
    ];
  });
  const single = new Set(models.filter(({ usesReference }) => !usesReference).map(({ id }) => id));
  const singleImage = ranked.find((id) => single.has(id)) ?? null;
  return { methods, tests, disturbed: disturbedRows(cases, ranked, singleImage), singleImage };
}

/** Spread of each of the four numbers. */
export function qualitySpreadOf(qualities: readonly ImageQuality[]): QualitySpread {
  const spread = (measure: QualityMeasure) => spreadOf(qualities.map((quality) => quality[measure]));
  return {
    psnr: spread('psnr'),
    ssim: spread('ssim'),
    psnrInside: spread('psnrInside'),
    ssimInside: spread('ssimInside'),
  };
}

function rank({ quality }: { quality: QualitySpread }): number {
  return quality.psnrInside.mean ?? Number.NEGATIVE_INFINITY;
}

function differences(a: readonly ImageQuality[], b: readonly ImageQuality[]): ImageQuality[] {
  return a.map((quality, at) => minus(quality, b[at]!));
}

function minus(a: ImageQuality, b: ImageQuality): ImageQuality {
  const entries = qualityMeasure.options.map((measure) => [measure, a[measure] - b[measure]]);
  return Object.fromEntries(entries) as ImageQuality;
}

function pairedTests(
  model: string,
  against: string,
  role: PairedTest['role'],
  over: PairedTest['over'],
  found: readonly ImageQuality[],
): PairedTest[] {
  return TESTED.map((measure) => {
    const values = found.map((quality) => quality[measure]).filter(Number.isFinite);
    return {
      model,
      against,
      role,
      measure,
      over,
      n: values.length,
      meanDifference: spreadOf(values).mean,
      interval95: bootstrapMeanInterval(values, { seed: BOOTSTRAP_SEED }),
      wilcoxon: wilcoxonSignedRank(values),
    };
  });
}

function disturbedRows(
  cases: readonly MeasuredCase[],
  ranked: readonly string[],
  singleImage: string | null,
): EvaluationSummary['disturbed'] {
  const disturbances = [
    ...new Set(cases.flatMap(({ disturbed }) => disturbed.map(({ disturbance }) => disturbance))),
  ];
  const rows: EvaluationSummary['disturbed'] = [];
  for (const disturbance of disturbances) {
    for (const model of ranked) {
      const found = cases.flatMap(({ methods, disturbed }) => {
        const quality = disturbed.find((one) => one.disturbance === disturbance)?.methods[model];
        return quality === undefined ? [] : [{ quality, methods }];
      });
      if (found.length === 0) continue;
      const qualities = found.map(({ quality }) => quality);
      const lessThan = (method: string) => {
        const { psnr, psnrInside } = qualitySpreadOf(
          differences(
            qualities,
            found.map(({ methods }) => methods.get(method)!.volume),
          ),
        );
        return { psnr: psnr.mean, psnrInside: psnrInside.mean };
      };
      rows.push({
        disturbance,
        model,
        quality: qualitySpreadOf(qualities),
        coverage: spreadOf(qualities.map(({ coverage }) => coverage)),
        toUndisturbed: lessThan(model),
        toSingleImage: singleImage === null ? null : lessThan(singleImage),
      });
    }
  }
  return rows;
}
