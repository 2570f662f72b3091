import { describe, expect, it } from 'vitest';
import { networkCost } from '../../../src/core/networks/cost.ts';
import { networkGraph } from '../../../src/core/networks/index.ts';
import { describeOperation } from '../../../src/main/models/describeOperation.ts';
import { rawInputNames } from '../../../src/main/models/rawInputs.ts';

const job = { progress: () => {}, signal: new AbortController().signal };

function costOf(network: string, options: unknown, scale: 2 | 4, side: number) {
  const { enhanced, outputs } = networkGraph(network, options, scale, {
    batch: 1,
    rows: side,
    columns: side,
  });
  return networkCost([enhanced, ...Object.values(outputs.others)]);
}

describe('multiply-accumulate operations', () => {
  it.each<[string, Record<string, unknown>, 2 | 4, number, number, number]>([
    // In the paper 32.27 and 37.05; of its reading 32.238 and 36.994.
    ['glmamba', {}, 2, 240, 32.238, 0.001],
    ['glmamba', { fusion: 'conv' }, 2, 240, 36.994, 0.001],
    // Convolutions of the whole forward pass, as its reading counts them.
    ['sanet', {}, 2, 320, 460.1, 0.001],
    ['minet', {}, 2, 320, 674.6, 0.001],
    ['minet', { n_resgroups: 2 }, 2, 320, 248.4, 0.001],
    ['deform-mamba', {}, 4, 256, 33.6, 0.005],
    ['deform-mamba', {}, 4, 320, 52.5, 0.005],
    ['iconet', {}, 2, 256, 13.11, 0.001],
    ['iconet', {}, 4, 256, 16.39, 0.001],
  ])('%s %j ×%d at %d: %d G as the papers count', (network, options, scale, side, expected, tolerance) => {
    const { asInPapers } = costOf(network, options, scale, side);
    expect(Math.abs(asInPapers / 1e9 - expected) / expected).toBeLessThan(tolerance);
  });

  it('count the scan, its projections and attention in all', () => {
    const { asInPapers, all, byOperator } = costOf('iconet', {}, 2, 256);
    // 2·7 scans over 64² tokens of 192 channels with 16 states, and two directions of attention.
    const names = byOperator.map(({ operator }) => operator);
    expect(names).toContain('selectiveScan');
    expect(all - asInPapers).toBeGreaterThan(29e9);
    expect(byOperator.reduce((sum, { multiplyAccumulates }) => sum + multiplyAccumulates, 0)).toBe(all);
    expect(byOperator[0]!.multiplyAccumulates).toBeGreaterThan(byOperator[1]!.multiplyAccumulates);
  });
});

it.each([
  ['glmamba', {}, ['input_lr', 'input_ref']],
  ['glmamba', { global_skip: true }, ['input_lr', 'input_ref', 'input_zero_filled']],
  ['edsr-guided', {}, ['input_zero_filled', 'input_ref']],
  ['srcnn', {}, ['input_zero_filled']],
])('%s %o takes %o and nothing else', (name, options, inputs) => {
  const { network, graph } = networkGraph(name, options, 2, { batch: 1, rows: 32, columns: 32 });
  expect(rawInputNames(network, graph)).toEqual(inputs);
});

describe('models describe', () => {
  it('tells what a network is and costs, and what each device is given', async () => {
    const told = await describeOperation({ network: 'glmamba', options: { scale: 2 } }, job);
    expect(told).toMatchObject({
      network: 'glmamba',
      scale: 2,
      parameters: 1_186_811,
      rows: 240,
      columns: 240,
    });
    expect(told.inputs).toEqual(['input_lr', 'input_ref']);
    expect(told.outputs).toEqual(['output_sr', 'output_rec_ref']);
    expect(told.tensors.find(({ path }) => path === 'lr.0.deform.weight')!.shape).toEqual([96, 96, 3, 3]);
    const [cpu, webgpu] = ['cpu', 'webgpu'].map(
      (name) => told.devices.find(({ device }) => device === name)!,
    );
    expect(cpu).toMatchObject({ available: true, whole: true, fallBacks: [] });
    // The scan: a Scan on the CPU, linear attention on a GPU.
    expect(cpu!.operators.Scan).toBeGreaterThan(0);
    expect(webgpu!.operators.Scan).toBeUndefined();
    expect(webgpu!.operators['com.microsoft.LinearAttention']).toBeGreaterThan(0);
  });

  it('tells it of a package, and of other sizes', async () => {
    const small = await describeOperation({ model: 'srcnn-guided-x2', options: {}, rows: 64 }, job);
    const large = await describeOperation(
      { model: 'srcnn-guided-x2', options: {}, rows: 128, columns: 64 },
      job,
    );
    expect([small.columns, large.columns]).toEqual([64, 64]);
    expect(large.multiplyAccumulates.all).toBe(2 * small.multiplyAccumulates.all);
    expect(large.memoryMb).toBeGreaterThan(small.memoryMb);
  });

  it('refuses what names no network, two, or a size that is no multiple', async () => {
    await expect(describeOperation({ options: {} }, job)).rejects.toMatchObject({ code: 'usage' });
    await expect(
      describeOperation({ model: 'srcnn-x2', network: 'srcnn', options: { scale: 2 } }, job),
    ).rejects.toMatchObject({ code: 'usage' });
    await expect(
      describeOperation({ network: 'edsr', options: { scale: 4 }, rows: 30 }, job),
    ).rejects.toThrow(/no multiple of the scale/);
  });
});
