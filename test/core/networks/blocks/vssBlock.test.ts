import { describe, expect, it } from 'vitest';
import {
  evaluateReference,
  Graph,
  gradients,
  initialValues,
  mul,
  parameterCount,
  reduceSum,
  type Tensor,
} from '../../../../src/core/graph/index.ts';
import { channelAttention } from '../../../../src/core/networks/blocks/channelAttention.ts';
import { patchUnembedding } from '../../../../src/core/networks/blocks/patchEmbedding.ts';
import { patchMerging } from '../../../../src/core/networks/blocks/patchMerging.ts';
import { type VssBlockOptions, vssBlock } from '../../../../src/core/networks/blocks/vssBlock.ts';
import { createRandom } from '../../../../src/core/random.ts';
import { type Feeds, relativeError, runOnnx } from '../../../helpers/graph.ts';

function draw(shape: readonly number[], seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal());
}

function block(options: VssBlockOptions, channels = 96) {
  const graph = new Graph();
  const x = graph.input('x', [1, 4, 5, channels]);
  return { graph, x, y: vssBlock(graph, x, options) };
}

describe('the gated scan block', () => {
  it('has as many parameters as the papers’, with and without linear biases', () => {
    expect(parameterCount(block({}).graph.parameters)).toBe(105_408);
    expect(parameterCount(block({ linearBias: true }).graph.parameters)).toBe(105_888);
    // Channel attention of 96 → 48 → 96, with biases.
    const attention = { linearBias: true, channelAttention: { hidden: 48 } };
    expect(parameterCount(block(attention).graph.parameters)).toBe(115_248);
  });

  it('names them as files of weights do', () => {
    const { graph } = block({ linearBias: true, channelAttention: { hidden: 6 }, quadrants: true });
    expect(graph.parameters.map(({ path }) => path).sort()).toEqual([
      'ca.fc1.bias',
      'ca.fc1.weight',
      'ca.fc2.bias',
      'ca.fc2.weight',
      'conv2d.bias',
      'conv2d.weight',
      'in_proj.bias',
      'in_proj.weight',
      'ln_1.bias',
      'ln_1.weight',
      'out_norm.bias',
      'out_norm.weight',
      'out_proj.bias',
      'out_proj.weight',
      'scan.A_logs',
      'scan.Ds',
      'scan.dt_projs_bias',
      'scan.dt_projs_weight',
      'scan.x_proj_weight',
    ]);
  });

  it('passes a gradient to its input and every parameter, that of a step along it', async () => {
    for (const quadrants of [false, true]) {
      const options = { linearBias: true, channelAttention: { hidden: 3 }, stateSize: 3, quadrants };
      const { graph, x, y } = block(options, 6);
      const tensors: [string, Tensor][] = [
        ['x', x],
        ...graph.parameters.map(({ path, tensor }) => [path, tensor] as [string, Tensor]),
      ];
      const loss = reduceSum(mul(y, graph.constant(draw(y.shape, 5), y.shape)));
      const derived = gradients(
        loss,
        tensors.map(([, tensor]) => tensor),
      );
      const feeds = new Map<string, Float32Array>([['x', draw(x.shape, 1)]]);
      tensors.slice(1).forEach(([path, tensor], n) => {
        feeds.set(
          path,
          draw(tensor.shape, n + 2).map((value) => 0.4 * value),
        );
      });
      const names = tensors.map(([name]) => `d${name}`);
      const found = await runOnnx(Object.fromEntries(derived.map((g, n) => [names[n]!, g])), feeds);
      const expected = evaluateReference(derived, feeds);
      for (const [n, [name]] of tensors.entries()) {
        const gradient = expected[n]!.data;
        expect(relativeError(found.get(names[n]!)!, gradient), name).toBeLessThan(1e-5);
        const length = Math.hypot(...gradient);
        expect(length, name).toBeGreaterThan(0);
        const at = (step: number) => {
          const moved = Float64Array.from(
            feeds.get(name)!,
            (value, m) => value + (step * gradient[m]!) / length,
          );
          return evaluateReference([loss], new Map<string, ArrayLike<number>>([...feeds, [name, moved]]))[0]!
            .data[0]!;
        };
        expect(Math.abs((at(1e-5) - at(-1e-5)) / (2e-5 * length) - 1), name).toBeLessThan(1e-5);
      }
    }
  });
});

describe('parts of the block', () => {
  const run = async (graph: Graph, y: Tensor, x: Float32Array) => {
    const feeds: Feeds = new Map([...initialValues(graph.parameters, 3), ['x', x]]);
    return { values: (await runOnnx({ y }, feeds)).get('y')!, feeds };
  };

  it('channel attention weighs each channel by what its mean says', async () => {
    const graph = new Graph();
    const [pixels, channels, hidden] = [6, 4, 2];
    const y = channelAttention(graph, graph.input('x', [1, 2, 3, channels]), { hidden });
    const x = draw([pixels, channels], 9);
    const { values, feeds } = await run(graph, y, x);
    const layer = (name: string, input: number[], size: number) =>
      Array.from({ length: size }, (_, o) =>
        input.reduce(
          (sum, value, c) => sum + feeds.get(`${name}.weight`)![o * input.length + c]! * value,
          feeds.get(`${name}.bias`)![o]!,
        ),
      );
    const means = Array.from({ length: channels }, (_, c) => {
      let sum = 0;
      for (let p = 0; p < pixels; p++) sum += x[p * channels + c]!;
      return sum / pixels;
    });
    const inner = layer('fc1', means, hidden).map((value) => Math.max(value, 0));
    const gates = layer('fc2', inner, channels).map((value) => 1 / (1 + Math.exp(-value)));
    expect(
      relativeError(
        values,
        x.map((value, n) => value * gates[n % channels]!),
      ),
    ).toBeLessThan(1e-6);
  });

  it('un-embedding paints a patch for each token', async () => {
    const graph = new Graph();
    const [rows, columns, size, channels, patch] = [2, 3, 4, 2, 2];
    const tokens = graph.input('x', [1, rows, columns, size]);
    const y = patchUnembedding(graph, 'up', tokens, { channels, patch });
    expect(y.shape).toEqual([1, channels, rows * patch, columns * patch]);
    const x = draw(tokens.shape, 4);
    const { values, feeds } = await run(graph, y, x);
    const [weight, bias] = [feeds.get('up.weight')!, feeds.get('up.bias')!];
    const expected = values.map((_, n) => {
      const [i, j] = [Math.floor(n / (columns * patch)) % (rows * patch), n % (columns * patch)];
      const o = Math.floor(n / (rows * patch * columns * patch));
      const token = Math.floor(i / patch) * columns + Math.floor(j / patch);
      let sum = bias[o]!;
      for (let c = 0; c < size; c++) {
        sum +=
          x[token * size + c]! * weight[((c * channels + o) * patch + (i % patch)) * patch + (j % patch)]!;
      }
      return sum;
    });
    expect(relativeError(values, expected)).toBeLessThan(1e-6);
  });

  it('merging leaves an odd last row and column out', () => {
    const graph = new Graph();
    const y = patchMerging(graph, 'merge', graph.input('x', [2, 5, 7, 3]), { channels: 6 });
    expect(y.shape).toEqual([2, 2, 3, 6]);
  });
});
