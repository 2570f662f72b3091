import type { TrainingSettings } from './settings.ts';

/** What a training of a network does where nothing else is said. */
export interface Recipe {
  readonly options: Readonly<Record<string, unknown>>;
  readonly loss: TrainingSettings['loss'];
  readonly optimizer: TrainingSettings['optimizer'];
  readonly learningRate: number;
  readonly batch: number;
  readonly patch: number;
  readonly schedule: TrainingSettings['schedule'];
  readonly warmUp: number;
  readonly clipNorm: number | undefined;
  readonly ema: number | undefined;
  /** Parts of a batch, each for a core. */
  readonly shards: number;
}

/** Papers cut no patches; with 96 pixels a batch of two fits a small machine. */
const PAPER = {
  options: {},
  loss: 'paper',
  optimizer: 'adam',
  batch: 2,
  patch: 96,
  schedule: 'constant',
  warmUp: 0,
  clipNorm: undefined,
  ema: undefined,
  // Batch norm is to see the whole batch.
  shards: 1,
} as const;

/**
 * The sizes, losses, optimisers and learning rates that the papers print (Deform-Mamba and GLMamba a batch of 2;
 * SANet and MINet 1e-5 for 50 epochs; EDSR 1e-4). SRCNN and VDSR were trained by plain gradient descent with
 * rates that Adam cannot use: theirs are this project's.
 */
const PAPERS: Readonly<Record<string, Recipe>> = {
  srcnn: { ...PAPER, learningRate: 1e-3, loss: 'mse' },
  'srcnn-guided': { ...PAPER, learningRate: 1e-3, loss: 'mse' },
  vdsr: { ...PAPER, learningRate: 1e-4, loss: 'mse', clipNorm: 0.4 },
  edsr: { ...PAPER, learningRate: 1e-4, batch: 16 },
  'edsr-guided': { ...PAPER, learningRate: 1e-4, batch: 16 },
  sanet: { ...PAPER, learningRate: 1e-5, options: { effective_stages: 6 } },
  minet: { ...PAPER, learningRate: 1e-5 },
  glmamba: { ...PAPER, learningRate: 2e-4 },
  'glmamba-lr': { ...PAPER, learningRate: 2e-4 },
  'deform-mamba': { ...PAPER, learningRate: 1e-4 },
  iconet: { ...PAPER, learningRate: 1e-4 },
};

const WORKSTATION = {
  options: {},
  loss: 'paper',
  optimizer: 'adam',
  learningRate: 1e-3,
  batch: 4,
  patch: 64,
  schedule: 'cosine',
  warmUp: 100,
  clipNorm: 1,
  ema: 0.998,
  shards: 2,
} as const;

/** A correction to the zero-filled target, made from it. */
const FROM_ZERO_FILLED = { zero_filled_input: true, global_skip: true } as const;

/** The same on a quarter of the pixels, with four times the channels at both ends. */
const FOLDED = { ...FROM_ZERO_FILLED, fold: 2 } as const;

/**
 * Widths and settings that two cores train to the end in hours: fewer channels and blocks, the zero-filled target
 * and a global skip from it where the paper's network enlarges the target by itself, a learning rate that small
 * networks and short trainings want.
 */
const WORKSTATIONS: Readonly<Record<string, Recipe>> = {
  srcnn: { ...WORKSTATION, loss: 'l1+mse' },
  'srcnn-guided': { ...WORKSTATION, loss: 'l1+mse' },
  vdsr: { ...WORKSTATION, options: { depth: 12, features: 48 } },
  edsr: { ...WORKSTATION, options: { blocks: 8, features: 48, global_skip: true } },
  'edsr-guided': WORKSTATION,
  sanet: {
    ...WORKSTATION,
    options: { n_resgroups: 4, n_resblocks: 2, n_feats: 48, ...FOLDED },
  },
  minet: {
    ...WORKSTATION,
    options: { n_resgroups: 3, n_resblocks: 2, n_feats: 48, ...FOLDED },
  },
  glmamba: {
    ...WORKSTATION,
    options: { channels: 48, N: 8, joint_heads: true, refinement: 8, ...FOLDED },
  },
  'glmamba-lr': { ...WORKSTATION, options: { channels: 32, N: 8, ...FROM_ZERO_FILLED } },
  'deform-mamba': {
    ...WORKSTATION,
    // Its context module looks up to 18 tokens of 16 pixels away: what it learned of patches of 64 pixels did
    // not carry over to whole slices.
    patch: 128,
    batch: 2,
    options: { dims: [48, 64, 96, 128], depth: 1, N: 8, refinement: 8, ...FROM_ZERO_FILLED },
  },
  iconet: { ...WORKSTATION, options: { channels: 48, rscfl: 2, N: 8, refinement: 8, global_skip: true } },
};

/** The recipe of that kind for a network; of the project's own networks, which no paper has, the workstation's. */
export function recipeFor(network: string, kind: 'workstation' | 'paper'): Recipe {
  const recipe = (kind === 'paper' ? PAPERS : WORKSTATIONS)[network];
  return recipe ?? WORKSTATION;
}
