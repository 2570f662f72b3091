import { TandemError } from '../../core/errors.ts';
import { STEP_LOSS, type StepDescription } from '../../core/graph/index.ts';
import type { TrainingState } from './state.ts';

/** Runs training steps, one after another, on the data arrays that it was opened with. */
export interface StepRunner {
  /**
   * One step on what the data arrays hold. Returns the reports, the loss among them, as they were before it.
   * Throws `diverged`, keeping the state before the step, where a report or, on the CPU, any updated value is
   * not finite.
   */
  run(learningRate: number): Promise<ReadonlyMap<string, number>>;
  /** A copy of the state as it is now. Throws `diverged` where a value of it is not finite. */
  state(): Promise<TrainingState>;
  release(): Promise<void>;
}

/**
 * Throws `diverged` where a step told or made something that is not finite.
 *
 * @param updated values by the names of their entries in the state, as far as they can be looked at
 */
export function checkStep(
  { reports }: Pick<StepDescription, 'reports'>,
  step: number,
  told: ReadonlyMap<string, number>,
  updated: Iterable<readonly [name: string, values: Float32Array]>,
): void {
  const loss = `the loss is ${told.get(STEP_LOSS)}`;
  for (const name of reports) {
    if (Number.isFinite(told.get(name)!)) continue;
    throw divergedAt(`step ${step}: ${loss}${name === STEP_LOSS ? '' : `, and ${name} is not finite`}`);
  }
  for (const [name, values] of updated) {
    if (!allFinite(values)) throw divergedAt(`step ${step}: ${loss}, and ${name} is not finite`);
  }
}

/** Throws `diverged` where a value of the state after so many steps is not finite. */
export function checkState(step: number, name: string, values: Float32Array): void {
  if (!allFinite(values)) throw divergedAt(`step ${step}: ${name} is not finite`);
}

function divergedAt(where: string): TandemError {
  return new TandemError('diverged', `Training diverged at ${where}`, {
    hint: 'Train anew, in another folder, with a lower learning rate or with clipping (--clip-norm); the state before this step is in the checkpoint.',
  });
}

function allFinite(values: Float32Array): boolean {
  for (const value of values) if (!Number.isFinite(value)) return false;
  return true;
}
