import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { importOperation } from '../../../src/main/models/importOperation.ts';
import { runOperation } from '../../../src/main/models/runOperation.ts';
import { vectorsRoot } from '../../helpers/data.ts';
import { readFixtures } from '../../helpers/safetensors.ts';

/** Cases of networks in the folder of reference vectors: weights, inputs and outputs computed by PyTorch. */
const root = vectorsRoot();
const cases = ['sanet', 'minet', 'glmamba', 'deform-mamba', 'iconet'].flatMap((network) => {
  const folder = join(root ?? '', network);
  if (root === undefined || !existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.io.safetensors'))
    .map((file) => file.slice(0, -'.io.safetensors'.length))
    .map((name) => ({ network, name, path: join(folder, name) }));
});

describe.skipIf(root === undefined)('weights brought from PyTorch [needs the reference vectors]', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tandem-vectors-test-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(cases)('$network $name: imported and run, all outputs within 1e-4', async ({
    network,
    name,
    path,
  }) => {
    const { config } = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as {
      config: Record<string, unknown>;
    };
    const { path: model } = await importOperation(
      {
        network,
        options: config,
        weights: `${path}.weights.safetensors`,
        out: join(folder, `${network}-${name}`),
        version: '1.0.0',
        target: 't2',
        reference: 't1',
        licence: 'unknown',
        notices: [],
      },
      QUIET_JOB,
    );
    const inputs = `${path}.io.safetensors`;
    const out = join(folder, `${network}-${name}.safetensors`);
    await runOperation({ model, inputs, out, device: 'cpu', intermediates: true }, QUIET_JOB);
    const found = readFixtures(out);
    const expected = [...readFixtures(inputs)].filter(([key]) => /^(output_|inter\/|tail_out)/.test(key));
    expect([...found.keys()].sort()).toEqual(expected.map(([key]) => key).sort());
    for (const [key, { shape, data }] of expected) {
      const tensor = found.get(key)!;
      expect(tensor.shape, key).toEqual(shape);
      const worst = data.reduce((most, value, n) => Math.max(most, Math.abs(value - tensor.data[n]!)), 0);
      expect(worst, key).toBeLessThan(1e-4);
    }
  });
});
