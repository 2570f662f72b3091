import { TandemError } from '../../core/errors.ts';

/** How long a training is, fixed before its first step: a run that is resumed keeps it. */
export interface TrainingPlan {
  readonly steps: number;
  /** Steps between two validations. */
  readonly validateEvery: number;
}

/** What a step and a validation take on this machine, seconds. */
export interface MeasuredTimes {
  readonly step: number;
  readonly validation: number;
}

/** Validations in a training whose length is given in steps. */
const VALIDATIONS = 20;
/** Share of the minutes that validations may take, and the fewest and most of them. */
const VALIDATION_SHARE = 0.1;
const FEWEST = 2;
/** What else a training does, as a share of its steps: drawing patches, checkpoints. */
const OVERHEAD = 1.03;

/** So many steps, validated a twentieth of them apart. */
export function planSteps(steps: number, validateEvery?: number): TrainingPlan {
  return { steps, validateEvery: validateEvery ?? Math.max(1, Math.ceil(steps / VALIDATIONS)) };
}

/**
 * As many steps as fit the minutes by these times, validations included. Throws `usage` where not even a few fit.
 */
export function planMinutes(minutes: number, times: MeasuredTimes, validateEvery?: number): TrainingPlan {
  const budget = minutes * 60;
  const affordable =
    times.validation > 0 ? Math.floor((VALIDATION_SHARE * budget) / times.validation) : VALIDATIONS;
  const validations = Math.min(VALIDATIONS, Math.max(FEWEST, affordable));
  const left = budget - validations * times.validation;
  const steps = Math.floor(left / (times.step * OVERHEAD));
  if (steps < 10) {
    const needed = (validations * times.validation + 10 * OVERHEAD * times.step) / 60;
    throw new TandemError(
      'usage',
      `In ${minutes} minutes fewer than 10 steps can be done: one takes ${times.step.toPrecision(2)} s here`,
      { hint: `Give it ${Math.ceil(needed)} minutes or more, or lower --batch or --patch.` },
    );
  }
  return { steps, validateEvery: validateEvery ?? Math.ceil(steps / validations) };
}
