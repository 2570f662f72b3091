import { setImmediate as nextTurn } from 'node:timers/promises';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import { initialValues, type Parameter, STEP_LOSS } from '../../core/graph/index.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import { sameShape } from '../../core/graph/shape.ts';
import type { JobContext } from '../../core/job.ts';
import { createRandom, restoreRandom } from '../../core/random.ts';
import { blockedChannels } from '../runtime/blockedChannels.ts';
import { machineBudget } from '../runtime/memory.ts';
import { batchArrays } from './batchArrays.ts';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { DegradedSlices } from './data/degradedSlices.ts';
import type { TrainingCase } from './data/trainingCase.ts';
import { openSteps } from './openSteps.ts';
import { type Position, paceOf } from './pace.ts';
import { PatchSampler } from './patches.ts';
import { identityOf, type TrainingSettings } from './settings.ts';
import { finalWeights, initialState, type TrainingState } from './state.ts';
import { checkMemory, shardedStepModel, stepModel } from './stepModel.ts';
import type { TrainingRecord, ValidationScore } from './trainingLog.ts';
import { Validation } from './validation.ts';

export interface TrainingResult {
  /** What the package gets: of the step that was kept, the weights or their moving average, and the buffers. */
  readonly weights: ReadonlyMap<string, NamedTensor>;
  readonly parameters: readonly Parameter[];
  /** Steps done, and planned: fewer where it was stopped early. */
  readonly steps: number;
  readonly plannedSteps: number;
  readonly keptStep: number;
  /** Of the weights that were kept; absent without validation. */
  readonly validation: ValidationScore | undefined;
  /** Time spent training, over all runs of a training that was resumed. */
  readonly seconds: number;
  /** Mean losses of the first and of the last steps (up to 50, up to a quarter of all). */
  readonly firstLoss: number;
  readonly lastLoss: number;
  readonly records: readonly TrainingRecord[];
}

export interface TrainingData {
  readonly train: readonly TrainingCase[];
  /** Of other patients; without any nothing is validated, and the last weights are kept. */
  readonly validation: readonly TrainingCase[];
}

export interface TrainingOptions {
  /** Where checkpoints go; none are written where it is absent. */
  readonly checkpoint?: string | undefined;
  readonly checkpointSeconds?: number;
  readonly resume?: boolean;
  /** Weights to begin with, by path; drawn from the seed where absent. */
  readonly start?: ReadonlyMap<string, NamedTensor> | undefined;
  /** Called with the log whenever it has grown, and all the steps that there will be, as far as that is known. */
  readonly onRecord?: (records: readonly TrainingRecord[], steps: number) => Promise<void>;
}

/** Most losses that a reported mean is taken over; never more than a quarter of the steps. */
const LONGEST_LOSS_WINDOW = 50;
/** Lines of a log, but for those of validations. */
const RECORDS = 200;

/**
 * Trains a network from its seeded start, from other weights, or from its checkpoint. On the CPU the same settings
 * and cases give the same weights, bit for bit, interrupted or not. (With `minutes` for `steps` the number of steps
 * is this machine's, and so are the weights.)
 *
 * Throws `diverged`, `cancelled` (the last good state is in the checkpoint), `out-of-memory` (before any of it
 * is taken), `usage`.
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
  const start = initialState(model.state, startValues(model.parameters, settings.seed, options.start));
  const open = (state: TrainingState, step: number) =>
    openSteps(model, data, state, step, Math.min(settings.shards ?? 1, machineBudget().cores));

  const identity = identityOf(settings, cases);
  const resumed =
    options.resume && options.checkpoint !== undefined
      ? await loadCheckpoint(options.checkpoint, identity, start)
      : undefined;
  const random = resumed ? restoreRandom(resumed.random) : createRandom(settings.seed).fork('patches');
  const began = performance.now();
  const seconds = () => (resumed?.seconds ?? 0) + (performance.now() - began) / 1000;

  const records: TrainingRecord[] = [...(resumed?.records ?? [])];
  let best = resumed?.best ?? null;
  let kept = resumed?.kept;
  const pace = paceOf(settings);
  let lastLearningRate = 0;
  const validatedBefore = records.findLast((record) => record.validation !== undefined);
  let validated = { step: validatedBefore?.step ?? 0, seconds: validatedBefore?.seconds ?? 0, took: 0 };
  /** Validates weights, keeps them where they are the best so far. */
  const validate = async (step: number, state: TrainingState): Promise<ValidationScore | undefined> => {
    const from = performance.now();
    validated = { step, seconds: seconds(), took: 0 };
    if (validation.isEmpty) return undefined;
    const weights = finalWeights(model, state);
    const score = await validation.measure(weights, job.signal);
    validated = { step, seconds: seconds(), took: (performance.now() - from) / 1000 };
    // Where no patient is deep enough to have an inside, the whole image decides.
    const gainInside = Number.isNaN(score.gainInside) ? score.gain : score.gainInside;
    if (best === null || gainInside > best.gainInside || Number.isNaN(best.gainInside)) {
      best = { step, gainInside, since: 0 };
      kept = weights;
    } else best = { ...best, since: best.since + 1 };
    return score;
  };

  if (resumed === undefined) {
    const score = await validate(0, start);
    if (score !== undefined) {
      records.push({ step: 0, seconds: seconds(), loss: Number.NaN, learningRate: 0, validation: score });
    }
  }
  const session = await open(resumed?.state ?? start, resumed?.step ?? 0);
  const firstLosses = [...(resumed?.losses.first ?? [])];
  const lastLosses = [...(resumed?.losses.last ?? [])];
  let unrecorded = [...(resumed?.losses.unrecorded ?? [])];
  let step = resumed?.step ?? 0;
  lastLearningRate = resumed?.learningRate ?? 0;

  /** The generator's state belongs to the step that has been done: it is taken before a batch is drawn. */
  let drawn = random.state();
  const save = async () => {
    if (options.checkpoint === undefined) return;
    const checkpoint: Checkpoint = {
      step,
      settings: identity,
      learningRate: lastLearningRate,
      random: drawn,
      losses: { first: firstLosses, last: lastLosses, unrecorded },
      records,
      seconds: seconds(),
      best,
      state: await session.state(),
      kept,
    };
    await saveCheckpoint(options.checkpoint, checkpoint);
  };
  const here = (): Position => ({ step, seconds: seconds() });
  const isOver = (at: Position) =>
    pace.isOver(at) || (settings.patience !== undefined && best !== null && best.since >= settings.patience);

  /** Writes the line of the log, and does the validation, that the step just done is due for. */
  const recordDue = async (at: Position) => {
    if ((records.at(-1)?.step ?? 0) >= step) return;
    const validates = pace.validationIsDue(at, validated);
    if (!validates && step % Math.max(1, Math.ceil(pace.steps(at) / RECORDS)) !== 0) return;
    const record = { ...at, loss: mean(unrecorded), learningRate: lastLearningRate };
    const score = validates ? await validate(step, await session.state()) : undefined;
    records.push({ ...record, validation: score });
    unrecorded = [];
    await options.onRecord?.(records, pace.steps(at));
  };

  try {
    const firstStep = step;
    const loopBegan = performance.now();
    // From here on nothing is lost, whatever happens: not the first validation either.
    if (resumed === undefined) await save();
    let savedAt = performance.now();
    for (;;) {
      const at = here();
      // First of all, so that a validation that was interrupted is made up for.
      await recordDue(at);
      // By the same clock as the validation, so that the last step has one; a later clock once it has.
      if (isOver(validated.step === step ? here() : at)) break;
      throwIfCancelled(job.signal);
      sampler.fill(arrays, random);
      const learningRate = pace.learningRate(here());
      const told = await session.run(learningRate);
      const value = told.get(STEP_LOSS)!;
      step++;
      lastLearningRate = learningRate;
      drawn = random.state();
      if (firstLosses.length < LONGEST_LOSS_WINDOW) firstLosses.push(value);
      lastLosses.push(value);
      if (lastLosses.length > LONGEST_LOSS_WINDOW) lastLosses.shift();
      unrecorded.push(value);
      const elapsed = (performance.now() - loopBegan) / 1000;
      const total = pace.steps(here());
      job.progress({
        stage: 'training',
        done: step,
        total,
        secondsLeft: pace.secondsLeft(here(), elapsed / (step - firstStep)),
        message: progressMessage(mean(lastLosses), told, learningRate, records),
      });
      if (performance.now() - savedAt > (options.checkpointSeconds ?? 120) * 1000) {
        await save();
        savedAt = performance.now();
      }
      // A step blocks the thread; a request to cancel is heard here.
      await nextTurn();
    }
    await save();
    const keepsBest = settings.keep === 'best' && best !== null;
    const lossWindow = Math.min(LONGEST_LOSS_WINDOW, Math.ceil(step / 4));
    const keptStep = keepsBest ? best!.step : step;
    return {
      weights: keepsBest ? kept! : finalWeights(model, await session.state()),
      parameters: model.parameters,
      steps: step,
      plannedSteps: pace.steps(here()),
      keptStep,
      validation: records.find((record) => record.step === keptStep)?.validation,
      seconds: seconds(),
      firstLoss: mean(firstLosses.slice(0, lossWindow)),
      lastLoss: mean(lastLosses.slice(-lossWindow)),
      records,
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

/** Parameters that weights to begin with have nothing of the same shape for: they start from the seed. */
export function startedAnew(
  parameters: readonly Parameter[],
  given: ReadonlyMap<string, NamedTensor>,
): readonly string[] {
  return parameters.flatMap(({ path, tensor }) => {
    const shape = given.get(path)?.shape;
    return shape !== undefined && sameShape(shape, tensor.shape) ? [] : [path];
  });
}

/** The seeded values of the parameters; of the weights to begin with those that fit. */
function startValues(
  parameters: readonly Parameter[],
  seed: number,
  given: ReadonlyMap<string, NamedTensor> = new Map(),
): ReadonlyMap<string, Float32Array> {
  const values = initialValues(parameters, seed);
  const anew = new Set(startedAnew(parameters, given));
  for (const path of values.keys()) if (!anew.has(path)) values.set(path, given.get(path)!.data);
  return values;
}

/** `loss 0.0123 (l1 0.01, mse 0.0002), learning rate 1e-3, validation +1.20 dB inside`. */
function progressMessage(
  loss: number,
  told: ReadonlyMap<string, number>,
  learningRate: number,
  records: readonly TrainingRecord[],
): string {
  const others = [...told].filter(([name]) => name !== STEP_LOSS);
  const terms = others.map(([name, value]) => `${name.replaceAll('_', ' ')} ${value.toPrecision(3)}`);
  const inBrackets = terms.length > 0 ? ` (${terms.join(', ')})` : '';
  const gain = records.findLast(({ validation }) => validation !== undefined)?.validation?.gainInside;
  const validated =
    gain === undefined ? '' : `, validation ${gain < 0 ? '−' : '+'}${Math.abs(gain).toFixed(2)} dB inside`;
  return `loss ${loss.toPrecision(4)}${inBrackets}, learning rate ${learningRate.toPrecision(2)}${validated}`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
