import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfCancelled } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { inferenceModel } from '../../../core/networks/index.ts';
import { createRandom } from '../../../core/random.ts';
import type { ModelPackage } from '../../models/loadModelPackage.ts';
import { blockedChannels } from '../../runtime/blockedChannels.ts';
import { machineBudget } from '../../runtime/memory.ts';
import { openImageSession } from '../../runtime/session.ts';
import { batchArrays } from '../../training/batchArrays.ts';
import { openSteps } from '../../training/openSteps.ts';
import type { TrainingSettings } from '../../training/settings.ts';
import { startValues } from '../../training/startWeights.ts';
import { initialState } from '../../training/state.ts';
import { shardedStepModel, stepModel } from '../../training/stepModel.ts';

/** Steps are tried for about this long, after one that is not counted. */
const MEASURED_SECONDS = 4;
const MOST_STEPS = 40;
const LEAST_STEPS = 3;

/**
 * Seconds of a step of this training on this machine as it is now: the median of a few, on patches of noise, from
 * the base's weights. Throws `out-of-memory`, `cancelled`.
 */
export async function secondsPerStep(
  settings: TrainingSettings,
  base: Pick<ModelPackage, 'weights'>,
  job: JobContext,
): Promise<number> {
  const { shards, device } = settings;
  const layout = device === 'cpu' ? await blockedChannels() : undefined;
  const model =
    shards === undefined ? stepModel(settings, layout) : shardedStepModel(settings, shards, layout);
  const { data } = batchArrays(model.data, settings);
  const random = createRandom(1);
  for (const { data: values } of data.values()) {
    for (let n = 0; n < values.length; n++) values[n] = random.between(0, 1);
  }
  const start = initialState(model.state, startValues(model.parameters, 1, base.weights));
  const cores = Math.min(shards ?? 1, machineBudget().cores);
  const session = await openSteps(model, data, start, 0, cores);
  const took: number[] = [];
  try {
    await session.run(0);
    const began = performance.now();
    while (
      took.length < LEAST_STEPS ||
      (took.length < MOST_STEPS && performance.now() - began < MEASURED_SECONDS * 1000)
    ) {
      throwIfCancelled(job.signal);
      const before = performance.now();
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

/** Seconds in which one thread enhances a slice of this size. */
export async function secondsPerSlice(
  { card, weights }: Pick<ModelPackage, 'card' | 'weights'>,
  settings: TrainingSettings,
  rows: number,
  columns: number,
): Promise<number> {
  const { network, options, scale } = card;
  const { device } = settings;
  const session = await openImageSession(
    inferenceModel({ network, options, scale, weights }, rows, columns, device),
    device,
  );
  try {
    const image = new Float32Array(rows * columns).fill(0.5);
    const target = new Float32Array((rows / scale) * (columns / scale)).fill(0.5);
    const took: number[] = [];
    for (let n = 0; n < 3; n++) {
      const before = performance.now();
      await session.run({ target, zero_filled: image, reference: image });
      took.push((performance.now() - before) / 1000);
    }
    return median(took);
  } finally {
    await session.release();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
