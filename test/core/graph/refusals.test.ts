import { describe, expect, it } from 'vitest';
import { TandemError } from '../../../src/core/errors.ts';
import {
  add,
  argmax,
  averagePool2d,
  batchNorm,
  binaryCrossEntropyLoss,
  chunk,
  clamp,
  concat,
  contrastiveEdgeLoss,
  conv2d,
  convTranspose2d,
  crossEntropyLoss,
  deformConv2d,
  diceLoss,
  flip,
  Graph,
  gather,
  globalAveragePool,
  globalMaxPool,
  gradients,
  hardAttention,
  insertZeros,
  l1Loss,
  linear,
  logSoftmax,
  maxPool2d,
  mean,
  mseLoss,
  mul,
  oneHot,
  pad,
  pixelShuffle,
  pixelUnshuffle,
  reduceMax,
  reduceMean,
  reduceSum,
  resize,
  roll,
  selectiveScan,
  slice,
  softmax,
  split,
  ssim,
  stack,
  type Tensor,
  toOnnx,
  unfold,
  upsample,
  windowMerge,
  windowPartition,
} from '../../../src/core/graph/index.ts';
import { runOnnx } from '../../helpers/graph.ts';

type Make = (...shape: number[]) => Tensor;

/** What each operator is asked for in vain, by the name that its error must give. */
const refused: readonly (readonly [name: string, what: string, build: (x: Make) => unknown])[] = [
  ['argmax', 'an axis that is not there', (x) => argmax(x(2, 3), 2)],
  ['gather', 'an axis that is not there', (x) => gather(x(2, 3), x(1).graph.integers([0]), 2)],
  ['gather', 'an index that is not there', (x) => gather(x(2, 3), x(1).graph.integers([3]), 1)],
  ['softmax', 'an axis that is not there', (x) => softmax(x(2, 3), 2)],
  ['logSoftmax', 'an axis that is not there', (x) => logSoftmax(x(2, 3), -3)],
  ['concat', 'an axis that is not there', (x) => concat([x(2, 3), x(2, 3)], 2)],
  ['concat', 'an axis that is not there, of one tensor', (x) => concat([x(2, 3)], 2)],
  ['reduceSum', 'an axis that is not there', (x) => reduceSum(x(2, 3), [2])],
  ['reduceMean', 'an axis that is not there', (x) => reduceMean(x(2, 3), [0.5])],
  ['reduceMax', 'an axis that is not there', (x) => reduceMax(x(2, 3), [-3])],
  ['split', 'an axis that is not there', (x) => split(x(2, 3), [1, 2], 2)],
  ['chunk', 'unequal parts', (x) => chunk(x(2, 3), 2, 1)],
  ['stack', 'an axis that is not there', (x) => stack([x(2), x(2)], 2)],
  ['roll', 'an axis that is not there', (x) => roll(x(2, 3), [1], [2])],
  ['roll', 'half a step', (x) => roll(x(2, 3), [0.5], [1])],
  ['flip', 'an axis that is not there', (x) => flip(x(2, 3), [2])],
  ['insertZeros', 'an axis that is not there', (x) => insertZeros(x(2, 3), 2, 2)],
  ['insertZeros', 'no distance', (x) => insertZeros(x(2, 3), 1, 0)],
  ['slice', 'all, from elsewhere', (x) => slice(x(2, 3), [1, 1], [2, 3])],
  ['slice', 'all, in steps', (x) => slice(x(2, 3), [0, 0], [2, 3], [2, 1])],
  ['slice', 'too few axes', (x) => slice(x(2, 3), [0], [2])],
  ['slice', 'too many axes', (x) => slice(x(2, 3), [0, 0], [2, 3, 4])],
  ['slice', 'half an element', (x) => slice(x(2, 3), [0, 0.5], [2, 2])],
  ['pad', 'halves', (x) => pad(x(4), [0.5], [0.5])],
  ['pad', 'too few axes', (x) => pad(x(2, 3), [0], [0])],
  ['pad', 'too few axes after', (x) => pad(x(2, 3), [-1, 0], [0])],
  ['conv2d', 'half a stride', (x) => conv2d(x(1, 1, 8, 8), x(1, 1, 3, 3), { stride: 1.5 })],
  ['conv2d', 'half a pixel around', (x) => conv2d(x(1, 1, 8, 8), x(1, 1, 3, 3), { padding: 0.5 })],
  [
    'convTranspose2d',
    'a bias for other channels',
    (x) => convTranspose2d(x(1, 2, 4, 4), x(2, 1, 3, 3), { bias: x(3) }),
  ],
  [
    'convTranspose2d',
    'a bias in two axes',
    (x) => convTranspose2d(x(1, 2, 4, 4), x(2, 3, 3, 3), { bias: x(3, 1) }),
  ],
  [
    'convTranspose2d',
    'groups that share channels',
    (x) => convTranspose2d(x(1, 6, 4, 4), x(6, 1, 3, 3), { groups: 4 }),
  ],
  [
    'convTranspose2d',
    'nothing within its padding',
    (x) => convTranspose2d(x(1, 2, 3, 3), x(2, 1, 3, 3), { padding: 4 }),
  ],
  [
    'deformConv2d',
    'half a pixel around',
    (x) => deformConv2d(x(1, 2, 3, 3), x(1, 18, 2, 2), x(1, 9, 2, 2), x(1, 2, 3, 3), { padding: 0.5 }),
  ],
  ['maxPool2d', 'half a window', (x) => maxPool2d(x(1, 1, 8, 8), 2.5)],
  ['averagePool2d', 'half a pixel around', (x) => averagePool2d(x(1, 1, 8, 8), 2, { padding: 0.5 })],
  ['globalAveragePool', 'no images', (x) => globalAveragePool(x(1, 8, 8))],
  ['globalMaxPool', 'volumes', (x) => globalMaxPool(x(1, 1, 2, 8, 8))],
  ['unfold', 'no window', (x) => unfold(x(1, 1, 8, 8), { kernel: [0, 2] })],
  ['resize', 'volumes, of their own size', (x) => resize(x(1, 1, 3, 3, 2), [3, 3], 'bilinear')],
  ['resize', 'part of a pixel', (x) => upsample(x(1, 1, 3, 3), 1.3, 'bicubic')],
  ['pixelShuffle', 'too few channels', (x) => pixelShuffle(x(1, 3, 3, 3), 2)],
  ['pixelUnshuffle', 'no images', (x) => pixelUnshuffle(x(4, 4), 2)],
  ['windowPartition', 'windows that do not fill it', (x) => windowPartition(x(1, 4, 4, 1), [3, 4])],
  ['windowMerge', 'too few windows', (x) => windowMerge(x(3, 2, 2, 1), [4, 4])],
  [
    'hardAttention',
    'values on another grid',
    (x) => hardAttention(x(1, 2, 3, 3), x(1, 2, 3, 3), x(1, 2, 3, 4)),
  ],
  [
    'hardAttention',
    'queries that are no images',
    (x) => hardAttention(x(2, 3, 3), x(1, 2, 3, 3), x(1, 2, 3, 3)),
  ],
  [
    'selectiveScan',
    'a skip connection of another shape',
    (x) =>
      selectiveScan({
        x: x(4, 1, 1, 2),
        z: x(4, 1, 1, 2),
        a: x(1, 2, 2),
        b: x(4, 1, 1, 2),
        c: x(4, 1, 1, 2),
        d: x(4, 1, 1, 2),
      }),
  ],
  ['linear', 'other channels', (x) => linear(x(2, 3), x(4, 2))],
  [
    'batchNorm',
    'other channels',
    (x) => batchNorm(x(1, 2, 3, 3), { gamma: x(3), beta: x(2), mean: x(2), variance: x(2) }),
  ],
  ['clamp', 'bounds the wrong way round', (x) => clamp(x(2), { low: 1, high: 0 })],
  ['l1Loss', 'shapes that broadcast', (x) => l1Loss(x(2, 1, 4, 4), x(2, 4, 4))],
  ['mseLoss', 'shapes that broadcast', (x) => mseLoss(x(2, 1, 4, 4), x(1, 1, 4, 4))],
  ['contrastiveEdgeLoss', 'shapes that broadcast', (x) => contrastiveEdgeLoss(x(2, 1, 4, 4), x(1, 1, 4, 4))],
  ['contrastiveEdgeLoss', 'no images', (x) => contrastiveEdgeLoss(x(4, 4), x(4, 4))],
  ['diceLoss', 'shapes that broadcast', (x) => diceLoss(x(2, 1, 4), x(2, 2, 4))],
  ['diceLoss', 'maps without pixels', (x) => diceLoss(x(2, 1), x(2, 1))],
  ['crossEntropyLoss', 'other pixels', (x) => crossEntropyLoss(x(2, 3, 4), x(2, 5))],
  ['binaryCrossEntropyLoss', 'shapes that broadcast', (x) => binaryCrossEntropyLoss(x(2), x(1))],
  ['oneHot', 'a scalar', (x) => oneHot(x(), 3)],
  ['ssim', 'images below its window', (x) => ssim(x(1, 1, 6, 9), x(1, 1, 6, 9), 1)],
  ['ssim', 'intensities without a range', (x) => ssim(x(1, 1, 8, 8), x(1, 1, 8, 8), 0)],
];

describe('what does not fit is refused, with the operator, the shapes and the place', () => {
  it.each(refused)('%s: %s', (name, _what, build) => {
    const graph = new Graph();
    let made = 0;
    const make: Make = (...shape) => graph.input(`x${made++}`, shape);
    let found: unknown;
    try {
      graph.scope('net', () => graph.scope('head', () => build(make)));
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(TandemError);
    const { code, message } = found as TandemError;
    expect(code).toBe('bad-model');
    // Without statistics of a batch it is the frozen one.
    const operator = name === 'batchNorm' ? 'frozenBatchNorm' : name;
    expect(message).toMatch(new RegExp(`^${operator} at net\\.head, given \\[[\\d, ]*\\]`));
  });
});

describe('gradients are refused', () => {
  const graph = new Graph();
  const x = graph.input('x', [3]);

  it('of what has several elements, or whole numbers', () => {
    expect(() => gradients(x, [x])).toThrow(/not float32 \[3\]/);
    expect(() => gradients(argmax(x, 0), [x])).toThrow(/not int64 \[\]/);
  });

  it('with respect to a tensor of another graph', () => {
    expect(() => gradients(mean(x), [new Graph().input('x', [3])])).toThrow(/another graph/);
  });
});

describe('values of a graph', () => {
  it('fill their shape, and integers are whole', () => {
    const graph = new Graph();
    expect(() => graph.constant([1, 2], [3])).toThrow(/do not fill/);
    expect(() => graph.constant([], [0])).toThrow(/sizes above 0/);
    for (const value of [0.5, 2 ** 31, Number.NaN]) {
      expect(() => graph.integers([value])).toThrow(/whole numbers/);
    }
    expect(graph.integers([-(2 ** 31), 2 ** 31 - 1]).shape).toEqual([2]);
  });

  it('have names that no other value of the model has', () => {
    const graph = new Graph();
    const x = graph.input('x', [3]);
    const twice = (outputs: Record<string, Tensor>) => () =>
      toOnnx({ name: 'm', outputs, parameters: 'inputs' });
    expect(twice({ x: mean(x) })).toThrow(/called x$/);
    graph.parameter('x', [3], { kind: 'constant', value: 0 });
    expect(twice({ y: mean(x) })).toThrow(/called x$/);
  });

  it('may have any name: contrasts are called t1 and t2, as are the values between nodes', async () => {
    const graph = new Graph();
    const names = ['t0', 't1', 't2', 't3', 'constant0', 'constant1'];
    const inputs = names.map((name) => graph.input(name, [2]));
    const sum = inputs.map((x, n) => mul(x, graph.constant([n + 1, 1], [2]))).reduce(add);
    const feeds = new Map(names.map((name, n) => [name, [n, 10 ** n]]));
    const found = await runOnnx({ t4: sum }, feeds);
    expect([...found.get('t4')!]).toEqual([70, 111111]);
  });
});
