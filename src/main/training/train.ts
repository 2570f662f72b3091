import { setImmediate as nextTurn } from 'node:timers/promises';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import {
  ADAM_DEFAULTS,
  add,
  initialValues,
  l1Loss,
  learningRateAt,
  mseLoss,
  mul,
  type Parameter,
  SCHEDULE_DEFAULTS,
  type ScheduleKind,
  STEP_LOSS,
  slice,
  type Tensor,
  type TrainingStep,
  trainingStep,
} from '../../core/graph/index.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import type { JobContext } from '../../core/job.ts';
import { networkGraph, networkNamed } from '../../core/networks/index.ts';
import { createRandom, restoreRandom } from '../../core/random.ts';
import type { TrainingCase } from './cases.ts';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { AUGMENTATION, type Batch, PatchSampler } from './patches.ts';
import { finalWeights, initialState } from './state.ts';
import { StepSession } from './stepSession.ts';

/** What decides the course of a training, with the cases. */
export interface TrainingSettings {
  readonly network: string;
  readonly options: unknown;
  readonly scale: 2 | 4;
  readonly steps: number;
  readonly batch: number;
  /** Side of the square patches, in pixels. */
  readonly patch: number;
  readonly learningRate: number;
  /** Mean absolute error, mean squared error, or the first plus ten times the second. */
  readonly loss: 'l1' | 'mse' | 'l1+mse';
  readonly seed: number;
  readonly optimizer: 'adam' | 'adamw';
  /** Of AdamW: λ. */
  readonly weightDecay: number;
  /** The most that the gradients' global norm may be. */
  readonly clipNorm?: number | undefined;
  /** The decay of the weights' moving average, and the steps before it begins; the average is what is kept then. */
  readonly ema?: number | undefined;
  readonly emaStart: number;
  readonly schedule: ScheduleKind;
  /** Steps over which the learning rate rises; a tenth of all at most. */
  readonly warmUp: number;
}

/** What a training does where nothing is said. */
export const TRAINING_DEFAULTS = {
  optimizer: 'adam',
  weightDecay: 0.01,
  emaStart: 0,
  schedule: SCHEDULE_DEFAULTS.kind,
  warmUp: SCHEDULE_DEFAULTS.warmUp,
} as const satisfies Partial<TrainingSettings>;

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

/** From an error of 0.05 on, the squared error pulls harder than the absolute one: edges count for more. */
const SQUARED_ERROR_WEIGHT = 10;
const LEAST_PATCH = 16;
/** Networks that see far: a border of a quarter of the patch is left out of the loss, and no more. */
const WIDEST_MARGIN = 4;
/** Most losses that a reported mean is taken over; never more than a quarter of the steps. */
const LONGEST_LOSS_WINDOW = 50;

/**
 * Trains a network from its seeded start, on the CPU: Adam on the loss of the inside of each patch (a
 * border as wide as the network's halo, a quarter of the patch at most, has seen the zeros around the patch
 * and does not count). The same
 * settings and cases give the same weights, resumed or not.
 *
 * Throws `diverged` (the last good state is in the checkpoint), `cancelled` (likewise), `usage`.
 */
export async function trainNetwork(
  settings: TrainingSettings,
  cases: readonly TrainingCase[],
  options: TrainingOptions,
  job: JobContext,
): Promise<TrainingResult> {
  const { patch, batch: images, steps } = settings;
  const network = networkNamed(settings.network);
  if (patch < LEAST_PATCH) {
    throw new TandemError('usage', `Patches of ${patch} pixels are too small`, {
      hint: `Use patches of at least ${LEAST_PATCH} pixels.`,
    });
  }
  const model = stepModel(settings);

  const identity = settingsOf(settings, cases);
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

  const arrays: Batch = {
    zeroFilled: new Float32Array(images * patch ** 2),
    truth: new Float32Array(images * patch ** 2),
    reference: new Float32Array(images * patch ** 2),
  };
  const shape = [images, 1, patch, patch];
  const data = new Map<string, NamedTensor>([
    ['zero_filled', { shape, data: arrays.zeroFilled }],
    ['truth', { shape, data: arrays.truth }],
    ...(network.usesReference ? [['reference', { shape, data: arrays.reference }] as const] : []),
  ]);
  const sampler = new PatchSampler(cases, patch);
  const session = await StepSession.open(model, data, checkpoint?.state ?? start, step);
  const started = performance.now();
  const schedule = { ...SCHEDULE_DEFAULTS, kind: settings.schedule, warmUp: settings.warmUp };
  const rateAt = (at: number) => learningRateAt(at, steps, settings.learningRate, schedule);
  const seconds = () => secondsBefore + (performance.now() - started) / 1000;

  /** The generator's state belongs to the step that has been done: it is taken before a batch is drawn. */
  let drawn = random.state();
  const now = (): Checkpoint => ({
    step,
    settings: identity,
    random: drawn,
    losses: { first: firstLosses, last: lastLosses },
    seconds: seconds(),
    state: session.state(),
  });
  const save = async () => {
    if (options.checkpoint !== undefined) await saveCheckpoint(options.checkpoint, now());
  };

  try {
    const firstStep = step;
    let savedAt = performance.now();
    while (step < steps) {
      throwIfCancelled(job.signal);
      sampler.fill(arrays, random);
      const learningRate = rateAt(step);
      const value = (await session.run(learningRate)).get(STEP_LOSS)!;
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
        message: `loss ${mean(lastLosses).toPrecision(4)}, learning rate ${learningRate.toPrecision(2)}`,
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
      weights: finalWeights(model, session.state()),
      parameters: model.parameters,
      steps,
      seconds: seconds(),
      firstLoss: mean(firstLosses),
      lastLoss: mean(lastLosses),
    };
  } catch (error) {
    if (error instanceof TandemError && (error.code === 'diverged' || error.code === 'cancelled'))
      await save();
    throw error;
  } finally {
    await session.release();
  }
}

/** The training step of the settings: the loss is of the inside of each patch. */
export function stepModel(settings: TrainingSettings): TrainingStep {
  const { patch, batch } = settings;
  const size = { batch, rows: patch, columns: patch };
  const { graph, enhanced, network } = networkGraph(
    settings.network,
    settings.options,
    settings.scale,
    size,
    {
      training: true,
    },
  );
  const truth = graph.input('truth', enhanced.shape);
  const halo = network.haloPx(network.parseOptions(settings.options), settings.scale);
  const margin = Math.min(halo, Math.floor(patch / WIDEST_MARGIN));
  const loss = lossOf(settings.loss, inside(enhanced, margin), inside(truth, margin));
  return trainingStep(graph, loss, {
    name: `${network.name}-training-step`,
    adam: { ...ADAM_DEFAULTS, weightDecay: settings.optimizer === 'adamw' ? settings.weightDecay : 0 },
    clip: settings.clipNorm === undefined ? undefined : { kind: 'norm', limit: settings.clipNorm },
    average: settings.ema === undefined ? undefined : { decay: settings.ema, start: settings.emaStart },
  });
}

/** What must be equal for a checkpoint to be gone on from. */
function settingsOf(settings: TrainingSettings, cases: readonly TrainingCase[]): unknown {
  const { network, scale, steps, batch, patch, learningRate, loss, seed } = settings;
  const { optimizer, weightDecay, clipNorm, ema, emaStart, schedule, warmUp } = settings;
  return {
    network,
    options: networkNamed(network).parseOptions(settings.options),
    scale,
    steps,
    batch,
    patch,
    learningRate,
    loss,
    seed,
    optimizer,
    weightDecay,
    clipNorm,
    ema,
    emaStart,
    schedule,
    warmUp,
    augmentation: AUGMENTATION,
    cases: cases.map(({ name, files, slices }) => ({ name, files, slices: slices.length })),
  };
}

function lossOf(kind: TrainingSettings['loss'], enhanced: Tensor, truth: Tensor): Tensor {
  if (kind === 'l1') return l1Loss(enhanced, truth);
  if (kind === 'mse') return mseLoss(enhanced, truth);
  return add(l1Loss(enhanced, truth), mul(mseLoss(enhanced, truth), SQUARED_ERROR_WEIGHT));
}

/** The images without a margin. */
function inside(images: Tensor, margin: number): Tensor {
  const [n = 1, c = 1, rows = 1, columns = 1] = images.shape;
  return slice(images, [0, 0, margin, margin], [n, c, rows - 2 * margin, columns - 2 * margin]);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
