import { describe, expect, it } from 'vitest';
import { operations } from '../../../src/core/contract/operations.ts';
import { elementCount } from '../../../src/core/graph/shape.ts';
import { networkGraph, networkNamed, networks } from '../../../src/core/networks/index.ts';
import { recipeFor } from '../../../src/main/training/recipes.ts';
import { settingsOf } from '../../../src/main/training/settings.ts';
import { stepModel } from '../../../src/main/training/stepModel.ts';

const NAMES = Object.keys(networks);
const MOST_PARAMETERS = 2e6;

const asked = (network: string, more: object = {}) =>
  operations.train.request.parse({ network, scale: 2, steps: 10, out: 'o', ...more });

describe.each(NAMES)('the recipes of %s', (network) => {
  it.each([
    'workstation',
    'paper',
  ] as const)('%s: have options that the network knows, all its own', (kind) => {
    const recipe = recipeFor(network, kind);
    const parsed = networkNamed(network).parseOptions(recipe.options) as Record<string, unknown>;
    for (const [name, value] of Object.entries(recipe.options)) expect(parsed[name], name).toEqual(value);
    for (const scale of [2, 4]) expect(recipe.patch % scale).toBe(0);
    expect(recipe.batch % recipe.shards).toBe(0);
    const settings = settingsOf(asked(network, { recipe: kind, scale: 4 }), 'cpu');
    expect(settings).toMatchObject({
      ...{ network, scale: 4, options: parsed, batch: recipe.batch, patch: recipe.patch, loss: recipe.loss },
      ...{ learningRate: recipe.learningRate, optimizer: recipe.optimizer, schedule: recipe.schedule },
      ...{ clipNorm: recipe.clipNorm, ema: recipe.ema, warmUp: recipe.warmUp },
    });
  });

  it.each([
    2, 4,
  ] as const)('for a workstation: train at ×%i, and have no more parameters than it trains', (scale) => {
    const { options } = recipeFor(network, 'workstation');
    // The weights depend on no size: small patches build faster.
    const size = { batch: 1, rows: 32, columns: 32 };
    const { parameters } = networkGraph(network, options, scale, size, { training: true });
    const count = parameters.reduce((sum, { tensor }) => sum + elementCount(tensor.shape), 0);
    expect(count).toBeGreaterThan(1000);
    expect(count).toBeLessThanOrEqual(MOST_PARAMETERS);
  });
});

describe('a recipe', () => {
  it.each([
    ['edsr-guided', 'workstation', 4],
    ['glmamba', 'workstation', 2],
    ['sanet', 'workstation', 4],
    ['srcnn', 'paper', 2],
    ['edsr', 'paper', 4],
  ] as const)('gives a step that can be built: %s, %s, ×%i', (network, recipe, scale) => {
    const settings = settingsOf(asked(network, { recipe, scale, patch: 32, batch: 1, shards: 1 }), 'cpu');
    const { onnx, reports } = stepModel(settings);
    expect(onnx.byteLength).toBeGreaterThan(1000);
    expect(reports).toContain('loss');
  });

  it('gives way to what is said, and nothing else does', () => {
    const plain = settingsOf(asked('glmamba'), 'cpu');
    const more = {
      batch: 2,
      patch: 48,
      learningRate: 3e-4,
      loss: 'mse',
      optimizer: 'adamw',
      weightDecay: 0.3,
    };
    const said = { ...more, schedule: 'step', warmUp: 3, clipNorm: 7, ema: 0.5, emaStart: 9, seed: 4 };
    const settings = settingsOf(asked('glmamba', { ...said, options: { channels: 12 } }), 'cpu');
    expect(settings).toMatchObject(said);
    expect(settings.options).toEqual({ ...(plain.options as object), channels: 12 });
    expect(settingsOf(asked('glmamba', { clipNorm: 0, ema: 0, shards: 1 }), 'cpu')).toMatchObject({
      ...{ clipNorm: undefined, ema: undefined, shards: undefined },
    });
    expect(settingsOf(asked('glmamba', { batch: 3 }), 'cpu').shards).toBeUndefined();
    expect(settingsOf(asked('glmamba', { batch: 3, shards: 3 }), 'cpu').shards).toBe(3);
    expect(settingsOf(asked('glmamba'), 'webgpu').shards).toBeUndefined();
    expect(() => settingsOf(asked('glmamba', { options: { width: 3 } }), 'cpu')).toThrow(
      expect.objectContaining({ code: 'bad-model' }),
    );
  });
});
