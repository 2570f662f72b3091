import { describe, expect, it } from 'vitest';
import {
  add,
  concat,
  conv2d,
  Graph,
  mul,
  reduceSum,
  reshape,
  slice,
  transpose,
} from '../../../src/core/graph/index.ts';
import { checkOperator } from '../../helpers/graph.ts';
import { operatorCases } from './cases/index.ts';

describe('operators, against the float64 reference and finite differences', () => {
  for (const operatorCase of operatorCases) {
    it(operatorCase.name, async () => {
      expect(operatorCase.shapes.length).toBeGreaterThanOrEqual(3);
      for (const shapes of operatorCase.shapes) {
        const errors = await checkOperator(shapes, operatorCase.build, operatorCase);
        const label = JSON.stringify(shapes);
        expect(errors.forward, `forward ${label}`).toBeLessThan(1e-6);
        if (operatorCase.differentiable === false) continue;
        expect(errors.onnx, `gradient ${label}`).toBeLessThan(1e-5);
        expect(errors.finiteDifferences, `differences ${label}`).toBeLessThan(1e-5);
      }
    });
  }

  it('differentiates a gradient again: it is graph like any other', async () => {
    const errors = await checkOperator(
      [
        [1, 2, 5, 6],
        [2, 2, 3, 3],
      ],
      ([x, w]) => {
        const y = conv2d(mul(x!, x!), w!, { padding: 1 });
        return mul(y, conv2d(x!, w!, { padding: 1 }));
      },
    );
    expect(errors.finiteDifferences).toBeLessThan(1e-5);
  });
});

describe('shape rules', () => {
  const graph = new Graph();
  const x = graph.input('x', [1, 2, 8, 6]);

  it('name the operator, the shapes and the place in the network', () => {
    expect(() =>
      graph.scope('srcnn', () => graph.scope('mapping', () => conv2d(x, graph.input('w', [4, 3, 3, 3])))),
    ).toThrow(/conv2d at srcnn\.mapping, given \[1, 2, 8, 6\], \[4, 3, 3, 3\]: x has 2 channels, w takes 3/);
  });

  it('refuse what does not fit', () => {
    const a = graph.input('a', [3, 4]);
    expect(() => add(a, x)).toThrow(/do not broadcast/);
    expect(() => reshape(a, [5])).toThrow(/do not fill/);
    expect(() => transpose(a, [0, 0])).toThrow(/permutation/);
    expect(() => slice(a, [0, 2], [3, 3])).toThrow(/leaves the tensor/);
    expect(() => concat([a, graph.input('b', [2, 5])], 1)).toThrow(/differ outside axis 1/);
    expect(() => reduceSum(a, [2])).toThrow(/no axis 2/);
    expect(() => conv2d(x, graph.input('large', [1, 2, 9, 9]))).toThrow(/larger than the padded image/);
    expect(() => conv2d(x, graph.input('ok', [1, 2, 3, 3]), { bias: graph.input('bias', [2]) })).toThrow(
      /bias needs 1/,
    );
    expect(() => graph.input('x', [1])).toThrow(/made twice/);
    expect(() => graph.input('empty', [0])).toThrow(/sizes above 0/);
    expect(() => add(a, new Graph().input('a', [3, 4]))).toThrow(/another graph/);
  });
});
