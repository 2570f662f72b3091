import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { evaluateReference, initialValues, parameterCount } from '../../../src/core/graph/index.ts';
import { inferenceModel, networkGraph, networkNamed } from '../../../src/core/networks/index.ts';
import { createRandom } from '../../../src/core/random.ts';
import { relativeError } from '../../helpers/graph.ts';

const SMALL = { features: [4, 3], kernels: [5, 3, 3] };

/** Weights of a network with every parameter drawn, the last layer too. */
function drawnWeights(name: string, options: unknown) {
  const { parameters } = networkGraph(name, options, 2, { batch: 1, rows: 32, columns: 32 });
  const random = createRandom(9);
  return new Map(
    parameters.map(({ path, tensor }) => {
      const length = tensor.shape.reduce((a, b) => a * b, 1);
      return [
        path,
        { shape: tensor.shape, data: Float32Array.from({ length }, () => 0.2 * random.normal()) },
      ];
    }),
  );
}

function images(rows: number, columns: number) {
  const random = createRandom(rows * 1000 + columns);
  const draw = () => Float32Array.from({ length: rows * columns }, () => random.uniform());
  return { zero_filled: draw(), reference: draw() };
}

async function enhance(
  name: string,
  options: unknown,
  weights: ReadonlyMap<string, { readonly data: Float32Array }>,
  inputs: Readonly<Record<string, Float32Array>>,
  [rows, columns]: readonly [number, number],
): Promise<Float32Array> {
  const onnx = inferenceModel({ network: name, options, scale: 2, weights }, rows, columns);
  const session = await InferenceSession.create(onnx, { intraOpNumThreads: 1 });
  const feeds = Object.fromEntries(
    session.inputNames.map((input) => [input, new Tensor('float32', inputs[input]!, [1, 1, rows, columns])]),
  );
  const { enhanced } = await session.run(feeds);
  await session.release();
  expect(enhanced!.dims).toEqual([1, 1, rows, columns]);
  return enhanced!.data as Float32Array;
}

describe.each(['srcnn', 'srcnn-guided'])('%s', (name) => {
  it('has the parameters of the paper, named by path', () => {
    const { parameters } = networkGraph(name, {}, 2, { batch: 1, rows: 16, columns: 16 });
    const channels = networkNamed(name).usesReference ? 2 : 1;
    expect(parameters.map(({ path, tensor }) => [path, tensor.shape])).toEqual([
      ['patches.weight', [64, channels, 9, 9]],
      ['patches.bias', [64]],
      ['mapping.weight', [32, 64, 5, 5]],
      ['mapping.bias', [32]],
      ['reconstruction.weight', [1, 32, 5, 5]],
      ['reconstruction.bias', [1]],
    ]);
    // 57,184 weights in the paper's 9-5-5 on one channel, and 97 biases.
    expect(parameterCount(parameters)).toBe(57_184 + 97 + (channels - 1) * 64 * 81);
  });

  it('starts as zero-filling itself', async () => {
    const { parameters } = networkGraph(name, {}, 4, { batch: 1, rows: 16, columns: 16 });
    const weights = new Map([...initialValues(parameters, 3)].map(([path, data]) => [path, { data }]));
    const inputs = images(24, 17);
    expect(await enhance(name, {}, weights, inputs, [24, 17])).toEqual(inputs.zero_filled);
  });

  it('computes on the engine what its reference computes in float64, on odd sizes too', async () => {
    const weights = drawnWeights(name, SMALL);
    for (const [rows, columns] of [
      [9, 13],
      [16, 8],
    ] as const) {
      const inputs = images(rows, columns);
      const { enhanced } = networkGraph(name, SMALL, 2, { batch: 1, rows, columns });
      const feeds = new Map<string, Float32Array>(Object.entries(inputs));
      for (const [path, { data }] of weights) feeds.set(path, data);
      const [expected] = evaluateReference([enhanced], feeds);
      const found = await enhance(name, SMALL, weights, inputs, [rows, columns]);
      expect(relativeError(found, expected!.data)).toBeLessThan(1e-6);
    }
  });

  it('depends on no pixel further away than its halo', async () => {
    const weights = drawnWeights(name, {});
    const size = 41;
    const inputs = images(size, size);
    const before = await enhance(name, {}, weights, inputs, [size, size]);
    const centre = 20 * size + 20;
    inputs.zero_filled[centre] = 5;
    const after = await enhance(name, {}, weights, inputs, [size, size]);
    let reach = 0;
    after.forEach((value, n) => {
      if (value === before[n]) return;
      reach = Math.max(reach, Math.abs(Math.floor(n / size) - 20), Math.abs((n % size) - 20));
    });
    expect(reach).toBe(networkNamed(name).haloPx(networkNamed(name).parseOptions({}), 2));
  });
});

describe('networks', () => {
  it('refuses an unknown name, naming those there are', () => {
    expect(() => networkNamed('esrgan')).toThrow(/no network called esrgan/);
    expect(() => networkNamed('constructor')).toThrow(/no network called/);
  });

  it('refuses options that are not the network’s', () => {
    const size = { batch: 1, rows: 8, columns: 8 };
    expect(() => networkGraph('srcnn', { kernels: [9, 2, 5] }, 2, size)).toThrow(/Options of srcnn/);
    expect(() => networkGraph('srcnn', { depth: 3 }, 2, size)).toThrow(/Options of srcnn/);
  });
});
