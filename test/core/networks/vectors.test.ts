import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { type Tensor, toOnnx } from '../../../src/core/graph/index.ts';
import { networkGraph, networkNamed } from '../../../src/core/networks/index.ts';
import { networkChoice } from '../../../src/main/models/modelSource.ts';
import { vectorsRoot } from '../../helpers/data.ts';
import { type FixtureTensor, readFixtures } from '../../helpers/safetensors.ts';

/** Every case of every network in the folder of reference vectors: weights and tensors computed by PyTorch. */
const root = vectorsRoot();
const names = ['sanet', 'minet', 'glmamba', 'deform-mamba', 'iconet'];
const cases = root === undefined ? [] : names.flatMap((network) => casesOf(root, network));

function casesOf(folder: string, network: string): { network: string; name: string; path: string }[] {
  const path = join(folder, network);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((file) => file.endsWith('.io.safetensors'))
    .map((file) => file.replace('.io.safetensors', ''))
    .map((name) => ({ network, name, path: join(path, name) }));
}

function float(tensor: FixtureTensor): OrtTensor {
  return new OrtTensor('float32', Float32Array.from(tensor.data), [...tensor.shape]);
}

describe.skipIf(root === undefined)('networks against PyTorch', () => {
  it.each(cases)('$network $name: outputs and intermediates within 1e-4', async ({ network, path }) => {
    const { config, params, params_used } = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as {
      config: Record<string, unknown>;
      params?: number;
      params_used?: number;
    };
    const io = readFixtures(`${path}.io.safetensors`);
    const weights = readFixtures(`${path}.weights.safetensors`);
    const choice = networkChoice(network, config, undefined);
    const { inputs, outputs: rawOutputs } = networkNamed(network).rawNames;
    const target = io.get('input_lr')!;
    const [batch, , height, width] = target.shape as [number, number, number, number];
    const size = { batch, rows: height * choice.scale, columns: width * choice.scale };
    const { graph, outputs, parameters } = networkGraph(network, choice.options, choice.scale, size);

    const trained = parameters.filter((parameter) => parameter.trained);
    expect(trained.reduce((sum, { tensor }) => sum + tensor.shape.reduce((a, b) => a * b, 1), 0)).toBe(
      params ?? params_used,
    );
    expect(new Set(parameters.map((parameter) => parameter.path))).toEqual(new Set(weights.keys()));

    const compared = new Map<string, Tensor>();
    for (const [raw, name] of Object.entries(rawOutputs)) {
      const tensor = name === 'enhanced' ? outputs.enhanced : outputs.others[name];
      if (tensor !== undefined) compared.set(raw, tensor);
    }
    for (const [name, tensor] of Object.entries(outputs.intermediates)) {
      if (io.has(name)) compared.set(name, tensor);
    }
    const expected = [...io.keys()].filter((name) => /^(output_|inter\/|tail_out)/.test(name));
    expect([...compared.keys()].sort()).toEqual(expected.sort());

    const session = await InferenceSession.create(
      toOnnx({
        name: network,
        outputs: Object.fromEntries(compared),
        parameters: new Map([...weights].map(([name, { data }]) => [name, data])),
      }),
      { intraOpNumThreads: 1, logSeverityLevel: 3 },
    );
    const graphNames = { target: 'target', zeroFilled: 'zero_filled', reference: 'reference' } as const;
    const feeds: Record<string, OrtTensor> = {};
    for (const [raw, what] of Object.entries(inputs)) {
      // What a global skip would add is no input of the networks as they were published.
      if (io.has(raw)) feeds[graphNames[what]] = float(io.get(raw)!);
    }
    expect(graph.inputs.length).toBe(Object.keys(feeds).length);
    const results = await session.run(feeds);
    await session.release();
    for (const name of compared.keys()) {
      const found = results[name]!;
      const truth = io.get(name)!;
      expect(found.dims, name).toEqual(truth.shape);
      let worst = 0;
      (found.data as Float32Array).forEach((value, n) => {
        worst = Math.max(worst, Math.abs(value - truth.data[n]!));
      });
      expect(worst, name).toBeLessThan(1e-4);
    }
  });
});
