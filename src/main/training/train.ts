import { setImmediate as nextTurn } from 'node:timers/promises';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import {
  initialValues,
  learningRateAt,
  type Parameter,
  SCHEDULE_DEFAULTS,
  STEP_LOSS,
  type TrainingStep,
} from '../../core/graph/index.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import type { JobContext } from '../../core/job.ts';
import { createRandom, restoreRandom } from '../../core/random.ts';
import { blockedChannels } from '../runtime/blockedChannels.ts';
import type { TrainingCase } from './cases.ts';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { AUGMENTATION, type Batch, PatchSampler } from './patches.ts';
import { identityOf, type TrainingSettings } from './settings.ts';
import { finalWeights, initialState } from './state.ts';
import { checkMemory, stepModel } from './stepModel.ts';
import { StepSession } from './stepSession.ts';

export interface TrainingResult {
  /** What the package gets: the weights, or their moving average where one was kept, and the buffers. */
  readonly weights: ReadonlyMap<string, NamedTensor>;
  readonly parameters: readonly Parameter[];
  readonly steps: number;
  /** Time spent training, over all runs of a training that was resumed. */
  readonly seconds: number;
  /** Mean losses of the first and of the last steps (up to 50, up to a quarter of all). */
  readonly firstLoss: number;
  readonly lastLoss: number;
}

export interface TrainingOptions {
  /** Where checkpoints go; none are written where it is absent. */
  readonly checkpoint?: string | undefined;
  readonly checkpointSeconds?: number;
  readonly resume?: boolean;
}

/** Most losses that a reported mean is taken over; never more than a quarter of the steps. */
const LONGEST_LOSS_WINDOW = 50;

/**
 * Trains a network from its seeded start, or from its checkpoint. On the CPU the same settings and cases give
 * the same weights, bit for bit, interrupted or not.
 *
 * Throws `diverged`, `cancelled` (the last good state is in the checkpoint), `out-of-memory` (before any of it
 * is taken), `usage`.
 */
export async function trainNetwork(
  settings: TrainingSettings,
  cases: readonly TrainingCase[],
  options: TrainingOptions,
  job: JobContext,
): Promise<TrainingResult> {
  const { patch, steps } = settings;
  checkMemory(settings);
  const model = stepModel(settings, settings.device === 'cpu' ? await blockedChannels() : undefined);

  const identity = identityOf(settings, cases);
  const start = initialState(model.state, initialValues(model.parameters, settings.seed));
  const checkpoint =
    options.resume && options.checkpoint !== undefined
      ? await loadCheckpoint(options.checkpoint, identity, start)
      : undefined;
  const random = checkpoint ? restoreRandom(checkpoint.random) : createRandom(settings.seed).fork('patches');
  const firstLosses = [...(checkpoint?.losses.first ?? [])];
  const lastLosses = [...(checkpoint?.losses.last ?? [])];
  const secondsBefore = checkpoint?.seconds ?? 0;
  const lossWindow = Math.min(LONGEST_LOSS_WINDOW, Math.ceil(steps / 4));
  let step = checkpoint?.step ?? 0;

  const { batch: arrays, data } = batchFor(model, settings);
  const grid = arrays.smaller.size > 0 ? settings.scale : 1;
  const sampler = new PatchSampler(cases, patch, AUGMENTATION, grid);
  const session = await StepSession.open(model, data, checkpoint?.state ?? start, step);
  const started = performance.now();
  const schedule = { ...SCHEDULE_DEFAULTS, kind: settings.schedule, warmUp: settings.warmUp };
  const rateAt = (at: number) => learningRateAt(at, steps, settings.learningRate, schedule);
  const seconds = () => secondsBefore + (performance.now() - started) / 1000;

  /** The generator's state belongs to the step that has been done: it is taken before a batch is drawn. */
  let drawn = random.state();
  const save = async () => {
    if (options.checkpoint === undefined) return;
    await saveCheckpoint(options.checkpoint, {
      step,
      settings: identity,
      random: drawn,
      losses: { first: firstLosses, last: lastLosses },
      seconds: seconds(),
      state: await session.state(),
    });
  };

  try {
    const firstStep = step;
    let savedAt = performance.now();
    while (step < steps) {
      throwIfCancelled(job.signal);
      sampler.fill(arrays, random);
      const learningRate = rateAt(step);
      const told = await session.run(learningRate);
      const value = told.get(STEP_LOSS)!;
      step++;
      drawn = random.state();
      if (firstLosses.length < lossWindow) firstLosses.push(value);
      lastLosses.push(value);
      if (lastLosses.length > lossWindow) lastLosses.shift();
      const elapsed = (performance.now() - started) / 1000;
      job.progress({
        stage: 'training',
        done: step,
        total: steps,
        secondsLeft: (elapsed / (step - firstStep)) * (steps - step),
        message: progressMessage(mean(lastLosses), told, learningRate),
      });
      if (performance.now() - savedAt > (options.checkpointSeconds ?? 120) * 1000) {
        await save();
        savedAt = performance.now();
      }
      // A step blocks the thread; a request to cancel is heard here.
      await nextTurn();
    }
    await save();
    return {
      weights: finalWeights(model, await session.state()),
      parameters: model.parameters,
      steps,
      seconds: seconds(),
      firstLoss: mean(firstLosses),
      lastLoss: mean(lastLosses),
    };
  } catch (error) {
    // The state before the step that failed; where that is not good either, the checkpoint before it stays.
    await save().catch((second: unknown) => {
      if (error instanceof TandemError && error.code === 'cancelled') throw second;
    });
    throw error;
  } finally {
    await session.release();
  }
}

/** The arrays of a batch, and those of them that the step is fed, by the names of its inputs. */
function batchFor(
  { data: inputs }: TrainingStep,
  { batch: images, patch, scale }: TrainingSettings,
): { readonly batch: Batch; readonly data: ReadonlyMap<string, NamedTensor> } {
  const make = (factor: number) => new Float32Array(images * (patch / factor) ** 2);
  const smaller = new Map<number, Float32Array>();
  const batch: Batch = { zeroFilled: make(1), truth: make(1), reference: make(1), smaller };
  const ofFactor = (factor: number) => {
    const values = smaller.get(factor) ?? make(factor);
    smaller.set(factor, values);
    return values;
  };
  const valuesOf = (name: string) => {
    if (name === 'zero_filled') return batch.zeroFilled;
    if (name === 'truth') return batch.truth;
    if (name === 'reference') return batch.reference;
    if (name === 'target') return ofFactor(scale);
    const factor = Number(/^truth_(\d+)$/.exec(name)?.[1]);
    if (factor > 1 && factor <= scale) return ofFactor(factor);
    throw new TandemError('bad-model', `Training knows nothing to feed as ${name}`);
  };
  return { batch, data: new Map(inputs.map(({ name, shape }) => [name, { shape, data: valuesOf(name) }])) };
}

/** `loss 0.0123 (l1 0.01, mse 0.0002), learning rate 1e-3`: the mean over the latest steps, the terms of this one. */
function progressMessage(loss: number, told: ReadonlyMap<string, number>, learningRate: number): string {
  const others = [...told].filter(([name]) => name !== STEP_LOSS);
  const terms = others.map(([name, value]) => `${name.replaceAll('_', ' ')} ${value.toPrecision(3)}`);
  const inBrackets = terms.length > 0 ? ` (${terms.join(', ')})` : '';
  return `loss ${loss.toPrecision(4)}${inBrackets}, learning rate ${learningRate.toPrecision(2)}`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
