import { describe, expect, it } from 'vitest';
import { parameterCount } from '../../../src/core/graph/index.ts';
import { networkGraph } from '../../../src/core/networks/index.ts';

/** Trained values of a network at its smallest image. */
function count(network: string, options: unknown, scale: 2 | 4): number {
  return parameterCount(
    networkGraph(network, options, scale, { batch: 1, rows: 32, columns: 32 }).parameters,
  );
}

/** What the papers print, or what follows from their released code (`networks/*.md` of the readings). */
describe('numbers of parameters', () => {
  it.each<[string, Record<string, unknown>, 2 | 4, number]>([
    // 20 layers: 1 → 64, 18 × 64 → 64, 64 → 1, 3×3, with biases.
    ['vdsr', {}, 2, 9 * 64 + 64 + 18 * (9 * 64 * 64 + 64) + 9 * 64 + 1],
    // Lim et al. 2017, table 1: 1.5 M for three channels (head and tail are smaller with one).
    ['edsr', {}, 2, 640 + 33 * 36_928 + 147_712 + 577],
    ['edsr', {}, 4, 640 + 33 * 36_928 + 2 * 147_712 + 577],
    ['edsr-guided', {}, 2, 2 * 9 * 48 + 48 + 17 * (9 * 48 * 48 + 48) + 9 * 48 + 1],
    ['sanet', {}, 2, 4_637_057],
    ['sanet', {}, 4, 4_784_769],
    // The reading counts 6,862,115: with a convolution 32 → 32 in each attention (convq) that never runs.
    ['sanet', { effective_stages: 6 }, 2, 6_862_115 - 6 * (9 * 32 * 32 + 32)],
    ['minet', {}, 2, 6_748_189],
    ['minet', { n_resgroups: 2 }, 2, 2_551_901],
    // 1.187 M and 1.269 M in the paper.
    ['glmamba', {}, 2, 1_186_811],
    ['glmamba', { fusion: 'conv' }, 2, 1_268_598],
    ['glmamba', {}, 4, 1_186_931],
    ['deform-mamba', {}, 2, 62_981_973],
    ['deform-mamba', {}, 4, 62_982_093],
    ['iconet', {}, 2, 2_023_766],
    ['iconet', {}, 4, 4_047_532],
    // One super-resolution branch: 0.996 M in table IX.
    ['iconet', { reconstruction: false }, 2, 1_025_419],
  ])('%s %j ×%d has %d', (network, options, scale, expected) => {
    expect(count(network, options, scale)).toBe(expected);
  });
});
