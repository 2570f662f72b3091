import type { ContourRow } from '../state/contourRows.ts';
import { modelName, outlineName } from '../state/contours.ts';
import { csvNumber, csvWords } from './csv.ts';

const HEADER = [
  'image',
  'image_detail',
  'model',
  'corrected',
  'ml',
  'difference_ml',
  'difference_percent',
  'dice_to_acquired',
  'hd95_mm_to_acquired',
  'dice_to_truth',
  'hd95_mm_to_truth',
] as const;

/**
 * The table of outlines (RFC 4180: commas, CRLF, quotes doubled), a line for each image, and one for the truth where
 * there is one. Numbers are written in full; what is not there stays empty.
 */
export function contoursCsv(rows: readonly ContourRow[], truth: { name: string; ml: number } | null): string {
  const lines = rows.map(({ outline, ml, differenceMl, differencePercent, toBase, toTruth }) => [
    csvWords(outlineName(outline)),
    csvWords(outline.detail),
    csvWords(modelName(outline)),
    String(outline.isCorrected),
    ...[
      ml,
      differenceMl,
      differencePercent,
      toBase?.dice,
      toBase?.hd95Mm,
      toTruth?.dice,
      toTruth?.hd95Mm,
    ].map((value) => csvNumber(value ?? undefined)),
  ]);
  const ofTruth =
    truth === null ? [] : [[csvWords(truth.name), '', '', '', csvNumber(truth.ml), '', '', '', '', '', '']];
  return [[...HEADER], ...lines, ...ofTruth].map((line) => `${line.join(',')}\r\n`).join('');
}
