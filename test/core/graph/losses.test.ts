import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  binaryCrossEntropyLoss,
  contrastiveEdgeLoss,
  crossEntropyLoss,
  diceLoss,
  evaluateReference,
  Graph,
  gradients,
  oneHot,
  type Shape,
  softmax,
  ssim,
  ssimLoss,
  type Tensor,
} from '../../../src/core/graph/index.ts';
import { createRandom } from '../../../src/core/random.ts';
import { dice, ssimVolume } from '../../../src/core/volume/metrics.ts';
import { vectorsRoot } from '../../helpers/data.ts';
import { runOnnx } from '../../helpers/graph.ts';
import { readFixtures } from '../../helpers/safetensors.ts';

type Values = readonly [Shape, ArrayLike<number>];

/** A loss of two tensors: from the float64 reference, after the CPU engine gave the same to 1e-5. */
async function lossOf(
  [shapeA, a]: Values,
  [shapeB, b]: Values,
  build: (a: Tensor, b: Tensor) => Tensor,
): Promise<number> {
  const graph = new Graph();
  const y = build(graph.input('a', shapeA), graph.input('b', shapeB));
  expect(y.shape).toEqual([]);
  const feeds = new Map([
    ['a', a],
    ['b', b],
  ]);
  const reference = evaluateReference([y], feeds)[0]!.data[0]!;
  const onnx = (await runOnnx({ y }, feeds)).get('y')![0]!;
  expect(Math.abs(onnx - reference)).toBeLessThan(1e-5 * Math.max(1, Math.abs(reference)));
  return reference;
}

const vectors = vectorsRoot();

describe('contrastive edge loss', () => {
  it.runIf(vectors !== undefined)('has the values of vectors/common, in both weightings', async () => {
    const fixtures = readFixtures(join(vectors!, 'common/fixtures.safetensors'));
    const [sr, hr] = ['sr', 'hr'].map((name): Values => {
      const { shape, data } = fixtures.get(name)!;
      return [shape, data];
    }) as [Values, Values];
    const pixels = sr[1].length;
    const expected = fixtures.get('ce_mean')!.data[0]!;
    expect(await lossOf(sr, hr, (a, b) => contrastiveEdgeLoss(a, b))).toBeCloseTo(expected, 10);
    // The vector's sum is over pixels too; Deform-Mamba's weighting here is over kernels, meant over pixels.
    const sum = fixtures.get('ce_sum')!.data[0]! / pixels;
    expect(await lossOf(sr, hr, (a, b) => contrastiveEdgeLoss(a, b, 'sum'))).toBeCloseTo(sum, 10);
  });

  it('sees the border as zeros, and nothing in a flat difference off it', async () => {
    const shape = [1, 1, 5, 5];
    const flat = new Array<number>(25).fill(1);
    // Of a difference of 1: sums of the kernels' taps that fall outside, squared.
    const corner = 2 ** 2 + 3 ** 2 + 5 ** 2;
    const edge = 1 ** 2 + 2 ** 2 + 3 ** 2;
    const expected = (4 * corner + 12 * edge) / 25 / 3;
    const zeros = new Array<number>(25).fill(0);
    expect(await lossOf([shape, flat], [shape, zeros], contrastiveEdgeLoss)).toBeCloseTo(expected, 12);
  });
});

describe('SSIM', () => {
  it('is the measure of core/volume', async () => {
    const random = createRandom(8);
    const [rows, columns] = [17, 23];
    const truth = Float32Array.from(
      { length: rows * columns },
      (_, n) => 2 + Math.sin(n / 7) + random.uniform(),
    );
    const image = truth.map((value) => value + random.normal(0, 0.3));
    const peak = truth.reduce((a, b) => Math.max(a, b));
    const expected = ssimVolume([truth], [image], rows, columns);
    const shape = [1, 1, rows, columns];
    const value = await lossOf([shape, truth], [shape, image], (a, b) => ssim(a, b, peak));
    expect(value).toBeCloseTo(expected, 10);
    expect(expected).toBeLessThan(0.95);
    expect(await lossOf([shape, truth], [shape, image], (a, b) => ssimLoss(a, b, peak))).toBeCloseTo(
      1 - expected,
      10,
    );
    expect(await lossOf([shape, truth], [shape, truth], (a, b) => ssimLoss(a, b, peak))).toBeCloseTo(0, 10);
  });

  it('refuses images smaller than its window', () => {
    const graph = new Graph();
    const [a, b] = [graph.input('a', [1, 1, 6, 9]), graph.input('b', [1, 1, 6, 9])];
    expect(() => ssim(a, b, 1)).toThrow(/ssim, given \[1, 1, 6, 9\].*7 × 7 pixels or more/);
  });
});

describe('Dice', () => {
  it('is 1 − the overlap of masks where nothing is smoothed', async () => {
    const a = [1, 1, 0, 0, 1, 0];
    const b = [1, 0, 0, 1, 1, 0];
    const shape = [1, 1, 2, 3];
    expect(await lossOf([shape, a], [shape, b], (p, g) => diceLoss(p, g, 0))).toBeCloseTo(1 - dice(a, b), 12);
  });

  it('is the mean over images and classes; an absent class counts as right', async () => {
    const shape = [1, 2, 1, 2];
    const value = await lossOf([shape, [1, 1, 0, 0]], [shape, [1, 0, 0, 0]], (p, g) => diceLoss(p, g));
    expect(value).toBeCloseTo(1 - ((2 + 1) / (3 + 1) + 1) / 2, 12);
  });

  it('refuses other shapes', () => {
    const graph = new Graph();
    expect(() => diceLoss(graph.input('a', [1, 1, 4]), graph.input('b', [1, 4, 1]))).toThrow(
      /diceLoss, given \[1, 1, 4\], \[1, 4, 1\]: it takes two tensors of one shape/,
    );
  });
});

/** Expected numbers: PyTorch 1.13 in float64. */
describe('cross-entropy', () => {
  const logits: Values = [
    [1, 3, 2, 2],
    [1, -2, 0.5, 3, 0.25, 1, -1, 2, 2, 0, 1, -1],
  ];
  const classes: Values = [
    [1, 2, 2],
    [0, 2, 1, 1],
  ];

  it('has the values of PyTorch, from class numbers and from probabilities', async () => {
    expect(await lossOf(logits, classes, crossEntropyLoss)).toBeCloseTo(1.665846811139104, 12);
    const hot = [1, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0, 0];
    expect(await lossOf(logits, [logits[0], hot], crossEntropyLoss)).toBeCloseTo(1.665846811139104, 12);
    const soft = hot.map((one) => 0.8 * one + 0.2 / 3);
    expect(await lossOf(logits, [logits[0], soft], crossEntropyLoss)).toBeCloseTo(1.653346811139104, 12);
  });

  it('binary, with logits', async () => {
    const truth = [1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1];
    expect(await lossOf(logits, [logits[0], truth], binaryCrossEntropyLoss)).toBeCloseTo(
      0.999070283909389,
      12,
    );
  });

  it('stays finite where exponentials overflow', async () => {
    const shape = [1, 2, 1, 1];
    expect(await lossOf([shape, [1000, -1000]], [[1, 1, 1], [1]], crossEntropyLoss)).toBe(2000);
    expect(await lossOf([[2], [1000, -1000]], [[2], [0, 0]], binaryCrossEntropyLoss)).toBe(500);
  });

  it('its gradient is softmax − truth', async () => {
    const graph = new Graph();
    const z = graph.input('a', logits[0]);
    const truth = graph.constant(classes[1], classes[0]);
    const [derived] = gradients(crossEntropyLoss(z, truth), [z]);
    const hot = oneHot(truth, 3);
    const [g, p, t] = evaluateReference([derived!, softmax(z, 1), hot], new Map([['a', logits[1]]]));
    g!.data.forEach((value, n) => {
      expect(value).toBeCloseTo((p!.data[n]! - t!.data[n]!) / 4, 12);
    });
  });

  it('refuses a truth that is neither', () => {
    const graph = new Graph();
    const z = graph.input('z', [2, 3, 4]);
    expect(() => crossEntropyLoss(z, graph.input('t', [2, 5]))).toThrow(
      /given \[2, 3, 4\], \[2, 5\]: the truth is neither the classes/,
    );
    expect(() => binaryCrossEntropyLoss(z, graph.input('u', [2, 3]))).toThrow(
      /takes two tensors of one shape/,
    );
  });
});
