import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import {
  abs,
  add,
  conv2d,
  Graph,
  gradients,
  mul,
  type OnnxOptions,
  reduceSum,
  relu,
  sigmoid,
  type Tensor,
  toOnnx,
} from '../../../src/core/graph/index.ts';
import { blockSizeOf } from '../../../src/core/graph/onnx/blockedLayout.ts';
import { readOnnx } from '../../../src/core/graph/onnx/readOnnx.ts';
import { createRandom } from '../../../src/core/random.ts';
import { blockedChannels } from '../../../src/main/runtime/blockedChannels.ts';
import { relativeError } from '../../helpers/graph.ts';

const block = await blockedChannels();

/** Channels that are multiples of every size of blocks, except where a test says so. */
const C = 16;

interface Problem {
  readonly graph: Graph;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** y = build(x, …) and dL/d(every input), L = Σ y·v. */
function problem(
  shapes: readonly (readonly number[])[],
  build: (inputs: readonly Tensor[]) => Tensor,
): Problem {
  const graph = new Graph();
  const inputs = shapes.map((shape, n) => graph.input(`x${n}`, shape));
  const y = build(inputs);
  const derived = gradients(reduceSum(mul(y, graph.input('v', y.shape))), inputs);
  return { graph, outputs: { y, ...Object.fromEntries(derived.map((tensor, n) => [`g${n}`, tensor])) } };
}

async function run(
  { graph, outputs }: Problem,
  blocked: number | undefined,
): Promise<Map<string, Float32Array>> {
  const model = toOnnx({ name: 'test', outputs, parameters: 'inputs', blockedChannels: blocked });
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const random = createRandom(4);
  const feeds: Record<string, OrtTensor> = {};
  for (const { origin, shape } of graph.inputs) {
    const length = shape.reduce((a, b) => a * b, 1);
    const data = Float32Array.from({ length }, () => random.normal(0, 0.2));
    if (origin.kind === 'input') feeds[origin.name] = new OrtTensor('float32', data, [...shape]);
  }
  const results = await session.run(feeds);
  await session.release();
  return new Map(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}

/** How often each operator of the blocked layout is in a model. */
function blockedNodes(options: Omit<OnnxOptions, 'name'>): Record<string, number> {
  const { operators } = readOnnx(toOnnx({ name: 'test', ...options }));
  const prefix = 'com.microsoft.nchwc.';
  return Object.fromEntries(
    [...operators]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, count]) => [name.slice(prefix.length), count]),
  );
}

const cases: Readonly<Record<string, Problem>> = {
  'one convolution with bias': problem([[2, C, 7, 5], [2 * C, C, 3, 3], [2 * C]], ([x, w, bias]) =>
    conv2d(x!, w!, { bias, padding: 1 }),
  ),
  'stride, dilation and uneven padding': problem(
    [
      [1, 2 * C, 11, 9],
      [C, 2 * C, 3, 2],
    ],
    ([x, w]) => conv2d(x!, w!, { stride: 2, dilation: 2, padding: [1, 2, 3, 0] }),
  ),
  'depthwise between others': problem(
    [
      [2, C, 6, 7],
      [2 * C, C, 3, 3],
      [2 * C, 1, 3, 3],
      [C, 2 * C, 3, 3],
    ],
    ([x, w1, depthwise, w2]) => {
      const hidden = conv2d(conv2d(x!, w1!, { padding: 1 }), depthwise!, { padding: 1, groups: 2 * C });
      return conv2d(relu(hidden), w2!, { padding: 1 });
    },
  ),
  'a chain with ReLU, and channels that do not fill a block at its ends': problem(
    [
      [2, 3, 6, 5],
      [C, 3, 3, 3],
      [C, C, 3, 3],
      [2, C, 3, 3],
    ],
    ([x, w1, w2, w3]) => {
      const first = relu(conv2d(x!, w1!, { padding: 1 }));
      return conv2d(relu(conv2d(first, w2!, { padding: 1 })), w3!, { padding: 1 });
    },
  ),
  'a residual block whose sum goes on': problem(
    [
      [2, C, 5, 7],
      [C, C, 3, 3],
      [C, C, 3, 3],
    ],
    ([x, w1, w2]) => {
      const inner = add(conv2d(relu(conv2d(x!, w1!, { padding: 1 })), w2!, { padding: 1 }), x!);
      return mul(sigmoid(conv2d(inner, w1!, { padding: 1 })), abs(inner));
    },
  ),
  'a result that is asked for with and without its ReLU': problem(
    [
      [1, C, 4, 6],
      [C, C, 3, 3],
    ],
    ([x, w]) => {
      const y = conv2d(x!, w!, { padding: 1 });
      return mul(relu(y), reduceSum(y, [1]));
    },
  ),
};

describe.skipIf(block === undefined)('convolutions in blocks of channels', () => {
  for (const [name, one] of Object.entries(cases)) {
    it(`${name}: the values and gradients of the common layout`, async () => {
      const expected = await run(one, undefined);
      const found = await run(one, block);
      expect([...found.keys()]).toEqual([...expected.keys()]);
      for (const [output, data] of expected) {
        expect(relativeError(found.get(output)!, data), output).toBeLessThan(2e-6);
      }
    });
  }
});

describe('the blocked layout in a model', () => {
  it('stays from convolution to convolution', () => {
    const graph = new Graph();
    let y = graph.input('x', [1, C, 8, 8]);
    for (let n = 0; n < 5; n++) {
      y = relu(
        conv2d(y, graph.parameter(`w${n}`, [C, C, 3, 3], { kind: 'constant', value: 1 }), { padding: 1 }),
      );
    }
    expect(blockedNodes({ outputs: { y }, parameters: 'inputs', blockedChannels: C })).toEqual({
      ReorderInput: 1,
      Conv: 5,
      ReorderOutput: 1,
    });
  });

  it('is not taken by groups, by 1×1, nor by channels that do not fill blocks', () => {
    const blocks = (x: readonly number[], w: readonly number[], groups = 1) => {
      const graph = new Graph();
      const y = conv2d(graph.input('x', x), graph.input('w', w), { groups });
      return blockedNodes({ outputs: { y }, parameters: 'inputs', blockedChannels: C });
    };
    expect(blocks([1, 2 * C, 8, 8], [2 * C, C, 3, 3], 2)).toEqual({});
    expect(blocks([1, C, 8, 8], [2 * C, 1, 3, 3], C)).toEqual({});
    expect(blocks([1, C, 8, 8], [C, C, 1, 1])).toEqual({});
    expect(blocks([1, C - 1, 8, 8], [C, C - 1, 3, 3])).toEqual({});
    expect(blocks([1, C, 8, 8], [C, 1, 3, 3], C)).toEqual({ ReorderInput: 1, Conv: 1, ReorderOutput: 1 });
  });

  it('is left to onnxruntime where weights are constant, and is not for other devices', () => {
    const graph = new Graph();
    const w = graph.parameter('w', [C, C, 3, 3], { kind: 'constant', value: 1 });
    const outputs = { y: conv2d(graph.input('x', [1, C, 8, 8]), w) };
    const parameters = new Map([['w', new Float32Array(C * C * 9)]]);
    const blocks = (options: Partial<OnnxOptions>) =>
      blockedNodes({ outputs, parameters: 'inputs', blockedChannels: C, ...options });
    expect(blocks({ parameters })).toEqual({});
    expect(blocks({ device: 'webgpu' })).toEqual({});
    expect(blocks({})).toEqual({ ReorderInput: 1, Conv: 1, ReorderOutput: 1 });
  });

  it('tells the size of blocks from their order, and takes no other order for one', () => {
    const [channels, pixels] = [16, 2];
    const inBlocksOf = (size: number) =>
      Array.from({ length: channels / size }, (_, b) =>
        Array.from({ length: pixels }, (_, pixel) =>
          Array.from({ length: size }, (_, c) => (b * size + c) * pixels + pixel),
        ),
      ).flat(2);
    expect(blockSizeOf(inBlocksOf(16))).toBe(16);
    expect(blockSizeOf(inBlocksOf(8))).toBe(8);
    expect(blockSizeOf(inBlocksOf(4))).toBeUndefined();
    expect(blockSizeOf(Array.from({ length: channels * pixels }, (_, n) => n))).toBeUndefined();
  });
});
