import type {
  EvaluatedCase,
  EvaluateResult,
  EvaluationSummary,
  PairedTest,
  QualityMeasure,
} from '../../../core/contract/evaluation.ts';
import type { Spread } from '../../../core/volume/statistics.ts';

/** A table of a report as plain text; how it is drawn is another's matter. */
export interface ReportTable {
  readonly title: string;
  readonly columns: readonly string[];
  /** So many columns, from the first on, are text; the others are numbers. */
  readonly textColumns: number;
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

const INSIDE_NOTE =
  'Inside: more than 3 pixels within the foreground (above 2 % of full scale). Of skull-stripped images half of the gain over all voxels is background; the numbers inside are the ones that count.';
const SLICES_NOTE =
  'Slices of one patient are not independent: a p over slices is smaller than it should be. It says that the methods differ on these scans, not that they would on others.';
const NONE = '–';
/** Marks a number of a case that the model was trained on. */
const LEARNED = '†';

/** All tables of a result, in the order in which they are to be read. */
export function evaluationTables(result: EvaluateResult): ReportTable[] {
  return [
    methodTable(result),
    testTable(result.summary),
    ...(result.summary.disturbed.length > 0 ? [disturbedTable(result)] : []),
    ...(result.cases.length > 1 ? [caseTable(result)] : []),
    sliceTable(result.summary),
  ].filter(({ rows }) => rows.length > 0);
}

/** Names and hashes of what was read. */
export function dataTable(cases: readonly EvaluatedCase[]): ReportTable {
  return {
    title: 'Data',
    columns: ['Case', 'File', 'SHA-256'],
    textColumns: 3,
    rows: cases.flatMap(({ case: name, files }) => files.map((file) => [name, file.name, file.sha256])),
    notes: [],
  };
}

/** Cases that could not be evaluated: those that share a reason in one row. */
export function failedTable({ failed }: Pick<EvaluateResult, 'failed'>): ReportTable {
  const reasons = new Map<string, { code: string; message: string; names: string[] }>();
  for (const { case: name, code, message } of failed) {
    const reason = reasons.get(`${code} ${message}`) ?? { code, message, names: [] };
    reason.names.push(name);
    reasons.set(`${code} ${message}`, reason);
  }
  return {
    title: 'Not evaluated',
    columns: ['Why', 'Message', 'Cases'],
    textColumns: 3,
    rows: [...reasons.values()].map(({ code, message, names }) => [code, message, names.join(', ')]),
    notes: [],
  };
}

/** The methods, best first: quality and gain over zero-filling. */
export function methodTable({ summary, models, cases, scale }: EvaluateResult): ReportTable {
  const model = new Map(models.map((one) => [one.id, one]));
  return {
    title: `Methods, ×${scale}, per volume${cases.length > 1 ? ` (mean ± sd over ${cases.length} cases)` : ''}`,
    columns: [
      'Method',
      'Parameters',
      'Reference',
      'PSNR inside',
      'gain',
      'SSIM inside',
      'gain',
      'PSNR',
      'gain',
      'SSIM',
      'gain',
    ],
    textColumns: 1,
    rows: summary.methods.map(({ method, quality, gain }) => {
      const known = model.get(method);
      const pair = (measure: QualityMeasure) => [
        value(quality[measure], digitsOf(measure)),
        method === 'zero-fill' ? NONE : value(gain[measure], digitsOf(measure), true),
      ];
      return [
        method,
        known === undefined ? NONE : known.parameters.toLocaleString('en'),
        known === undefined ? NONE : known.usesReference ? 'yes' : 'no',
        ...pair('psnrInside'),
        ...pair('ssimInside'),
        ...pair('psnr'),
        ...pair('ssim'),
      ];
    }),
    notes: [INSIDE_NOTE, 'PSNR in dB, its peak the maximum of the true volume. Gain: over zero-filling.'],
  };
}

function sliceTable({ methods }: EvaluationSummary): ReportTable {
  return {
    title: 'Methods, per slice (mean ± sd over all slices)',
    columns: ['Method', 'PSNR inside', 'SSIM inside', 'PSNR', 'SSIM', 'Slices'],
    textColumns: 1,
    rows: methods.map(({ method, perSlice }) => [
      method,
      value(perSlice.psnrInside, 2),
      value(perSlice.ssimInside, 4),
      value(perSlice.psnr, 2),
      value(perSlice.ssim, 4),
      String(perSlice.psnrInside.n),
    ]),
    notes: ['The peak is 1 after normalisation. Slices without an inside do not count inside.'],
  };
}

function testTable({ tests }: EvaluationSummary): ReportTable {
  const over = tests[0]?.over ?? 'cases';
  return {
    title: `Paired tests, over ${over}`,
    columns: ['Model', 'Against', 'Number', 'Mean difference', '95 % interval', 'n', 'p'],
    textColumns: 3,
    rows: tests.map((test) => {
      const digits = digitsOf(test.measure);
      return [
        test.model,
        test.role === 'best-rival' ? `${test.against} (best rival)` : test.against,
        test.measure === 'psnrInside' ? 'PSNR inside' : 'SSIM inside',
        test.meanDifference === null ? NONE : signed(test.meanDifference, digits),
        test.interval95 === null
          ? NONE
          : `${signed(test.interval95[0], digits)} to ${signed(test.interval95[1], digits)}`,
        String(test.n),
        formatP(test.wilcoxon),
      ];
    }),
    notes: [
      'p: Wilcoxon signed-rank, two-sided, exact up to 25 differences. Interval: bootstrap of the mean difference. Not corrected for several tests.',
      ...(over === 'slices' ? [SLICES_NOTE] : []),
    ],
  };
}

function disturbedTable({ summary, cases }: EvaluateResult): ReportTable {
  const notes = new Map<string, Set<string>>();
  for (const { disturbed } of cases) {
    for (const { disturbance, note } of disturbed) {
      notes.set(disturbance, (notes.get(disturbance) ?? new Set()).add(note));
    }
  }
  const single = summary.singleImage;
  return {
    title: 'Where the reference hurts',
    columns: [
      'Reference',
      'Model',
      'PSNR inside',
      'to undisturbed',
      `to ${single ?? 'single image'}`,
      'PSNR',
      'to undisturbed',
      `to ${single ?? 'single image'}`,
      'Covered',
    ],
    textColumns: 2,
    rows: summary.disturbed.map(({ disturbance, model, quality, coverage, toUndisturbed, toSingleImage }) => [
      disturbance,
      model,
      value(quality.psnrInside, 2),
      difference(toUndisturbed.psnrInside),
      difference(toSingleImage?.psnrInside ?? null),
      value(quality.psnr, 2),
      difference(toUndisturbed.psnr),
      difference(toSingleImage?.psnr ?? null),
      coverage.mean === null ? NONE : `${(100 * coverage.mean).toFixed(0)} %`,
    ]),
    notes: [
      ...[...notes].map(([name, said]) => `${name}: ${phrases(said)}.`),
      single === null
        ? 'No single-image model was evaluated: there is nothing to compare a useless reference with.'
        : `${single} is the best of the models that use no reference.`,
      'Where the reference does not cover the target, the result is the zero-filled target.',
    ],
  };
}

function caseTable({ cases, summary }: EvaluateResult): ReportTable {
  const methods = summary.methods.map(({ method }) => method);
  return {
    title: 'PSNR inside, by case',
    columns: ['Case', 'Slices', ...methods],
    textColumns: 1,
    rows: cases.map((one) => [
      one.case,
      String(one.slices),
      ...methods.map(
        (method) =>
          one.methods[method]!.psnrInside.toFixed(2) + (one.trainedOn.includes(method) ? LEARNED : ''),
      ),
    ]),
    notes: cases.some(({ trainedOn }) => trainedOn.length > 0)
      ? [`${LEARNED} The model was trained on this case.`]
      : [],
  };
}

function digitsOf(measure: QualityMeasure): number {
  return measure === 'ssim' || measure === 'ssimInside' ? 4 : 2;
}

/** At most three of them, so that a long list of patients stays a line. */
function phrases(said: ReadonlySet<string>): string {
  const all = [...said];
  return all.length <= 3 ? all.join('; ') : `${all.slice(0, 3).join('; ')}; and ${all.length - 3} more`;
}

function value({ mean, sd }: Spread, digits: number, plus = false): string {
  if (mean === null) return NONE;
  const number = plus ? signed(mean, digits) : mean.toFixed(digits);
  return sd === null ? number : `${number} ± ${sd.toFixed(digits)}`;
}

function difference(db: number | null): string {
  return db === null ? NONE : signed(db, 2);
}

function signed(number: number, digits: number): string {
  const rounded = Math.abs(number).toFixed(digits);
  const isZero = Number(rounded) === 0;
  return isZero ? rounded : `${number < 0 ? '−' : '+'}${rounded}`;
}

function formatP({ p }: PairedTest['wilcoxon']): string {
  if (p >= 0.001) return p.toFixed(3);
  return p < 1e-15 ? '< 1e-15' : p.toExponential(1);
}
