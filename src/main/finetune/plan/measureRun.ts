import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfCancelled } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { createRandom } from '../../../core/random.ts';
import type { ModelPackage } from '../../models/loadModelPackage.ts';
import { blockedChannels } from '../../runtime/blockedChannels.ts';
import { machineBudget } from '../../runtime/memory.ts';
import { batchArrays } from '../../training/batchArrays.ts';
import { DegradedSlices } from '../../training/data/degradedSlices.ts';
import type { TrainingCase } from '../../training/data/trainingCase.ts';
import { openSteps } from '../../training/openSteps.ts';
import { PatchSampler } from '../../training/patches.ts';
import type { TrainingSettings } from '../../training/settings.ts';
import { startValues } from '../../training/startWeights.ts';
import { initialState } from '../../training/state.ts';
import { shardedStepModel, stepModel } from '../../training/stepModel.ts';
import { Validation } from '../../training/validation.ts';

/** Steps are tried for about this long, after one that is not counted. */
const MEASURED_SECONDS = 4;
const MOST_STEPS = 40;
const LEAST_STEPS = 3;

/**
 * Seconds of a step of this training on this machine as it is now, drawing its patches from a case included: the
 * median of a few, from the base's weights. Throws `out-of-memory`, `cancelled`.
 */
export async function secondsPerStep(
  settings: TrainingSettings,
  base: Pick<ModelPackage, 'weights'>,
  example: TrainingCase,
  job: JobContext,
): Promise<number> {
  const { shards, device } = settings;
  const layout = device === 'cpu' ? await blockedChannels() : undefined;
  const model =
    shards === undefined ? stepModel(settings, layout) : shardedStepModel(settings, shards, layout);
  const { batch, data } = batchArrays(model.data, settings);
  const random = createRandom(1);
  const sampler = new PatchSampler([example], { ...settings, slices: new DegradedSlices(settings.scale) });
  const start = initialState(model.state, startValues(model.parameters, 1, base.weights));
  const cores = Math.min(shards ?? 1, machineBudget().cores);
  const session = await openSteps(model, data, start, 0, cores);
  const took: number[] = [];
  try {
    sampler.fill(batch, random);
    await session.run(0);
    const began = performance.now();
    while (
      took.length < LEAST_STEPS ||
      (took.length < MOST_STEPS && performance.now() - began < MEASURED_SECONDS * 1000)
    ) {
      throwIfCancelled(job.signal);
      const before = performance.now();
      sampler.fill(batch, random);
      await session.run(0);
      took.push((performance.now() - before) / 1000);
      job.progress({ stage: 'measuring', done: took.length, total: 0 });
      await nextTurn();
    }
  } finally {
    await session.release();
  }
  return median(took);
}

/** Seconds of a validation on a case, and the slices that it runs. */
export async function secondsPerValidation(
  settings: TrainingSettings,
  { weights }: Pick<ModelPackage, 'weights'>,
  example: TrainingCase,
  job: JobContext,
): Promise<{ readonly seconds: number; readonly slices: number }> {
  job.progress({ stage: 'measuring', done: 0, total: 0 });
  const validation = new Validation([example], settings);
  const began = performance.now();
  await validation.measure(weights, job.signal);
  return { seconds: (performance.now() - began) / 1000, slices: validation.slices };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
