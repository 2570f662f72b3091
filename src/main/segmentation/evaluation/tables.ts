import type {
  EvaluateSegmentationResult,
  SegmentationSummaryRow,
} from '../../../core/contract/segmentationEvaluation.ts';
import type { ReportTable } from '../../evaluation/report/tables.ts';

type Spread = SegmentationSummaryRow['dice'] | null;

/** The tables of an evaluation: over the cases, each case, and those without a tumour. */
export function segmentationTables(result: EvaluateSegmentationResult): ReportTable[] {
  return [summaryTable(result), caseTable(result), falseTable(result)].filter(({ rows }) => rows.length > 0);
}

function summaryTable({ summary, cases }: EvaluateSegmentationResult): ReportTable {
  return {
    title: `Dice against the mask, mean ± standard deviation over ${cases.length} ${cases.length === 1 ? 'case' : 'cases'}`,
    columns: [
      'network',
      'image',
      'Dice, volume',
      'of original',
      'Dice, slice',
      '95 % Hausdorff, mm',
      'Dice to original’s',
    ],
    textColumns: 2,
    rows: summary.map((row) => [
      row.model,
      row.scale === null || row.image.startsWith('zero-filled') ? row.image : `${row.image} ×${row.scale}`,
      words(row.dice, 3),
      row.ofOriginal === null ? '–' : `${(100 * row.ofOriginal).toFixed(1)} %`,
      words(row.diceSlices, 3),
      words(row.hd95Mm, 1),
      row.image === 'original' ? '' : words(row.diceToOriginal, 3),
    ]),
    notes: hasTrainedOn(cases) ? ['Cases marked † were trained on: they are in these means.'] : [],
  };
}

function caseTable({ cases }: EvaluateSegmentationResult): ReportTable {
  return {
    title: 'Case by case',
    columns: ['case', 'network', 'image', 'Dice', 'Dice, slice', '95 % Hausdorff, mm', 'ml', 'mask, ml'],
    textColumns: 3,
    rows: cases.flatMap(({ case: name, truthMl, trainedOn, images }) =>
      images.map(({ model, image, truth, ml }) => [
        trainedOn.includes(model) || trainedOn.includes(image) ? `${name} †` : name,
        model,
        image,
        truth.dice.toFixed(3),
        truth.diceSlices?.toFixed(3) ?? '–',
        truth.hd95Mm?.toFixed(1) ?? '–',
        ml.toFixed(1),
        truthMl.toFixed(1),
      ]),
    ),
    notes: hasTrainedOn(cases) ? ['† this patient was trained on: no evidence for others.'] : [],
  };
}

function falseTable({ withoutTumour: { cases, summary } }: EvaluateSegmentationResult): ReportTable {
  return {
    title: 'Found where there is no tumour, ml',
    columns: ['case', ...summary.map(({ model }) => model)],
    textColumns: 1,
    rows:
      cases.length === 0
        ? []
        : [
            ...cases.map(({ case: name, trainedOn, found }) => [
              trainedOn.length > 0 ? `${name} †` : name,
              ...found.map(({ ml }) => ml.toFixed(2)),
            ]),
            ['median', ...summary.map(({ medianMl }) => medianMl.toFixed(2))],
            ['worst', ...summary.map(({ worstMl }) => worstMl.toFixed(2))],
          ],
    notes: hasTrainedOn(cases) ? ['† trained on, as having none.'] : [],
  };
}

function hasTrainedOn(cases: readonly { readonly trainedOn: readonly string[] }[]): boolean {
  return cases.some(({ trainedOn }) => trainedOn.length > 0);
}

function words(spread: Spread, digits: number): string {
  if (spread === null) return '–';
  const { mean, deviation } = spread;
  return deviation === null ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
}
