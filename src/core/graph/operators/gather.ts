import { applyOne } from '../graph.ts';
import { at, fromFunction, ndarray } from '../ndarray.ts';
import type { Operator } from '../operator.ts';
import { elementCount, float32, ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { axisOf } from './axis.ts';
import { reshape, transpose } from './shapes.ts';

/**
 * y[p…, k…, q…] = x[p…, indices[k…], q…]: along `axis` the slices that the indices name. An index outside
 * of x is an error, if not before then when the graph runs.
 */
const GATHER: Operator<{ readonly axis: number }> = {
  name: 'gather',
  inputTypes: ['float32', 'int64'],
  infer: ([x, indices], { axis }) => [float32([...x!.shape].toSpliced(axis, 1, ...indices!.shape))],
  onnx: (emit, inputs, { axis }) => emit.node('Gather', inputs, { axis: { int: axis } }),
  gradient: ({ inputs, attributes: { axis }, outputGradients: [dy], needed }) => {
    const [x, indices] = inputs as [Tensor, Tensor];
    if (dy === undefined || !needed[0]) return [];
    const before = elementCount(x.shape.slice(0, axis));
    const taken = elementCount(indices.shape);
    const after = elementCount(x.shape.slice(axis + 1));
    // Rows are added to rows, so the axis comes to the front.
    const rows = before === 1 ? dy : transpose(reshape(dy, [before, taken, after]), [1, 0, 2]);
    const size = x.shape[axis]!;
    const sums = scatterAdd(reshape(rows, [taken, before * after]), indices, size);
    return [
      before === 1
        ? reshape(sums, x.shape)
        : reshape(transpose(reshape(sums, [size, before, after]), [1, 0, 2]), x.shape),
    ];
  },
  reference: ([x, indices], { axis }) => [
    fromFunction([...x!.shape].toSpliced(axis, 1, ...indices!.shape), (index) => {
      const k = indices!.shape.length;
      const chosen = at(indices!, index.slice(axis, axis + k));
      if (chosen < 0 || chosen >= x!.shape[axis]!) throw new RangeError(`There is no index ${chosen}`);
      return at(x!, [...index].toSpliced(axis, k, chosen));
    }),
  ],
};

/** Row r of y [size, Q] is the sum of the rows k of `updates` [K, Q] whose index (the k-th of all) is r. */
const SCATTER_ADD: Operator<{ readonly size: number }> = {
  name: 'scatterAdd',
  inputTypes: ['float32', 'int64'],
  infer: ([updates, indices], { size }) => {
    const [rows, width] = updates!.shape;
    if (updates!.shape.length !== 2 || rows !== elementCount(indices!.shape)) {
      throw new ShapeError('it takes rows [K, Q] and K indices');
    }
    return [float32([size, width!])];
  },
  onnx: (emit, [updates, indices], { size }, { inputs }) => {
    const [rows, width] = inputs[0]!.shape as [number, number];
    const zeros = emit.node('ConstantOfShape', [emit.int64([size, width])]);
    // ScatterND wants indices [..., 1]. WebGPU cannot reshape whole numbers: those that are so stay as they are.
    const { shape } = inputs[1]!;
    const ready = shape.length > 1 && shape.at(-1) === 1;
    const [tuples] = ready ? [indices!] : emit.node('Reshape', [indices!, emit.int64([rows, 1])]);
    const [laid] =
      ready && shape.length > 2
        ? emit.node('Reshape', [updates!, emit.int64([...shape.slice(0, -1), width])])
        : [updates!];
    return emit.node('ScatterND', [zeros[0]!, tuples!, laid!], { reduction: { string: 'add' } });
  },
  gradient: ({ inputs, outputGradients: [dy] }) =>
    dy === undefined ? [] : [reshape(gather(dy, inputs[1]!, 0), inputs[0]!.shape)],
  reference: ([updates, indices], { size }) => {
    const width = updates!.shape[1]!;
    const sums = ndarray([size, width]);
    indices!.data.forEach((row, k) => {
      for (let n = 0; n < width; n++) {
        sums.data[row * width + n] = sums.data[row * width + n]! + updates!.data[k * width + n]!;
      }
    });
    return [sums];
  },
  // The zeros that the rows are added to.
  workspaceBytes: ([updates], { size }) => 4 * size * updates!.shape[1]!,
};

/**
 * The slices of x along `axis` that int64 `indices` name (torch.index_select; with indices of more axes,
 * numpy.take): x [P…, n, Q…] and indices [K…] give [P…, K…, Q…]. Indices are 0 to n − 1.
 *
 * The gradient adds rows up in the order of the indices. With one thread, as sessions here have, that is
 * the same every time; on a GPU rows of one index are added in any order. WebGPU cannot reshape whole numbers:
 * indices from an `argmax` keep its last axis there, as [..., 1].
 */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  const along = axisOf('gather', x, axis);
  const { origin } = indices;
  if (origin.kind === 'constant') {
    const size = x.shape[along]!;
    const outside = origin.data.find((index) => index < 0 || index >= size);
    x.graph.checked('gather', [x, indices], () => {
      if (outside !== undefined) throw new ShapeError(`axis ${along} has no index ${outside}`);
    });
  }
  return applyOne(GATHER, [x, indices], { axis: along });
}

/** Adds the rows of `updates` [K, Q] up by their K indices, 0 to size − 1: [size, Q]. */
export function scatterAdd(updates: Tensor, indices: Tensor, size: number): Tensor {
  return applyOne(SCATTER_ADD, [updates, indices], { size });
}
