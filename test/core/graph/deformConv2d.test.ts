import { join } from 'node:path';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import {
  conv2d,
  deformConv2d,
  evaluateReference,
  Graph,
  type GraphDevice,
  gradients,
  mul,
  multiplyAccumulates,
  reduceSum,
  type Tensor,
  toOnnx,
} from '../../../src/core/graph/index.ts';
import { rowBandsOf } from '../../../src/core/graph/operators/deformConv2d/bands.ts';
import { deformSizes } from '../../../src/core/graph/operators/deformConv2d/geometry.ts';
import { movingSpan } from '../../../src/core/graph/operators/deformConv2d/span.ts';
import { deformBlock } from '../../../src/core/networks/blocks/deformBlock.ts';
import { createRandom, type Random } from '../../../src/core/random.ts';
import { sessionOptions } from '../../../src/main/runtime/session.ts';
import { vectorsRoot } from '../../helpers/data.ts';
import { type Feeds, relativeError, runOnnx } from '../../helpers/graph.ts';
import { readFixtures } from '../../helpers/safetensors.ts';

interface Problem {
  readonly y: Tensor;
  readonly inputs: Readonly<Record<'x' | 'offset' | 'mask' | 'w', Tensor>>;
  readonly outputs: Readonly<Record<'y' | 'dx' | 'dOffset' | 'dMask' | 'dw', Tensor>>;
  readonly feeds: Map<string, Float32Array>;
}

interface Sizes {
  readonly images?: number;
  readonly channels: number;
  readonly outChannels: number;
  readonly rows: number;
  readonly columns: number;
  readonly kernel?: number;
  readonly stride?: number;
  readonly padding?: number;
}

/** How the operator goes over its output: bands of an image, and whether dL/dx is made by a moving span. */
function wayOver({ inputs }: Problem, { stride = 1, padding = 1 }: Sizes, device: GraphDevice) {
  const sizes = deformSizes(
    Object.values(inputs).map(({ shape }) => shape),
    { stride: [stride, stride], dilation: [1, 1], padding: [padding, padding, padding, padding] },
  );
  const bands = rowBandsOf(sizes, device);
  return { bands: bands.count, moving: movingSpan(sizes, bands) !== undefined };
}

/** A deformable convolution with its gradient for a random dL/dy, and values to run it on. */
function problem(sizes: Sizes, drawOffset: (random: Random) => number): Problem {
  const { images = 1, channels, outChannels, rows, columns, kernel = 3, stride = 1, padding = 1 } = sizes;
  const graph = new Graph();
  const outRows = Math.floor((rows + 2 * padding - kernel) / stride) + 1;
  const outColumns = Math.floor((columns + 2 * padding - kernel) / stride) + 1;
  const inputs = {
    x: graph.input('x', [images, channels, rows, columns]),
    offset: graph.input('offset', [images, 2 * kernel * kernel, outRows, outColumns]),
    mask: graph.input('mask', [images, kernel * kernel, outRows, outColumns]),
    w: graph.input('w', [outChannels, channels, kernel, kernel]),
  };
  const y = deformConv2d(inputs.x, inputs.offset, inputs.mask, inputs.w, { stride, padding });
  const dy = graph.input('dy', y.shape);
  const [dx, dOffset, dMask, dw] = gradients(reduceSum(mul(y, dy)), Object.values(inputs)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  const random = createRandom(5);
  const feeds = new Map(
    [...Object.entries(inputs), ['dy', dy] as const].map(([name, { shape }]) => [
      name,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
        name === 'offset' ? drawOffset(random) : random.normal(),
      ),
    ]),
  );
  return { y, inputs, outputs: { y, dx, dOffset, dMask, dw }, feeds };
}

/** ‖onnx − reference‖ / ‖reference‖ of each output. */
async function errorsOf(outputs: Readonly<Record<string, Tensor>>, feeds: Feeds) {
  const expected = evaluateReference(Object.values(outputs), feeds);
  const found = await runOnnx(outputs, feeds);
  return Object.fromEntries(
    Object.keys(outputs).map((name, n) => [name, relativeError(found.get(name)!, expected[n]!.data)]),
  );
}

/** Within ±reach, away from whole pixels. */
const within = (reach: number) => (random: Random) =>
  random.integer(2 * reach) - reach + random.between(0.05, 0.95);

describe('deformConv2d, band by band', () => {
  const cases: readonly {
    readonly name: string;
    readonly sizes: Sizes;
    readonly reach: number;
    readonly moving: boolean;
  }[] = [
    {
      name: 'several bands of two images',
      sizes: { images: 2, channels: 24, outChannels: 3, rows: 60, columns: 40 },
      reach: 3,
      moving: false,
    },
    {
      name: 'an image so large that dL/dx is made by a moving span',
      sizes: { channels: 64, outChannels: 2, rows: 128, columns: 124, kernel: 2 },
      reach: 3,
      moving: true,
    },
    {
      name: 'the same of two images, with stride 2',
      sizes: { images: 2, channels: 64, outChannels: 1, rows: 161, columns: 99, kernel: 2, stride: 2 },
      reach: 8,
      moving: true,
    },
    {
      name: 'taps moved further than the span reaches',
      sizes: { channels: 64, outChannels: 1, rows: 128, columns: 124, kernel: 2, padding: 0 },
      reach: 40,
      moving: true,
    },
  ];
  for (const { name, sizes, reach, moving } of cases) {
    it(name, async () => {
      const large = problem(sizes, within(reach));
      const way = wayOver(large, sizes, 'cpu');
      expect(way.bands).toBeGreaterThan(1);
      expect(way.moving).toBe(moving);
      const errors = await errorsOf(large.outputs, large.feeds);
      expect(errors.y).toBeLessThan(1e-6);
      for (const gradient of ['dx', 'dOffset', 'dMask', 'dw']) {
        expect(errors[gradient], gradient).toBeLessThan(1e-5);
      }
    });
  }

  it.each(['webgpu', 'cuda'] as const)('gives the same in the form that %s gets', async (device) => {
    const sizes = { channels: 64, outChannels: 2, rows: 128, columns: 124 };
    const large = problem(sizes, within(3));
    expect(wayOver(large, sizes, device).bands).toBeGreaterThan(1);
    const session = await InferenceSession.create(
      toOnnx({ name: 'test', outputs: large.outputs, parameters: 'inputs', device }),
      sessionOptions('cpu'),
    );
    const feeds = Object.fromEntries(
      session.inputMetadata.map((input) => {
        const { name } = input;
        const { shape } = input as InferenceSession.TensorValueMetadata;
        return [name, new OrtTensor('float32', large.feeds.get(name)!, shape as readonly number[])];
      }),
    );
    const found = await session.run(feeds);
    await session.release();
    for (const [name, data] of await runOnnx(large.outputs, large.feeds)) {
      // DeformConv adds offsets to positions before it rounds.
      const bound = device === 'cuda' && name === 'y' ? 1e-5 : 1e-6;
      expect(relativeError(found[name]!.data as Float32Array, data), name).toBeLessThan(bound);
    }
  });

  it('gives the same bits every time', async () => {
    const { outputs, feeds } = problem({ channels: 64, outChannels: 8, rows: 128, columns: 124 }, within(3));
    const first = await runOnnx(outputs, feeds);
    const second = await runOnnx(outputs, feeds);
    for (const [name, data] of first) {
      expect(Buffer.from(data.buffer).equals(Buffer.from(second.get(name)!.buffer)), name).toBe(true);
    }
  });

  it('places samples without rounding where positions are large', async () => {
    const { y, feeds } = problem({ channels: 1, outChannels: 2, rows: 3, columns: 4000 }, within(2));
    expect((await errorsOf({ y }, feeds)).y).toBeLessThan(3e-7);
  });
});

describe('deformConv2d at whole pixels', () => {
  it('is the plain convolution by half of the weight where offsets are 0 and the mask is ½', async () => {
    const sizes = { images: 2, channels: 3, outChannels: 4, rows: 7, columns: 5 };
    const { y, inputs, feeds } = problem(sizes, () => 0);
    feeds.set('mask', feeds.get('mask')!.fill(0.5));
    const plain = mul(conv2d(inputs.x, inputs.w, { padding: 1 }), 0.5);
    const found = await runOnnx({ y, plain }, feeds);
    expect(relativeError(found.get('y')!, found.get('plain')!)).toBeLessThan(3e-7);
  });

  it('has the derivative towards larger offsets, as torchvision has', async () => {
    // One tap on a 3×3 image, at every pixel itself; y = x, so dy/dΔ is the difference to the next pixel.
    const x = [1, 2, 4, 8, 16, 32, 64, 128, 256];
    const { outputs, feeds } = problem(
      { channels: 1, outChannels: 1, rows: 3, columns: 3, kernel: 1, padding: 0 },
      () => 0,
    );
    for (const name of ['mask', 'w', 'dy']) feeds.set(name, feeds.get(name)!.fill(1));
    feeds.set('x', Float32Array.from(x));
    const next = (n: number, down: number, right: number) => {
      const [row, column] = [Math.floor(n / 3) + down, (n % 3) + right];
      return row < 3 && column < 3 ? x[row * 3 + column]! : 0;
    };
    const { y, dOffset, dMask, dx } = Object.fromEntries(await runOnnx(outputs, feeds));
    expect([...y!]).toEqual(x);
    expect([...dMask!]).toEqual(x);
    expect([...dx!]).toEqual(x.map(() => 1));
    expect([...dOffset!.slice(0, 9)]).toEqual(x.map((value, n) => next(n, 1, 0) - value));
    expect([...dOffset!.slice(9)]).toEqual(x.map((value, n) => next(n, 0, 1) - value));
    const errors = await errorsOf(outputs, feeds);
    for (const [name, error] of Object.entries(errors)) expect(error, name).toBe(0);
  });

  it('has no value and no derivative where a sample lies a whole pixel outside', async () => {
    for (const offset of [-3, 3, -1000, 1e9, -1e30]) {
      const { outputs, feeds } = problem(
        { channels: 2, outChannels: 1, rows: 3, columns: 3, kernel: 1, padding: 0 },
        () => offset,
      );
      for (const [name, data] of await runOnnx(outputs, feeds)) {
        expect(
          data.every((value) => value === 0),
          `${name} at ${offset}`,
        ).toBe(true);
      }
    }
  });

  it('gives no number for an offset that is none, and there alone', async () => {
    for (const offset of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const { y, outputs, feeds } = problem(
        { channels: 2, outChannels: 1, rows: 3, columns: 4, kernel: 1, padding: 0 },
        () => 0.25,
      );
      feeds.get('offset')![5] = offset;
      const found = await runOnnx(outputs, feeds);
      expect([...found.get('y')!].map(Number.isNaN)).toEqual(
        Array.from({ length: y.shape[2]! * y.shape[3]! }, (_, n) => n === 5),
      );
      expect(found.get('dw')!.every(Number.isNaN)).toBe(true);
    }
  });
});

describe('deformConv2d refuses what does not fit', () => {
  const graph = new Graph();
  const x = graph.input('x', [1, 2, 8, 6]);
  const offset = graph.input('offset', [1, 18, 8, 6]);
  const mask = graph.input('mask', [1, 9, 8, 6]);
  const w = graph.input('w', [4, 2, 3, 3]);

  it('naming the shape that it needs', () => {
    expect(deformConv2d(x, offset, mask, w, { padding: 1 }).shape).toEqual([1, 4, 8, 6]);
    expect(() => deformConv2d(x, offset, mask, w)).toThrow(/offset has to be \[1, 18, 6, 4\]/);
    expect(() => deformConv2d(x, mask, mask, w, { padding: 1 })).toThrow(/offset has to be \[1, 18, 8, 6\]/);
    expect(() => deformConv2d(x, offset, offset, w, { padding: 1 })).toThrow(/mask has to be \[1, 9, 8, 6\]/);
    expect(() => deformConv2d(mask, offset, mask, w, { padding: 1 })).toThrow(/x has 9 channels, w takes 2/);
    expect(() => deformConv2d(x, offset, mask, graph.input('large', [1, 2, 9, 9]))).toThrow(
      /larger than the padded image/,
    );
    expect(() => deformConv2d(x, offset, mask, w, { padding: 1, bias: graph.input('bias', [3]) })).toThrow(
      /bias needs 4 values/,
    );
    expect(() => deformConv2d(x, offset, mask, w, { stride: 0 })).toThrow(/start at 1/);
    expect(() => deformConv2d(x, offset, graph.input('flat', [9, 48]), w, { padding: 1 })).toThrow(
      /it takes x \[N, C, H, W\]/,
    );
    const wide = graph.input('wide', [1, 1, 4096, 4097]);
    const one = (name: string, channels: number) => graph.input(name, [1, channels, 4096, 4097]);
    expect(() => deformConv2d(wide, one('o', 2), one('m', 1), graph.input('k', [1, 1, 1, 1]))).toThrow(
      /more than 16777216 pixels/,
    );
  });

  it('and to be differentiated twice', () => {
    const y = deformConv2d(x, offset, mask, w, { padding: 1 });
    const [dx] = gradients(reduceSum(mul(y, y)), [x]);
    expect(() => gradients(reduceSum(mul(dx!, dx!)), [w])).toThrow(/cannot be differentiated again/);
  });

  it('counts the multiply-accumulates of a plain convolution', () => {
    const y = deformConv2d(x, offset, mask, w, { padding: 1 });
    expect(multiplyAccumulates([y])).toBe(4 * 8 * 6 * 2 * 9);
  });
});

describe('deformBlock', () => {
  it('starts as a plain convolution by half of its weight, and knows its parameters', async () => {
    const graph = new Graph();
    const x = graph.input('x', [1, 3, 6, 5]);
    const y = graph.scope('deform', () => deformBlock(graph, x));
    expect(graph.parameters.map(({ path, tensor }) => [path, tensor.shape])).toEqual([
      ['deform.offset.weight', [18, 3, 3, 3]],
      ['deform.offset.bias', [18]],
      ['deform.mask.weight', [9, 3, 3, 3]],
      ['deform.mask.bias', [9]],
      ['deform.weight', [3, 3, 3, 3]],
    ]);
    const random = createRandom(2);
    const feeds = new Map<string, Float32Array>([
      ['x', Float32Array.from({ length: 90 }, () => random.normal())],
    ]);
    for (const { path, tensor, initializer } of graph.parameters) {
      const zero = initializer.kind === 'constant' && initializer.value === 0;
      const length = tensor.shape.reduce((a, b) => a * b, 1);
      feeds.set(
        path,
        Float32Array.from({ length }, () => (zero ? 0 : random.normal())),
      );
    }
    const weight = graph.parameters.at(-1)!.tensor;
    const plain = mul(conv2d(x, weight, { padding: 1 }), 0.5);
    const found = await runOnnx({ y, plain }, feeds);
    expect(relativeError(found.get('y')!, found.get('plain')!)).toBeLessThan(3e-7);
  });

  const vectors = vectorsRoot();
  it.skipIf(vectors === undefined)(
    'agrees with its reference on the weights of GLMamba’s vectors',
    async () => {
      const folder = join(vectors!, 'glmamba');
      const weights = readFixtures(join(folder, 'x2.weights.safetensors'));
      const stage = readFixtures(join(folder, 'x2.io.safetensors')).get('inter/lr.0')!;
      const graph = new Graph();
      const x = graph.input('x', stage.shape);
      const y = graph.scope('lr.1', () => graph.scope('deform', () => deformBlock(graph, x)));
      const feeds = new Map<string, ArrayLike<number>>([['x', Float32Array.from(stage.data)]]);
      for (const { path, tensor } of graph.parameters) {
        const stored = weights.get(path)!;
        expect(stored.shape, path).toEqual(tensor.shape);
        feeds.set(path, Float32Array.from(stored.data));
      }
      expect((await errorsOf({ y }, feeds)).y).toBeLessThan(1e-5);
    },
  );
});
