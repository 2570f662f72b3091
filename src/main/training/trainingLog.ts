import { TandemError } from '../../core/errors.ts';

/** What a validation says of the weights of a step, by name. */
export type Scores = Readonly<Record<string, number>>;

/** What the weights of a step do to the validation patients: means over them, gains over zero-filling. */
export type ValidationScore = {
  /** dB, of the whole image and at least 3 pixels within the foreground. */
  readonly psnr: number;
  readonly psnrInside: number;
  readonly gain: number;
  readonly gainInside: number;
  readonly ssim: number;
  readonly ssimInside: number;
};

/** One line of the log of a training. */
export interface TrainingRecord<S extends Scores = ValidationScore> {
  /** Steps done. */
  readonly step: number;
  /** Time spent training, over all runs of a training that was resumed. */
  readonly seconds: number;
  /** Mean over the steps since the record before. */
  readonly loss: number;
  /** Of the last of these steps. */
  readonly learningRate: number;
  /** Where the weights of this step were validated. */
  readonly validation?: S | undefined;
}

const TRAINING_COLUMNS = {
  step: 'step',
  seconds: 'seconds',
  loss: 'loss',
  learningRate: 'learning_rate',
} as const;
const VALIDATION_COLUMNS = {
  psnr: 'psnr_db',
  psnrInside: 'psnr_inside_db',
  gain: 'gain_db',
  gainInside: 'gain_inside_db',
  ssim: 'ssim',
  ssimInside: 'ssim_inside',
} as const;
export const SCORE_NAMES = Object.keys(VALIDATION_COLUMNS) as (keyof ValidationScore)[];
const HEADER = [...Object.values(TRAINING_COLUMNS), ...Object.values(VALIDATION_COLUMNS)].join(',');

/**
 * The log of a training as CSV: a header with the units, then a line a record. The cells of a validation are
 * empty where there was none. Numbers have six significant digits, steps all of theirs.
 */
export function logCsv(records: readonly TrainingRecord[]): string {
  const lines = records.map(({ step, seconds, loss, learningRate, validation }) =>
    [
      `${step}`,
      ...[seconds, loss, learningRate].map(short),
      ...SCORE_NAMES.map((score) => (validation === undefined ? '' : short(validation[score]))),
    ].join(','),
  );
  return `${[HEADER, ...lines].join('\n')}\n`;
}

/**
 * Reads what `logCsv` wrote. Throws `unsupported-format` for another header and, naming the line, for cells that
 * are no numbers, steps that do not rise, and a validation of which only a part is there.
 */
export function parseLogCsv(text: string, path?: string): TrainingRecord[] {
  const refuse = (message: string): TandemError =>
    new TandemError('unsupported-format', message, {
      path,
      hint: 'Use the log as the training wrote it.',
    });
  const [header, ...lines] = text.replace(/\r?\n$/, '').split(/\r?\n/);
  if (header !== HEADER) throw refuse('This is not the log of a training: its columns are others');
  let before = -1;
  return lines.map((line, index) => {
    const where = `Line ${index + 2} of the log`;
    const cells = line.split(',');
    if (cells.length !== 4 + SCORE_NAMES.length) throw refuse(`${where} has ${cells.length} cells`);
    const validated = cells.slice(4).some((cell) => cell !== '');
    const [step, seconds, loss, learningRate, ...scores] = cells
      .slice(0, validated ? undefined : 4)
      .map((cell) => {
        if (!NUMBER.test(cell)) throw refuse(`${where} holds “${cell.slice(0, 20)}”, which is no number`);
        return Number(cell);
      }) as [number, number, number, number, ...number[]];
    if (!Number.isSafeInteger(step) || step <= before)
      throw refuse(`The steps do not rise at line ${index + 2}`);
    before = step;
    const record = { step, seconds, loss, learningRate };
    if (!validated) return record;
    const validation = Object.fromEntries(SCORE_NAMES.map((score, at) => [score, scores[at]!]));
    return { ...record, validation: validation as unknown as ValidationScore };
  });
}

/** As `short` writes them: a PSNR is infinite where nothing differs. */
const NUMBER = /^(-?\d+(\.\d+)?(e[+-]?\d+)?|-?Infinity|NaN)$/;

function short(value: number): string {
  return `${Number(value.toPrecision(6))}`;
}
