import { applyOne } from '../../graph.ts';
import { ndarray } from '../../ndarray.ts';
import type { Operator } from '../../operator.ts';
import { float32, ShapeError } from '../../shape.ts';
import type { Tensor } from '../../tensor.ts';

/** Rows of a tensor put elsewhere, and the way back. Both are tables of row numbers; −1 stands for a row of zeros. */
export interface RowTable {
  /** int64 [S, m]: the rows of x [R, C] that row s of the result is the sum of. */
  readonly rows: Tensor;
  /** int64 [R, k]: the rows of the result that row r of x went to. */
  readonly inverse: Tensor;
  /** Whether −1 occurs in either. */
  readonly padded: { readonly rows: boolean; readonly inverse: boolean };
}

/**
 * y[s] = Σⱼ x[rows[s, j]]. The transpose of this linear map is the same operator with the tables exchanged,
 * so that its gradient gathers too: scattering is slow on every device.
 */
const GATHER_SUM: Operator<RowTable['padded']> = {
  name: 'gatherSum',
  inputTypes: ['float32', 'int64', 'int64'],
  infer: ([x, rows, inverse]) => {
    if (x!.shape.length !== 2 || rows!.shape.length !== 2 || inverse!.shape.length !== 2) {
      throw new ShapeError('it takes x [R, C] and tables [S, m] and [R, k]');
    }
    if (inverse!.shape[0] !== x!.shape[0]) {
      throw new ShapeError(`x has ${x!.shape[0]} rows, the way back ${inverse!.shape[0]}`);
    }
    return [float32([rows!.shape[0]!, x!.shape[1]!])];
  },
  onnx: (emit, [x, rows], padded, { inputs }) => {
    const [count, terms] = inputs[1]!.shape as [number, number];
    const result = emit.int64([count, inputs[0]!.shape[1]!]);
    // Row −1 is the last one: zeros are added at the end.
    const [source] = padded.rows ? emit.node('Pad', [x!, emit.int64([0, 0, 1, 0])]) : [x!];
    if (terms > 1 && emit.device !== 'cpu') {
      const [taken] = emit.node('Gather', [source!, rows!], { axis: { int: 0 } });
      return emit.node('ReduceSum', [taken!, emit.int64([1])], { keepdims: { int: 0 } });
    }
    // One gather for each term and their Sum took 0.75 × the time of one gather and a ReduceSum.
    const parts = Array.from({ length: terms }, (_, term) => {
      const column = [rows!, emit.int64([term]), emit.int64([term + 1]), emit.int64([1])];
      const [table] = terms === 1 ? [rows!] : emit.node('Slice', column);
      return emit.node('Gather', [source!, table!], { axis: { int: 0 } })[0]!;
    });
    const [sum] = terms === 1 ? parts : emit.node('Sum', parts);
    return emit.node('Reshape', [sum!, result]);
  },
  gradient: ({ inputs: [, rows, inverse], attributes, outputGradients: [dy] }) =>
    dy === undefined
      ? []
      : [
          gatherSum(dy, {
            rows: inverse!,
            inverse: rows!,
            padded: { rows: attributes.inverse, inverse: attributes.rows },
          }),
        ],
  // The copy with a row of zeros, and the terms of the sum.
  workspaceBytes: ([x, rows], padded) => {
    const [count, terms] = rows!.shape as [number, number];
    const columns = x!.shape[1]!;
    const added = padded.rows ? x!.shape[0]! + 1 : 0;
    return 4 * columns * (added + (terms > 1 ? terms * count : 0));
  },
  reference: ([x, rows]) => {
    const [count, terms] = rows!.shape as [number, number];
    const columns = x!.shape[1]!;
    const y = ndarray([count, columns]);
    for (let s = 0; s < count; s++) {
      for (let j = 0; j < terms; j++) {
        const row = rows!.data[s * terms + j]!;
        if (row === -1) continue;
        for (let c = 0; c < columns; c++) {
          y.data[s * columns + c] = y.data[s * columns + c]! + x!.data[row * columns + c]!;
        }
      }
    }
    return [y];
  },
};

/** Row s of the result [S, C] is the sum of the rows of x [R, C] that the table names. Throws `bad-model`. */
export function gatherSum(x: Tensor, { rows, inverse, padded }: RowTable): Tensor {
  return applyOne(GATHER_SUM, [x, rows, inverse], padded);
}
