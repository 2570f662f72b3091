import type { ContourRow } from '../state/contourRows.ts';
import { modelName, outlineName } from '../state/contours.ts';
import { text } from '../text.ts';
import { csvNumber, csvWords } from './csv.ts';

const HEADER = [
  'image',
  'image_detail',
  'model',
  'preview',
  'corrected',
  'label',
  'ml',
  'difference_ml',
  'difference_percent',
  'base',
  'dice_to_base',
  'hd95_mm_to_base',
  'dice_to_truth',
  'hd95_mm_to_truth',
] as const;

/**
 * The table of outlines (RFC 4180: commas, CRLF, quotes doubled), a line for each image, and one for the truth where
 * there is one. Numbers are written in full; what is not there stays empty. `base` is what the differences, and the
 * agreement beside it, are to: the acquired image's outline, where there is none the first.
 * @param label the model's label that was measured; null: all together
 */
export function contoursCsv(
  rows: readonly ContourRow[],
  truth: { readonly name: string; readonly ml: number } | null,
  label: number | null = null,
): string {
  const base = rows.find(({ isBase }) => isBase)?.outline;
  const baseName = base === undefined ? '' : csvWords(outlineName(base));
  const lines = rows.map(({ outline, isBase, ml, differenceMl, differencePercent, toBase, toTruth }) => [
    csvWords(outlineName(outline)),
    csvWords(outline.detail),
    csvWords(modelName(outline)),
    csvWords(text.contours.csvPreview),
    String(outline.isCorrected),
    csvWords(measuredLabels(outline, label)),
    csvNumber(ml),
    csvNumber(differenceMl),
    csvNumber(differencePercent ?? undefined),
    isBase ? '' : baseName,
    ...[toBase?.dice, toBase?.hd95Mm, toTruth?.dice, toTruth?.hd95Mm].map((value) =>
      csvNumber(value ?? undefined),
    ),
  ]);
  const ofTruth =
    truth === null
      ? []
      : [
          HEADER.map((name) =>
            name === 'image' ? csvWords(truth.name) : name === 'ml' ? csvNumber(truth.ml) : '',
          ),
        ];
  return [[...HEADER], ...lines, ...ofTruth].map((line) => `${line.join(',')}\r\n`).join('');
}

/** The labels of the model that the numbers are about. */
function measuredLabels({ found }: ContourRow['outline'], label: number | null): string {
  return found.labels
    .filter(({ value }) => label === null || value === label)
    .map(({ name }) => name)
    .join(' + ');
}
