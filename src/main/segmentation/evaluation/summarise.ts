import type {
  EvaluateSegmentationResult,
  SegmentationSummaryRow,
} from '../../../core/contract/segmentationEvaluation.ts';

type Cases = EvaluateSegmentationResult['cases'];

/** Mean and sample standard deviation of what is known; null where nothing is. */
export function spreadOf(values: readonly (number | null)[]): SegmentationSummaryRow['dice'] | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = known.length < 2 ? null : Math.sqrt(squares / (known.length - 1));
  return { mean, deviation, cases: known.length };
}

/** Every model on every kind of image, over the cases, in the order in which the cases have them. */
export function summarise(cases: Cases): SegmentationSummaryRow[] {
  const images = cases.flatMap((one) => one.images);
  const groups = Map.groupBy(images, ({ model, image }) => JSON.stringify([model, image]));
  return [...groups.values()].map((found) => {
    const { model, image, scale } = found[0]!;
    const dice = spreadOf(found.map(({ truth }) => truth.dice))!;
    const originals = groups.get(JSON.stringify([model, 'original'])) ?? [];
    const original = spreadOf(originals.map(({ truth }) => truth.dice))?.mean ?? 0;
    return {
      model,
      image,
      scale,
      dice,
      diceSlices: spreadOf(found.map(({ truth }) => truth.diceSlices)),
      hd95Mm: spreadOf(found.map(({ truth }) => truth.hd95Mm)),
      ofOriginal: original > 0 ? dice.mean / original : null,
      diceToOriginal: spreadOf(found.map((one) => one.original.dice))!,
    };
  });
}

/** Median (the mean of the two in the middle) and greatest volume that each model finds where there is nothing. */
export function summariseFalse(
  cases: EvaluateSegmentationResult['withoutTumour']['cases'],
): EvaluateSegmentationResult['withoutTumour']['summary'] {
  const found = cases.flatMap((one) => one.found);
  return [...Map.groupBy(found, ({ model }) => model)].map(([model, of]) => {
    const volumes = of.map(({ ml }) => ml).sort((a, b) => a - b);
    const [low, high] = [volumes[(volumes.length - 1) >> 1]!, volumes[volumes.length >> 1]!];
    return { model, medianMl: (low + high) / 2, worstMl: volumes.at(-1)! };
  });
}
