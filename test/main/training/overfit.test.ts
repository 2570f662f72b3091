import { describe, expect, it } from 'vitest';
import { networks } from '../../../src/core/networks/index.ts';
import { OnePair } from './overfitting.ts';

interface Small {
  readonly options: Record<string, unknown>;
  /** Other options to learn a pair by heart with, where these are too slow for it. */
  readonly faster?: Record<string, unknown>;
  readonly learningRate: number;
  /** At the most; what is reached sooner ends it. */
  readonly steps: number;
}

/** Every network with few channels and blocks, so that learning a pair by heart takes seconds. */
const SMALL: Readonly<Record<string, Small>> = {
  srcnn: { options: { features: [16, 16] }, learningRate: 1e-3, steps: 600 },
  'srcnn-guided': { options: { features: [16, 16] }, learningRate: 1e-3, steps: 600 },
  vdsr: { options: { depth: 6, features: 16 }, learningRate: 3e-3, steps: 200 },
  edsr: { options: { blocks: 3, features: 48 }, learningRate: 2e-3, steps: 500 },
  'edsr-guided': { options: { blocks: 2, features: 16 }, learningRate: 2e-3, steps: 500 },
  sanet: {
    options: { n_resblocks: 1, n_feats: 16, effective_stages: 1 },
    learningRate: 6e-3,
    steps: 300,
  },
  minet: { options: { n_resgroups: 1, n_resblocks: 1, n_feats: 16 }, learningRate: 6e-3, steps: 400 },
  glmamba: { options: { channels: 12, stages_per_branch: 1, N: 4 }, learningRate: 6e-3, steps: 200 },
  'glmamba-lr': { options: { channels: 12, stages_per_branch: 1, N: 4 }, learningRate: 6e-3, steps: 300 },
  iconet: { options: { channels: 24, rscfl: 1, N: 4, crb_reduction: 4 }, learningRate: 4e-3, steps: 600 },
  // The slowest learner: tokens are normalised before they become pixels. From the zero-filled image it has
  // less far to go.
  'deform-mamba': {
    options: { dims: [16, 16, 16, 16], depth: 1, N: 2, ca_reduction: 4 },
    faster: {
      ...{ dims: [16, 16, 16, 16], depth: 1, N: 1, ca_reduction: 4 },
      ...{ zero_filled_input: true, global_skip: true },
    },
    learningRate: 4e-3,
    steps: 300,
  },
};

/** Small enough for the loss to fall in the first step of every network, whatever its scale. */
const FIRST_RATE = 1e-5;
const GOAL = 1e-2;
/** On a busy machine. */
const SLOWEST_MS = 400_000;

it('is tested with every network', () => {
  expect(Object.keys(SMALL).sort()).toEqual(Object.keys(networks).sort());
});

describe.each(Object.entries(SMALL))('%s, trained as in its paper', (name, {
  options,
  faster = options,
  learningRate,
  steps,
}) => {
  it('has a lower loss after one step', async () => {
    for (const scale of [2, 4] as const) {
      const pair = await OnePair.open(name, options, scale);
      const before = await pair.step(FIRST_RATE);
      expect(await pair.step(0)).toBeLessThan(before);
      await pair.release();
    }
  });

  it(
    'learns one pair of 64 × 64 by heart, to below 1e-2 in the image that its package gives',
    async () => {
      const pair = await OnePair.open(name, faster);
      expect(await pair.meanAbsoluteError()).toBeGreaterThan(1.2 * GOAL);
      const { error } = await pair.overfit(GOAL, steps, learningRate);
      expect(error).toBeLessThan(GOAL);
      await pair.release();
    },
    SLOWEST_MS,
  );
});
