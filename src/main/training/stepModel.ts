import { TandemError } from '../../core/errors.ts';
import {
  ADAM_DEFAULTS,
  add,
  type Graph,
  l1Loss,
  mseLoss,
  mul,
  type ShardedStep,
  shardedStep,
  type Tensor,
  type TrainingStep,
  type TrainingStepOptions,
  trainingStep,
} from '../../core/graph/index.ts';
import { type NetworkGraph, networkGraph, networkNamed, paperLoss } from '../../core/networks/index.ts';
import { lastStages } from '../../core/networks/lastStages.ts';
import { machineBudget, shardedTrainingMb, trainingBudgetMb, trainingMb } from '../runtime/memory.ts';
import type { TrainingSettings } from './settings.ts';

/** From an error of 0.05 on, the squared error pulls harder than the absolute one: edges count for more. */
const SQUARED_ERROR_WEIGHT = 10;
interface StepLoss {
  readonly loss: Tensor;
  /** What it is the sum of, to be told beside it. */
  readonly terms: Readonly<Record<string, Tensor>>;
}

const LEAST_PATCH = 16;

/**
 * The training step of the settings, on the inputs of the network, `truth` [batch, 1, patch, patch] and what
 * else its paper's loss asks for. The loss is of whole patches, borders included, as in the papers.
 *
 * @param blockedChannels of this machine's CPU, where the step runs on it (`blockedChannels()`)
 *
 * Throws `usage` for patches that are too small, `bad-model` for wrong options.
 */
export function stepModel(
  settings: TrainingSettings,
  blockedChannels: number | undefined = undefined,
): TrainingStep {
  const { device } = settings;
  const { graph, loss, options } = lossGraph(settings);
  return trainingStep(graph, loss, {
    ...options,
    device,
    blockedChannels,
    // Away from the CPU the state is not looked at after each step; its gradients' norm tells of it.
    gradientNorm: device !== 'cpu',
  });
}

/**
 * The same step with the batch in so many shards, for several cores of the CPU (`ParallelStepSession`).
 *
 * Throws `usage` where the batch cannot be cut so or the device is not the CPU, and as `stepModel` does.
 */
export function shardedStepModel(
  settings: TrainingSettings,
  shards: number,
  blockedChannels: number | undefined = undefined,
): ShardedStep {
  const { batch, device } = settings;
  if (device !== 'cpu') {
    throw new TandemError('usage', `A batch is cut into shards on the CPU, not on ${device}`);
  }
  if (!Number.isSafeInteger(shards) || shards < 1 || batch % shards !== 0) {
    throw new TandemError('usage', `A batch of ${batch} patches cannot be cut into ${shards} equal shards`, {
      hint: `Use a batch that is a multiple of the number of shards, or fewer shards.`,
    });
  }
  const { graph, loss, options } = lossGraph({ ...settings, batch: batch / shards });
  return shardedStep(graph, loss, shards, { ...options, blockedChannels });
}

/** What is trained on a batch, and how. */
function lossGraph(settings: TrainingSettings): {
  readonly graph: Graph;
  readonly loss: Tensor;
  readonly options: TrainingStepOptions;
} {
  const { patch, batch, scale, optimizer, clipNorm, ema } = settings;
  if (patch < LEAST_PATCH) {
    throw new TandemError('usage', `Patches of ${patch} pixels are too small`, {
      hint: `Use patches of at least ${LEAST_PATCH} pixels.`,
    });
  }
  if (patch % scale !== 0) {
    throw new TandemError('usage', `Patches of ${patch} pixels are no multiple of the scale, ${scale}`);
  }
  const size = { batch, rows: patch, columns: patch };
  const mode = { training: true, recompute: settings.recompute, frozen: frozenOf(settings) };
  const built = networkGraph(settings.network, settings.options, scale, size, mode);
  const { graph, network } = built;
  const { loss, terms } = settings.loss === 'paper' ? lossOfPaper(built) : plainLoss(built, settings.loss);
  return {
    graph,
    loss,
    options: {
      name: `${network.name}-training-step`,
      adam: { ...ADAM_DEFAULTS, weightDecay: optimizer === 'adamw' ? settings.weightDecay : 0 },
      clip: clipNorm === undefined ? undefined : { kind: 'norm', limit: clipNorm },
      average: ema === undefined ? undefined : { decay: ema, start: settings.emaStart },
      reports: terms,
    },
  };
}

/** What is not trained of the parameters; undefined where all are. */
function frozenOf(settings: TrainingSettings): ((path: string) => boolean) | undefined {
  if (settings.lastStages !== true) return undefined;
  const trained = lastStages(settings.network, settings.options, settings.scale);
  return (path) => !trained.has(path);
}

/**
 * What a training takes, MiB, on the CPU beyond what is there before it. Throws `out-of-memory`, before any of
 * it is taken, where that is more than there is. (What a device of its own has is not known beforehand.)
 */
export function checkMemory(settings: TrainingSettings, budgetMb: number = trainingBudgetMb()): number {
  const needed = stepMemoryMb(settings);
  if (settings.device !== 'cpu' || needed <= budgetMb) return needed;
  const { batch, patch, recompute } = settings;
  const { name } = networkNamed(settings.network);
  const again = recompute === 'blocks' ? needed : stepMemoryMb({ ...settings, recompute: 'blocks' });
  const lower = [`--batch (${batch})`, `--patch (${patch})`].join(' or ');
  throw new TandemError(
    'out-of-memory',
    `Training ${name} on ${batch} patches of ${patch} × ${patch} takes about ${mb(needed)}, and ${mb(budgetMb)} are free`,
    {
      hint:
        `Lower ${lower}${again < 0.95 * needed ? `, or use --recompute, with which it takes ${mb(again)}` : ''}. ` +
        'TANDEM_MEMORY_MB says what may be used, where that is more.',
    },
  );
}

/** What a training takes on the CPU, MiB. */
export function stepMemoryMb(settings: TrainingSettings): number {
  const { shards } = settings;
  return shards === undefined
    ? trainingMb(stepModel(settings))
    : shardedTrainingMb(shardedStepModel(settings, shards), machineBudget().cores);
}

function mb(value: number): string {
  return `${Math.round(value).toLocaleString('en')} MB`;
}

function lossOfPaper(built: NetworkGraph): StepLoss {
  return { loss: paperLoss(built).loss, terms: {} };
}

function plainLoss({ graph, enhanced }: NetworkGraph, kind: TrainingSettings['loss']): StepLoss {
  const truth = graph.input('truth', enhanced.shape);
  if (kind === 'l1') return { loss: l1Loss(enhanced, truth), terms: {} };
  if (kind === 'mse') return { loss: mseLoss(enhanced, truth), terms: {} };
  const terms = { l1: l1Loss(enhanced, truth), mse: mseLoss(enhanced, truth) };
  return { loss: add(terms.l1, mul(terms.mse, SQUARED_ERROR_WEIGHT)), terms };
}
