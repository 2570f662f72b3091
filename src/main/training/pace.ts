import { learningRateAt, SCHEDULE_DEFAULTS } from '../../core/graph/index.ts';
import type { TrainingSettings } from './settings.ts';

/** How far a training is. */
export interface Position {
  /** Steps done. */
  readonly step: number;
  /** Time spent, over all runs of a training that was resumed. */
  readonly seconds: number;
}

/** When a training ends, validates, and how fast it learns on the way. */
export interface Pace {
  /** All its steps; where minutes are given, as many as it looks like now. */
  steps(at: Position): number;
  isOver(at: Position): boolean;
  /** @param perStep what a step has taken on average, validations included */
  secondsLeft(at: Position, perStep: number): number;
  /** Of the step to come. */
  learningRate(at: Position): number;
  /** @param last where the validation before was, and what it took, seconds */
  validationIsDue(at: Position, last: Position & { readonly took: number }): boolean;
}

/** Validations in a training, unless a validation takes more than a tenth of the time between two. */
const VALIDATIONS = 20;
const LARGEST_SHARE = 0.1;

type Paced = Pick<
  TrainingSettings,
  'steps' | 'minutes' | 'validateEvery' | 'learningRate' | 'schedule' | 'warmUp'
>;

/**
 * The pace of a training. Given `steps` it depends on nothing but the step, so that the weights do not either.
 * Given `minutes` it follows the clock: the schedule ends when they are over, however busy the machine is.
 */
export function paceOf(settings: Paced): Pace {
  const { steps, minutes } = settings;
  const schedule = { ...SCHEDULE_DEFAULTS, kind: settings.schedule, warmUp: settings.warmUp };
  const rate = (step: number, total: number) => learningRateAt(step, total, settings.learningRate, schedule);
  if (steps !== undefined) {
    const validateEvery = settings.validateEvery ?? Math.max(1, Math.ceil(steps / VALIDATIONS));
    return {
      steps: () => steps,
      isOver: ({ step }) => step >= steps,
      secondsLeft: ({ step }, perStep) => perStep * (steps - step),
      learningRate: ({ step }) => rate(step, steps),
      validationIsDue: ({ step }, last) => step > last.step && (step % validateEvery === 0 || step >= steps),
    };
  }
  const budget = 60 * (minutes ?? 0);
  const estimate = ({ step, seconds }: Position) => (seconds > 0 ? (step * budget) / seconds : 0);
  const isOver = ({ step, seconds }: Position) => step > 0 && seconds >= budget;
  return {
    steps: (at) => Math.max(at.step, Math.round(estimate(at))),
    isOver,
    secondsLeft: ({ seconds }) => Math.max(0, budget - seconds),
    learningRate: (at) =>
      rate(at.step, at.step === 0 ? Number.MAX_SAFE_INTEGER : Math.max(at.step + 1, estimate(at))),
    validationIsDue: (at, last) => {
      if (at.step <= last.step) return false;
      if (isOver(at)) return true;
      if (settings.validateEvery !== undefined) return at.step % settings.validateEvery === 0;
      return at.seconds - last.seconds >= Math.max(budget / VALIDATIONS, last.took / LARGEST_SHARE);
    },
  };
}
