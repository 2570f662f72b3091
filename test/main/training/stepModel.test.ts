import { afterEach, describe, expect, it } from 'vitest';
import { STEP_GRADIENT_NORM, type StepDescription } from '../../../src/core/graph/index.ts';
import { TRAINING_DEFAULTS, type TrainingSettings } from '../../../src/main/training/settings.ts';
import { checkMemory, shardedStepModel, stepModel } from '../../../src/main/training/stepModel.ts';

const SETTINGS: TrainingSettings = {
  ...TRAINING_DEFAULTS,
  network: 'edsr-guided',
  options: { features: 32, blocks: 2 },
  scale: 2,
  steps: 10,
  batch: 4,
  patch: 32,
  learningRate: 1e-3,
  loss: 'l1+mse',
  seed: 1,
};

const described = ({ data, state, reports, scalars }: StepDescription) => ({
  data,
  state: state.map(({ parameters, ...entry }) => ({ ...entry, of: parameters.map(({ path }) => path) })),
  reports,
  scalars: scalars(4, 1e-3),
});

describe('shardedStepModel', () => {
  it.each([
    'l1+mse',
    'paper',
  ] as const)('is fed and tells what the step of the whole batch does: %s', (loss) => {
    const settings: TrainingSettings = { ...SETTINGS, loss, optimizer: 'adamw', clipNorm: 0.1, ema: 0.9 };
    const whole = described(stepModel(settings));
    expect(whole.reports).toContain(STEP_GRADIENT_NORM);
    for (const shards of [1, 2, 4]) expect(described(shardedStepModel(settings, shards))).toEqual(whole);
  });

  it('refuses shards that do not divide the batch, and devices other than the CPU', () => {
    for (const shards of [3, 8, 0, -2, 0.5]) {
      expect(() => shardedStepModel(SETTINGS, shards)).toThrow(
        expect.objectContaining({ code: 'usage', message: expect.stringContaining('batch of 4') }),
      );
    }
    expect(() => shardedStepModel({ ...SETTINGS, device: 'webgpu' }, 2)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining('webgpu') }),
    );
  });
});

describe('checkMemory of a training in shards', () => {
  const before = process.env.TANDEM_WORKERS;
  afterEach(() => {
    if (before === undefined) delete process.env.TANDEM_WORKERS;
    else process.env.TANDEM_WORKERS = before;
  });

  it('counts a session for each shard that is computed at once', () => {
    const needed = (workers: number, shards: number) => {
      process.env.TANDEM_WORKERS = String(workers);
      return checkMemory({ ...SETTINGS, patch: 96, shards });
    };
    const [one, two, four] = [needed(1, 4), needed(2, 4), needed(4, 4)];
    expect(four - two).toBeCloseTo(2 * (two - one), 3);
    expect(two - one).toBeGreaterThan(30);
    expect(needed(4, 2)).toBeCloseTo(needed(2, 2), 6);
    // Half the images at once, one after another.
    expect(needed(1, 2)).toBeGreaterThan(one);
  });
});
