import {
  ADAMW_DEFAULTS,
  type RecomputePolicy,
  SCHEDULE_DEFAULTS,
  type ScheduleKind,
} from '../../core/graph/index.ts';
import { networkNamed } from '../../core/networks/index.ts';
import type { DeviceKind } from '../runtime/devices.ts';
import type { TrainingCase } from './cases.ts';
import { AUGMENTATION } from './patches.ts';

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
  recompute: 'none',
  device: 'cpu',
} as const satisfies Partial<TrainingSettings>;

/**
 * What must be equal for a checkpoint to be gone on from: all that decides the weights. (Blocks computed again
 * give the same bits, so a training may be gone on with on a machine with less memory.)
 */
export function identityOf(settings: TrainingSettings, cases: readonly TrainingCase[]): unknown {
  const { network, scale, steps, batch, patch, learningRate, loss, seed, device } = settings;
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
    device,
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
