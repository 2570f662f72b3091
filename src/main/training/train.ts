import { setImmediate as nextTurn } from 'node:timers/promises';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import {
  add,
  initialValues,
  l1Loss,
  mseLoss,
  mul,
  type Parameter,
  slice,
  type Tensor,
  trainingStep,
} from '../../core/graph/index.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import type { JobContext } from '../../core/job.ts';
import { networkGraph, networkNamed } from '../../core/networks/index.ts';
import { createRandom, restoreRandom } from '../../core/random.ts';
import type { TrainingCase } from './cases.ts';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { AUGMENTATION, type Batch, PatchSampler } from './patches.ts';
import { learningRateAt } from './schedule.ts';
import { initialState, StepSession, weightsOf } from './stepSession.ts';

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
}

export interface TrainingResult {
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
/** Most losses that a reported mean is taken over; never more than a quarter of the steps. */
const LONGEST_LOSS_WINDOW = 50;

/**
 * Trains a network from its seeded start, on the CPU: Adam on the loss of the inside of each patch (a
 * border as wide as the network's halo has seen the zeros around the patch and does not count). The same
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
  const margin = network.haloPx(network.parseOptions(settings.options), settings.scale);
  if (patch - 2 * margin < 8) {
    throw new TandemError('usage', `Patches of ${patch} pixels are too small for ${network.name}`, {
      hint: `Use patches of at least ${2 * margin + 8} pixels.`,
    });
  }
  const { graph, enhanced } = networkGraph(settings.network, settings.options, settings.scale, {
    batch: images,
    rows: patch,
    columns: patch,
  });
  const truth = graph.input('truth', enhanced.shape);
  const loss = lossOf(settings.loss, inside(enhanced, margin), inside(truth, margin));
  const model = trainingStep(graph, loss, { name: `${network.name}-training-step` });

  const identity = settingsOf(settings, cases);
  const start = initialState(model.parameters, initialValues(model.parameters, settings.seed));
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
      const value = await session.run(learningRateAt(step, steps, settings.learningRate));
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
        message: `loss ${mean(lastLosses).toPrecision(4)}, learning rate ${learningRateAt(step, steps, settings.learningRate).toPrecision(2)}`,
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
      weights: weightsOf(session.state(), model.parameters),
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

/** What must be equal for a checkpoint to be gone on from. */
function settingsOf(settings: TrainingSettings, cases: readonly TrainingCase[]): unknown {
  const { network, scale, steps, batch, patch, learningRate, loss, seed } = settings;
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
