import type { SeriesSummary, Warning } from '../../core/contract/schemas.ts';
import type { SharedTarget } from './prepareSlice.ts';

/** What a model was trained on, from its card. */
export interface ModelEnvelope {
  readonly target: readonly string[];
  readonly reference: readonly string[];
  /** Of the enhanced image, in-plane. */
  readonly spacingMm: readonly [number, number];
  /** Rows and columns of the enhanced image. */
  readonly matrix: readonly [number, number];
  readonly sliceThicknessMm: readonly [number, number];
}

/** How far beyond the envelope a spacing or thickness still counts as inside: headers round. */
const TOLERANCE = 1.05;

/**
 * A warning for everything in which this target and reference differ from what the model has seen, or that
 * this is not known.
 */
export function envelopeWarnings(
  envelope: ModelEnvelope | null,
  enhanced: Pick<SharedTarget['enhanced'], 'rows' | 'columns' | 'spacingMm'>,
  sliceThicknessMm: number | undefined,
  target: Pick<SeriesSummary, 'contrast'>,
  reference: Pick<SeriesSummary, 'contrast'> | undefined,
): Warning[] {
  if (envelope === null) {
    const message =
      'What this model was trained on is not known: whether it suits these images is for you to judge.';
    return [{ code: 'outside-model-envelope', message }];
  }
  const messages: string[] = [];
  const contrast = (
    role: string,
    series: Pick<SeriesSummary, 'contrast'>,
    known: readonly string[],
  ): void => {
    const { name } = series.contrast;
    if (known.length === 0 || known.includes(name)) return;
    const words = name === 'unknown' ? `The contrast of the ${role} is not known` : `The ${role} is ${name}`;
    messages.push(`${words}; the model was trained with ${known.join(', ')}.`);
  };
  contrast('target', target, envelope.target);
  if (reference !== undefined) contrast('reference', reference, envelope.reference);

  const range = (
    what: string,
    values: readonly number[],
    [low, high]: readonly [number, number],
    unit: string,
    tolerance: number,
  ): void => {
    const outside = values.find((value) => value < low / tolerance || value > high * tolerance);
    if (outside === undefined) return;
    const known = low === high ? format(low) : `${format(low)}–${format(high)}`;
    messages.push(`${what} is ${format(outside)}${unit}; the model was trained with ${known}${unit}.`);
  };
  range('The spacing of the enhanced image', enhanced.spacingMm, envelope.spacingMm, ' mm', TOLERANCE);
  range('The matrix of the enhanced image', [enhanced.rows, enhanced.columns], envelope.matrix, '', 1);
  if (sliceThicknessMm !== undefined) {
    range('The slice thickness', [sliceThicknessMm], envelope.sliceThicknessMm, ' mm', TOLERANCE);
  }
  return messages.map((message) => ({ code: 'outside-model-envelope', message }));
}

function format(value: number): string {
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(3)));
}
