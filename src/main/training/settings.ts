import type { Request } from '../../core/contract/operations.ts';
import {
  ADAMW_DEFAULTS,
  type RecomputePolicy,
  SCHEDULE_DEFAULTS,
  type ScheduleKind,
} from '../../core/graph/index.ts';
import { networkNamed } from '../../core/networks/index.ts';
import type { DeviceKind } from '../runtime/devices.ts';
import { AUGMENTATION, type Augmentation, parseAugmentation } from './augmentation.ts';
import type { TrainingCase } from './data/trainingCase.ts';
import { recipeFor } from './recipes.ts';

/** What decides the course of a training, with the cases. */
export interface TrainingSettings {
  readonly network: string;
  readonly options: unknown;
  readonly scale: 2 | 4;
  /** How long: so many steps, or as many as fit these minutes on this machine; one of the two. */
  readonly steps?: number | undefined;
  readonly minutes?: number | undefined;
  readonly batch: number;
  /** Side of the square patches, in pixels. */
  readonly patch: number;
  readonly learningRate: number;
  /** Mean absolute error, mean squared error, the first plus ten times the second, or that of the network's paper. */
  readonly loss: 'l1' | 'mse' | 'l1+mse' | 'paper';
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
  readonly augmentation: Augmentation;
  /** Parts of the batch whose gradients are computed apart; absent: one step of the whole batch. */
  readonly shards?: number | undefined;
  /** Steps between two validations; planned where absent. */
  readonly validateEvery?: number | undefined;
  /** Validations without a better one after which the training ends. */
  readonly patience?: number | undefined;
  /** Which weights are kept: those best in validation, or the last. */
  readonly keep: 'best' | 'last';
  /** SHA-256 of the weights that it begins with, where they are not drawn from the seed. */
  readonly init?: string | undefined;
  /** Whether only the last stages are trained (`lastStages`); all weights where absent. */
  readonly lastStages?: true | undefined;
  /** Whether the network's blocks are computed again on the way back, for less memory and more time. */
  readonly recompute: RecomputePolicy;
  readonly device: DeviceKind;
}

/** What a training does where nothing is said. */
export const TRAINING_DEFAULTS = {
  optimizer: 'adam',
  weightDecay: ADAMW_DEFAULTS.weightDecay,
  emaStart: 0,
  schedule: SCHEDULE_DEFAULTS.kind,
  warmUp: SCHEDULE_DEFAULTS.warmUp,
  augmentation: AUGMENTATION,
  keep: 'best',
  recompute: 'none',
  device: 'cpu',
} as const satisfies Partial<TrainingSettings>;

/** The settings of a request: what it says, over its recipe. Throws `usage`, `bad-model`. */
export function settingsOf(request: Request<'train'>, device: DeviceKind): TrainingSettings {
  const recipe = recipeFor(request.network, request.recipe);
  const batch = request.batch ?? recipe.batch;
  const shards = request.shards ?? (device === 'cpu' && batch % recipe.shards === 0 ? recipe.shards : 1);
  return {
    network: request.network,
    options: networkNamed(request.network).parseOptions({ ...recipe.options, ...request.options }),
    scale: request.scale,
    steps: request.steps,
    minutes: request.minutes,
    batch,
    patch: request.patch ?? recipe.patch,
    learningRate: request.learningRate ?? recipe.learningRate,
    loss: request.loss ?? recipe.loss,
    seed: request.seed,
    optimizer: request.optimizer ?? recipe.optimizer,
    weightDecay: request.weightDecay ?? ADAMW_DEFAULTS.weightDecay,
    clipNorm: (request.clipNorm ?? recipe.clipNorm) || undefined,
    ema: (request.ema ?? recipe.ema) || undefined,
    emaStart: request.emaStart,
    schedule: request.schedule ?? recipe.schedule,
    warmUp: request.warmUp ?? recipe.warmUp,
    augmentation: parseAugmentation(request.augmentation),
    shards: shards > 1 ? shards : undefined,
    validateEvery: request.validateEvery,
    patience: request.patience,
    keep: request.keep,
    recompute: request.recompute ? 'blocks' : 'none',
    device,
  };
}

/**
 * What must be equal for a checkpoint to be gone on from: all that decides the weights. (Blocks computed again
 * give the same bits, so a training may be gone on with on a machine with less memory; minutes decide nothing that
 * could be repeated, so that it may be given more of them.)
 */
export function identityOf(
  settings: TrainingSettings,
  cases: { readonly train: readonly TrainingCase[]; readonly validation: readonly TrainingCase[] },
): unknown {
  const { recompute: _, minutes, ...deciding } = settings;
  const named = (all: readonly TrainingCase[]) =>
    all.map(({ name, files, sha256, places }) => ({ name, files, sha256, slices: places.length }));
  return {
    ...deciding,
    byTheClock: minutes !== undefined,
    options: networkNamed(settings.network).parseOptions(settings.options),
    cases: named(cases.train),
    validation: named(cases.validation),
  };
}
