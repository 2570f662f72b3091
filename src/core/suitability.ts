import type { ContrastName } from './contract/schemas.ts';

/** Whether a scan is like what a model was trained on, from the model's card. */

/** What a model was trained on. */
export interface TrainedOn {
  readonly target: readonly string[];
  readonly reference: readonly string[];
  /** Of the enhanced image, in-plane. */
  readonly spacingMm: readonly [number, number];
  /** Rows and columns of the enhanced image. */
  readonly matrix: readonly [number, number];
  readonly sliceThicknessMm: readonly [number, number];
  /** Tesla; absent where the card does not say. */
  readonly fieldStrengthT?: readonly [number, number] | undefined;
}

/** What is known of a scan before anything is computed. */
export interface Scan {
  readonly target: ContrastName;
  /** Undefined where no reference is used. */
  readonly reference: ContrastName | undefined;
  /** The enhanced image, in-plane. */
  readonly rows: number;
  readonly columns: number;
  readonly spacingMm: readonly [number, number];
  readonly sliceThicknessMm: number | undefined;
  readonly fieldStrengthT: number | undefined;
}

/**
 * `alike`: within what was trained on; `beyond`: outside, but by less than half again; `unlike`: another contrast,
 * or further outside; `unknown`: the card or the scan does not say.
 */
export type Likeness = 'alike' | 'beyond' | 'unlike' | 'unknown';

export const SUBJECTS = [
  'training',
  'target',
  'reference',
  'spacing',
  'matrix',
  'thickness',
  'field',
] as const;
export type Subject = (typeof SUBJECTS)[number];

export interface LikenessCheck {
  readonly subject: Subject;
  readonly likeness: Likeness;
  /** In words; what is alike is said too. */
  readonly message: string;
}

/** How far beyond the envelope a spacing or thickness still counts as inside: headers round. */
const TOLERANCE = 1.05;
/** Scanners of one field differ by less: 2.89 T is sold as 3 T. */
const FIELD_TOLERANCE = 1.1;
/** A value outside by more than this factor is far from anything that was seen. */
const FAR = 1.5;

/** Every respect in which a scan is held against what a model was trained on. Null: nothing is known of that. */
export function suitability(trainedOn: TrainedOn | null, scan: Scan): LikenessCheck[] {
  if (trainedOn === null) {
    const message =
      'What this model was trained on is not known: whether it suits these images is for you to judge.';
    return [{ subject: 'training', likeness: 'unknown', message }];
  }
  const checks: LikenessCheck[] = [ofContrast('target', scan.target, trainedOn.target)];
  if (scan.reference !== undefined) checks.push(ofContrast('reference', scan.reference, trainedOn.reference));
  checks.push(
    ofRange(
      'spacing',
      'The spacing of the enhanced image',
      scan.spacingMm,
      trainedOn.spacingMm,
      ' mm',
      TOLERANCE,
    ),
    ofRange('matrix', 'The matrix of the enhanced image', [scan.rows, scan.columns], trainedOn.matrix, '', 1),
  );
  if (scan.sliceThicknessMm !== undefined) {
    const thickness = [scan.sliceThicknessMm];
    checks.push(
      ofRange('thickness', 'The slice thickness', thickness, trainedOn.sliceThicknessMm, ' mm', TOLERANCE),
    );
  }
  checks.push(ofField(scan.fieldStrengthT, trainedOn.fieldStrengthT));
  return checks;
}

/** The worst of some checks; what is not known of the field alone is no reason for doubt. */
export function overallLikeness(checks: readonly LikenessCheck[]): Likeness {
  const found = checks.map(({ likeness }) => likeness);
  if (found.includes('unlike')) return 'unlike';
  if (found.includes('beyond')) return 'beyond';
  return checks.some(({ subject, likeness }) => subject !== 'field' && likeness === 'unknown')
    ? 'unknown'
    : 'alike';
}

function ofContrast(
  role: 'target' | 'reference',
  name: ContrastName,
  known: readonly string[],
): LikenessCheck {
  if (known.length === 0 || known.includes(name)) {
    return { subject: role, likeness: 'alike', message: `The ${role} is ${name}, as in training.` };
  }
  const words = name === 'unknown' ? `The contrast of the ${role} is not known` : `The ${role} is ${name}`;
  return {
    subject: role,
    likeness: name === 'unknown' ? 'unknown' : 'unlike',
    message: `${words}; the model was trained with ${known.join(', ')}.`,
  };
}

function ofRange(
  subject: Subject,
  what: string,
  values: readonly number[],
  [low, high]: readonly [number, number],
  unit: string,
  tolerance: number,
): LikenessCheck {
  const outside = values.filter((value) => value < low / tolerance || value > high * tolerance);
  const known = low === high ? format(low) : `${format(low)}–${format(high)}`;
  const factor = (value: number): number => Math.max(low / value, value / high);
  const worst = outside.reduce(
    (most, value) => (factor(value) > factor(most) ? value : most),
    outside[0] ?? 0,
  );
  if (outside.length === 0) {
    const own = [...new Set(values.map(format))].join(' × ');
    return { subject, likeness: 'alike', message: `${what} is ${own}${unit}; trained with ${known}${unit}.` };
  }
  return {
    subject,
    likeness: factor(worst) > FAR ? 'unlike' : 'beyond',
    message: `${what} is ${format(worst)}${unit}; the model was trained with ${known}${unit}.`,
  };
}

function ofField(scan: number | undefined, known: readonly [number, number] | undefined): LikenessCheck {
  if (known !== undefined && scan !== undefined) {
    return ofRange('field', 'The field strength', [scan], known, ' T', FIELD_TOLERANCE);
  }
  const message =
    known === undefined
      ? `${scan === undefined ? '' : `The field strength is ${format(scan)} T. `}The card does not say at which the model was trained.`
      : 'The field strength of this scan is not in its header.';
  return { subject: 'field', likeness: 'unknown', message };
}

function format(value: number): string {
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(3)));
}
