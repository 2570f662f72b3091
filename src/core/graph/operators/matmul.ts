import { applyOne } from '../graph.ts';
import { at, fromFunction } from '../ndarray.ts';
import type { Operator } from '../operator.ts';
import { broadcastShapes, elementCount, float32, type Shape, ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { reduceSum, reduceToShape } from './reduce.ts';
import { reshape, transpose } from './shapes.ts';

/** y[…, i, j] = Σ_k a[…, i, k] · b[…, k, j]; the axes before the last two broadcast by numpy's rule. */
const MATMUL: Operator<undefined> = {
  name: 'matmul',
  infer: ([a, b]) => [float32(productShape(a!.shape, b!.shape))],
  // A transposition of the last two axes in front of it is merged into the product by the engine.
  onnx: (emit, inputs) => emit.node('MatMul', inputs),
  gradient: ({ inputs, outputGradients: [dy], needed }) => {
    const [a, b] = inputs as [Tensor, Tensor];
    if (dy === undefined) return [];
    return [
      needed[0] ? reduceToShape(matmul(dy, swapLast(b)), a.shape) : undefined,
      needed[1] ? rightGradient(a, b.shape, dy) : undefined,
    ];
  },
  reference: ([a, b]) => {
    const shape = productShape(a!.shape, b!.shape);
    const inner = a!.shape.at(-1)!;
    return [
      fromFunction(shape, (index) => {
        const [batch, row, column] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          sum += at(a!, [...batch, row, k]) * at(b!, [...batch, k, column]);
        }
        return sum;
      }),
    ];
  },
  multiplyAccumulates: ([a, b]) => elementCount(productShape(a!.shape, b!.shape)) * a!.shape.at(-1)!,
};

/**
 * Y = x Wᵀ + b over rows: x [R, C], w [O, C] and, where there is one, b [O] (torch.nn.functional.linear).
 * One Gemm, which also packs w as it lies.
 */
const LINEAR: Operator<undefined> = {
  name: 'linear',
  infer: ([x, w, b]) => {
    if (w!.shape.length !== 2) throw new ShapeError('w is [O, C]');
    if (x!.shape[1] !== w!.shape[1]) {
      throw new ShapeError(`x has ${x!.shape[1]} channels, w takes ${w!.shape[1]}`);
    }
    if (b !== undefined && (b.shape.length !== 1 || b.shape[0] !== w!.shape[0])) {
      throw new ShapeError(`the bias needs ${w!.shape[0]} values`);
    }
    return [float32([x!.shape[0]!, w!.shape[0]!])];
  },
  onnx: (emit, inputs) => emit.node('Gemm', inputs, { transB: { int: 1 } }),
  gradient: ({ inputs, outputGradients: [dy], needed }) => {
    const [x, w, b] = inputs as [Tensor, Tensor, Tensor | undefined];
    if (dy === undefined) return [];
    return [
      needed[0] ? matmul(dy, w) : undefined,
      needed[1] ? matmul(swapLast(dy), x) : undefined,
      b !== undefined && needed[2] ? reshape(reduceSum(dy, [0]), b.shape) : undefined,
    ];
  },
  reference: ([x, w, b]) => [
    fromFunction([x!.shape[0]!, w!.shape[0]!], ([row, o]) => {
      const channels = w!.shape[1]!;
      let sum = b?.data[o!] ?? 0;
      for (let c = 0; c < channels; c++) sum += x!.data[row! * channels + c]! * w!.data[o! * channels + c]!;
      return sum;
    }),
  ],
  multiplyAccumulates: ([x, w]) => x!.shape[0]! * elementCount(w!.shape),
};

/**
 * Matrix product of a [..., M, K] and b [..., K, N]: [..., M, N]. The axes before the last two broadcast.
 * Throws `bad-model` where a tensor has fewer than two axes or the sizes do not fit.
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  return applyOne(MATMUL, [a, b], undefined);
}

/** x Wᵀ + b along the last axis: x [..., C], w [O, C], bias [O] → [..., O]. */
export function linear(x: Tensor, w: Tensor, bias?: Tensor): Tensor {
  const channels = x.shape.at(-1) ?? 1;
  const rows = reshape(x, [elementCount(x.shape) / channels, channels]);
  const y = applyOne(LINEAR, bias === undefined ? [rows, w] : [rows, w, bias], undefined);
  return reshape(y, [...x.shape.slice(0, -1), y.shape[1]!]);
}

/** The last two axes exchanged. */
function swapLast(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

/** dL/db. Where one b serves a whole batch, the batch is summed inside the product: its rows are stacked. */
function rightGradient(a: Tensor, shape: Shape, dy: Tensor): Tensor {
  if (shape.length === 2 && a.shape.length > 2) {
    const stacked = (x: Tensor) => reshape(x, [elementCount(x.shape.slice(0, -1)), x.shape.at(-1)!]);
    return matmul(swapLast(stacked(a)), stacked(dy));
  }
  return reduceToShape(matmul(swapLast(a), dy), shape);
}

function productShape(a: Shape, b: Shape): Shape {
  if (a.length < 2 || b.length < 2) throw new ShapeError('it takes a [..., M, K] and b [..., K, N]');
  if (a.at(-1) !== b.at(-2)) throw new ShapeError(`a has ${a.at(-1)} columns, b ${b.at(-2)} rows`);
  return [...broadcastShapes(a.slice(0, -2), b.slice(0, -2)), a.at(-2)!, b.at(-1)!];
}
