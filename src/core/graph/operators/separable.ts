import { applyOne } from '../graph.ts';
import { fromFunction } from '../ndarray.ts';
import type { OnnxEmitter } from '../onnx/emitter.ts';
import type { Operator } from '../operator.ts';
import { float32, type Shape, ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** Row by row: what each of `columns` samples counts in each of `rows` results. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

interface Separable {
  readonly rows: Matrix;
  readonly columns: Matrix;
}

/** y[n, c] = R · x[n, c] · Cᵀ for every image and channel; the gradient is that of the transposes. */
const SEPARABLE: Operator<Separable> = {
  name: 'separable',
  infer: ([x], { rows, columns }) => {
    const [images, channels, height, width] = x!.shape as [number, number, number, number];
    if (x!.shape.length !== 4 || height !== rows.columns || width !== columns.columns) {
      throw new ShapeError(`it takes [N, C, ${rows.columns}, ${columns.columns}]`);
    }
    return [float32([images, channels, rows.rows, columns.rows])];
  },
  onnx: (emit, [x], { rows, columns }) => emitProducts(emit, x!, rows, columns),
  gradient: ({ attributes: { rows, columns }, outputGradients: [dy] }) =>
    dy === undefined ? [] : [separable(dy, transposeMatrix(rows), transposeMatrix(columns))],
  reference: ([x], { rows, columns }) => {
    const [images, channels, height, width] = x!.shape as [number, number, number, number];
    return [
      fromFunction([images, channels, rows.rows, columns.rows], (index) => {
        const [n, c, i, j] = index as [number, number, number, number];
        let sum = 0;
        for (let p = 0; p < height; p++) {
          for (let q = 0; q < width; q++) {
            const weight = rows.values[i * height + p]! * columns.values[j * width + q]!;
            sum += weight * x!.data[((n * channels + c) * height + p) * width + q]!;
          }
        }
        return sum;
      }),
    ];
  },
  workspaceBytes: ([x], { rows }) => productBytes(x!.shape, rows.rows),
};

/**
 * A separable linear map of images: x [N, C, H, W] → [N, C, R.rows, C.rows], R of the rows and C of the columns.
 * Dense products, although the matrices are mostly zeros: up to some hundred pixels they are what runs fastest.
 */
export function separable(x: Tensor, rows: Matrix, columns: Matrix): Tensor {
  return applyOne(SEPARABLE, [x], { rows, columns });
}

/** Means of `window` neighbours, where all of them are inside: `size` samples → size − window + 1. */
export function windowMeans(size: number, window: number): Matrix {
  const rows = size - window + 1;
  const values = new Float64Array(rows * size);
  for (let i = 0; i < rows; i++) values.fill(1 / window, i * size + i, i * size + i + window);
  return { rows, columns: size, values };
}

/** Rows as columns: Mᵀ. */
export function transposeMatrix({ rows, columns, values }: Matrix): Matrix {
  return {
    rows: columns,
    columns: rows,
    values: values.map((_, n) => values[(n % rows) * columns + Math.floor(n / rows)]!),
  };
}

/** Bytes of R · x, which is there before the columns are done. */
export function productBytes([images, channels, , width]: Shape, rows: number): number {
  return 4 * images! * channels! * rows * width!;
}

/** Emits R · x · Cᵀ, rows first. */
export function emitProducts(emit: OnnxEmitter, x: string, rows: Matrix, columns: Matrix): readonly string[] {
  const left = emit.float32(rows.values, [rows.rows, rows.columns]);
  const right = emit.float32(transposeMatrix(columns).values, [columns.columns, columns.rows]);
  return emit.node('MatMul', [...emit.node('MatMul', [left, x]), right]);
}
