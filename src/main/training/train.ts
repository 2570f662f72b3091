import type { JobContext } from '../../core/job.ts';
import { blockedChannels } from '../runtime/blockedChannels.ts';
import { batchArrays } from './batchArrays.ts';
import { DegradedSlices } from './data/degradedSlices.ts';
import type { TrainingCase } from './data/trainingCase.ts';
import { type LoopOptions, type LoopResult, runTraining, type TrainingTask } from './loop.ts';
import { PatchSampler } from './patches.ts';
import { identityOf, type TrainingSettings } from './settings.ts';
import { checkMemory, shardedStepModel, stepModel } from './stepModel.ts';
import { SCORE_NAMES, type ValidationScore } from './trainingLog.ts';
import { type ValidatedSlice, Validation } from './validation.ts';

export type TrainingResult = LoopResult<ValidationScore>;
export interface TrainingOptions extends LoopOptions<ValidationScore> {
  /** Shown a slice of each patient for validation, as the weights of that many steps enhance it. */
  readonly onValidated?: ((step: number, slices: readonly ValidatedSlice[]) => Promise<void>) | undefined;
}

export interface TrainingData {
  readonly train: readonly TrainingCase[];
  /** Of other patients; without any nothing is validated, and the last weights are kept. */
  readonly validation: readonly TrainingCase[];
}

/**
 * Trains a network that enhances (see `runTraining`). Throws `diverged`, `cancelled` (the last good state is in the
 * checkpoint), `out-of-memory` (before any of it is taken), `usage`.
 */
export async function trainNetwork(
  settings: TrainingSettings,
  cases: TrainingData,
  options: TrainingOptions,
  job: JobContext,
): Promise<TrainingResult> {
  checkMemory(settings);
  const layout = settings.device === 'cpu' ? await blockedChannels() : undefined;
  const model =
    settings.shards === undefined
      ? stepModel(settings, layout)
      : shardedStepModel(settings, settings.shards, layout);
  const { batch: arrays, data } = batchArrays(model.data, settings);
  const sampler = new PatchSampler(cases.train, {
    ...settings,
    slices: new DegradedSlices(settings.scale),
  });
  const validation = new Validation(cases.validation, settings);
  const validate: TrainingTask['validate'] = async (weights, signal, step) => {
    const seen: ValidatedSlice[] = [];
    const score = await validation.measure(weights, signal, (slice) => seen.push(slice));
    await options.onValidated?.(step, seen);
    return score;
  };
  return runTraining(
    {
      model,
      data,
      fill: (random) => sampler.fill(arrays, random),
      identity: identityOf(settings, cases),
      settings,
      validate: validation.isEmpty ? undefined : validate,
      scores: {
        names: SCORE_NAMES,
        // Where no patient is deep enough to have an inside, the whole image decides.
        decisive: ({ gain, gainInside }) => (Number.isNaN(gainInside) ? gain : gainInside),
        words: ({ gainInside }) =>
          `${gainInside < 0 ? '−' : '+'}${Math.abs(gainInside).toFixed(2)} dB inside`,
      },
    },
    options,
    job,
  );
}
