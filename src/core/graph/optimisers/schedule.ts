/** Shapes of the learning rate over a training, after its rise. */
export type ScheduleKind = 'constant' | 'step' | 'cosine';

/** How the learning rate goes from its peak. */
export interface Schedule {
  readonly kind: ScheduleKind;
  /** Steps over which the rate rises from 0; never more than a tenth of all. */
  readonly warmUp: number;
  /** `step`: the rate is multiplied by `factor` after each of these shares of the steps. */
  readonly at: readonly number[];
  readonly factor: number;
  /** `cosine`: what is left of the peak at the last step. */
  readonly finalShare: number;
}

/** A rise over 100 steps; tenfold falls at a half and at three quarters; a cosine down to 1 %. */
export const SCHEDULE_DEFAULTS: Schedule = {
  kind: 'cosine',
  warmUp: 100,
  at: [0.5, 0.75],
  factor: 0.1,
  finalShare: 0.01,
};

/**
 * The learning rate of a step (counted from 0) of `steps`: a linear rise, then the peak kept, the peak in
 * steps down (He, Zhang, Ren, Sun, "Deep residual learning", CVPR 2016, section 4.2), or half a cosine
 * (Loshchilov and Hutter, "SGDR", ICLR 2017, without restarts).
 */
export function learningRateAt(
  step: number,
  steps: number,
  peak: number,
  { kind, warmUp, at, factor, finalShare }: Schedule = SCHEDULE_DEFAULTS,
): number {
  const rise = Math.min(warmUp, Math.floor(steps / 10));
  if (step < rise) return (peak * (step + 1)) / rise;
  if (kind === 'constant') return peak;
  if (kind === 'step') return peak * factor ** at.filter((share) => step >= share * steps).length;
  const progress = (step - rise) / Math.max(1, steps - rise);
  return peak * (finalShare + ((1 - finalShare) * (1 + Math.cos(Math.PI * progress))) / 2);
}

/** The schedule in a sentence, for a model's card. */
export function describeSchedule({ kind, warmUp, at, factor, finalShare }: Schedule): string {
  const rise = warmUp > 0 ? `Linear rise over ${warmUp} steps (a tenth of all at most), then ` : '';
  const course = {
    constant: 'constant',
    step: `times ${factor} after ${at.map((share) => `${100 * share} %`).join(' and ')} of the steps`,
    cosine: `a half cosine down to ${100 * finalShare} %`,
  }[kind];
  const sentence = `${rise}${course}.`;
  return sentence[0]!.toUpperCase() + sentence.slice(1);
}
