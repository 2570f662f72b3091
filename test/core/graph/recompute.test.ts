import { describe, expect, it } from 'vitest';
import { nodesBehind } from '../../../src/core/graph/graph.ts';
import {
  add,
  argmax,
  batchNorm,
  concat,
  conv2d,
  evaluateReference,
  exp,
  Graph,
  gather,
  gradients,
  hardAttention,
  mean,
  mseLoss,
  mul,
  ONES,
  reduceSum,
  relu,
  reshape,
  softmax,
  split,
  type Tensor,
  ZEROS,
} from '../../../src/core/graph/index.ts';
import { createRandom } from '../../../src/core/random.ts';
import { relativeError, runOnnx } from '../../helpers/graph.ts';

/** Three blocks of two convolutions on one image; each block is kept or computed again. */
function stack(again: boolean) {
  const graph = new Graph();
  const x = graph.input('x', [1, 2, 9, 7]);
  const weights: Tensor[] = [];
  let y = x;
  for (let block = 0; block < 3; block++) {
    const build = (input: Tensor) =>
      graph.scope(`block${block}`, () => {
        const w1 = graph.parameter('w1', [4, 2, 3, 3], { kind: 'normal', standardDeviation: 0.3 });
        const w2 = graph.parameter('w2', [2, 4, 3, 3], { kind: 'normal', standardDeviation: 0.3 });
        weights.push(w1, w2);
        const hidden = relu(conv2d(input, w1, { padding: 1 }));
        return add(conv2d(hidden, w2, { padding: 1 }), input);
      });
    const input = y;
    y = again ? graph.recompute(() => build(input)) : build(input);
  }
  const loss = mseLoss(y, graph.input('truth', y.shape));
  return { graph, loss, derived: gradients(loss, [x, ...weights]) };
}

function feedsOf(graph: Graph, image: readonly number[] = [1, 2, 9, 7]) {
  const random = createRandom(5);
  const draw = (shape: readonly number[]) =>
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal(0, 0.5));
  return new Map([
    ...(['x', 'truth'] as const).map((name) => [name, draw(image)] as const),
    ...graph.parameters.map(({ path, tensor }) => [path, draw(tensor.shape)] as const),
  ]);
}

describe('blocks that are computed again on the way back', () => {
  const kept = stack(false);
  const again = stack(true);
  const feeds = feedsOf(kept.graph);

  it('give the same gradients, in float64 and in onnxruntime', async () => {
    const expected = evaluateReference([kept.loss, ...kept.derived], feeds).map(({ data }) => data);
    const found = evaluateReference([again.loss, ...again.derived], feeds).map(({ data }) => data);
    expected.forEach((data, n) => {
      expect(relativeError(found[n]!, data)).toBeLessThan(1e-14);
    });
    const outputs = Object.fromEntries([again.loss, ...again.derived].map((tensor, n) => [`o${n}`, tensor]));
    const onnx = await runOnnx(outputs, feeds);
    expected.forEach((data, n) => {
      expect(relativeError(onnx.get(`o${n}`)!, data)).toBeLessThan(1e-5);
    });
  });

  it('are computed once more, each after the way back has come to it', () => {
    const convolutions = (tensors: readonly Tensor[], place: RegExp) =>
      nodesBehind(tensors).filter((node) => node.operator === 'conv2d' && place.test(node.place)).length;
    expect(convolutions(kept.derived, /again/)).toBe(0);
    // The second convolution of a block is only needed forward: nothing of its own output is asked for again.
    expect(convolutions(again.derived, /again\(block\d\)$/)).toBe(3);
    const copies = nodesBehind(again.derived).filter(
      ({ operator, place }) => operator !== 'after' && place.startsWith('again('),
    );
    const before = new Set(nodesBehind([again.loss]));
    for (const { inputs } of copies) {
      for (const { origin } of inputs) {
        if (origin.kind === 'node' && before.has(origin.node)) {
          throw new Error(`${origin.node.operator} at ${origin.node.place} is used again without waiting`);
        }
      }
    }
  });
});

/**
 * Blocks that give several tensors, one of them whole numbers and one that nobody uses, with a block inside each,
 * running statistics and operators of several outputs.
 */
function branching(again: boolean) {
  const graph = new Graph({ training: true, recompute: again ? 'blocks' : 'none' });
  const x = graph.input('x', [2, 4, 6, 6]);
  const weight = (name: string, shape: readonly number[]) =>
    graph.parameter(name, shape, { kind: 'normal', standardDeviation: 0.4 });
  const [w1, w2, gamma, beta] = [
    weight('w1', [4, 4, 3, 3]),
    weight('w2', [4, 4, 1, 1]),
    weight('gamma', [4]),
    weight('beta', [4]),
  ];
  const statistics = {
    mean: graph.buffer('mean', [4], ZEROS),
    variance: graph.buffer('variance', [4], ONES),
  };
  const [a, b, index] = graph.block('first', () => {
    const normal = batchNorm(conv2d(x, w1, { padding: 1 }), { gamma, beta, ...statistics });
    const [p, q] = graph.block('inner', () => split(relu(normal), [1, 3], 1));
    return [p!, q!, argmax(reshape(q!, [36, 6]), 1), exp(normal)] as const;
  });
  const [s, t] = graph.block('second', () => {
    const joined = graph.block('inner', () => conv2d(concat([a, b], 1), w2));
    return [gather(mul(b, b), index, 3), softmax(joined, 1)] as const;
  });
  const third = graph.block('third', () => mul(hardAttention(a, a, mul(b, b)), b));
  const loss = [s, t, third, a].map((tensor) => mean(mul(tensor, tensor))).reduce(add);
  const of = [x, w1, w2, gamma, beta];
  const first = gradients(loss, of);
  const norm = first.map((gradient) => reduceSum(mul(gradient, gradient))).map((sum) => reshape(sum, []));
  return {
    graph,
    loss,
    outputs: [loss, ...first, ...gradients(norm.reduce(add), of), ...graph.updates.values()],
  };
}

describe('blocks with several results, blocks within them, and buffers', () => {
  const kept = branching(false);
  const again = branching(true);
  const feeds = feedsOf(kept.graph, [2, 4, 6, 6]);
  feeds.set('variance', Float32Array.of(0.5, 1, 2, 1));

  it('give the same gradients, the same second ones and the same statistics', async () => {
    const expected = evaluateReference(kept.outputs, feeds).map(({ data }) => data);
    const found = evaluateReference(again.outputs, feeds).map(({ data }) => data);
    expect(expected.every((data) => data.some((value) => value !== 0))).toBe(true);
    expected.forEach((data, n) => {
      expect(relativeError(found[n]!, data)).toBeLessThan(1e-13);
    });
    const onnx = await runOnnx(
      Object.fromEntries(again.outputs.map((tensor, n) => [`o${n}`, tensor])),
      feeds,
    );
    expected.forEach((data, n) => {
      expect(relativeError(onnx.get(`o${n}`)!, data)).toBeLessThan(1e-5);
    });
  });

  it('are computed again, the inner ones with the outer', () => {
    const places = nodesBehind(again.outputs.slice(0, 6)).map(({ place }) => place);
    for (const place of ['again(first)', 'again(first.inner)', 'again(second)', 'again(third)']) {
      expect(places).toContain(place);
    }
    expect(nodesBehind(kept.outputs).some(({ place }) => place.includes('again('))).toBe(false);
  });
});

describe('buffers', () => {
  it('can be updated once, by a tensor of their shape, and nothing else can', () => {
    const graph = new Graph();
    const mean = graph.buffer('mean', [3], { kind: 'constant', value: 0 });
    const weight = graph.parameter('weight', [3], { kind: 'constant', value: 0 });
    expect(() => graph.update(weight, mean)).toThrow(/weight cannot be updated/);
    expect(() => graph.update(mean, graph.constant([1, 2], [2]))).toThrow(/has the shape \[3\]/);
    const next = mul(mean, 0.9);
    graph.update(mean, next);
    expect(graph.updates.get('mean')).toBe(next);
    expect(() => graph.update(mean, next)).toThrow(/mean cannot be updated/);
  });
});
