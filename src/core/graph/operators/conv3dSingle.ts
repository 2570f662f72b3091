import { applyOne } from '../graph.ts';
import { fromFunction, type NdArray } from '../ndarray.ts';
import type { Operator } from '../operator.ts';
import { elementCount, type Shape, ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { concat } from './concat.ts';
import { convWeightGradient } from './conv2dWeightGradient.ts';
import { reduceSum } from './reduce.ts';
import { region } from './region.ts';
import { flip, reshape } from './shapes.ts';

/**
 * y[n, d, i, j] = b + Σ_{p,q,r} w[p, q, r] · x[n, d + p − (P−1)/2, i + q − (Q−1)/2, j + r − (R−1)/2] with
 * zeros around x [N, D, H, W]; w [P, Q, R] of odd sizes and, where there is one, b [1].
 */
const CONV3D_SINGLE: Operator<undefined> = {
  name: 'conv3dSingle',
  infer: ([x, w, b]) => {
    if (x!.shape.length !== 4 || w!.shape.length !== 3 || w!.shape.some((size) => size % 2 === 0)) {
      throw new ShapeError('it takes x [N, D, H, W] and w [P, Q, R] of odd sizes');
    }
    if (b !== undefined && elementCount(b.shape) !== 1) throw new ShapeError('the bias is one value');
    return [x!];
  },
  onnx: (emit, [x, w, ...bias], _attributes, { inputs }) => {
    const [images, ...volume] = inputs[0]!.shape;
    const kernel = inputs[1]!.shape;
    const half = kernel.map((size) => (size - 1) / 2);
    const [volumes] = emit.node('Reshape', [x!, emit.int64([images!, 1, ...volume])]);
    const [weights] = emit.node('Reshape', [w!, emit.int64([1, 1, ...kernel])]);
    const [y] = emit.node('Conv', [volumes!, weights!, ...bias], { pads: { ints: [...half, ...half] } });
    return emit.node('Reshape', [y!, emit.int64(inputs[0]!.shape)]);
  },
  gradient: ({ inputs, outputGradients: [dy], needed }) => {
    const [x, w, b] = inputs as [Tensor, Tensor, Tensor | undefined];
    if (dy === undefined) return [];
    return [
      needed[0] ? conv3dSingle(dy, flip(w, [0, 1, 2])) : undefined,
      needed[1] ? weightGradient(x, dy, w.shape) : undefined,
      b !== undefined && needed[2] ? reshape(reduceSum(dy), b.shape) : undefined,
    ];
  },
  reference: ([x, w, b]) => [reference(x!, w!, b)],
  multiplyAccumulates: ([x, w]) => elementCount(x!.shape) * elementCount(w!.shape),
};

/**
 * 3-D convolution of one channel that keeps the size: x [N, D, H, W] as volumes of D slices, w [P, Q, R] of
 * odd sizes, zeros around, bias [1] (torch.nn.functional.conv3d of [N, 1, D, H, W] by [1, 1, P, Q, R]).
 */
export function conv3dSingle(x: Tensor, w: Tensor, bias?: Tensor): Tensor {
  return applyOne(CONV3D_SINGLE, bias === undefined ? [x, w] : [x, w, bias], undefined);
}

/** That of a 2-D convolution whose images are the slices and whose channels the slices under the kernel. */
function weightGradient(x: Tensor, dy: Tensor, shape: Shape): Tensor {
  const [images, slices, height, width] = x.shape as [number, number, number, number];
  const [depth, rows, columns] = shape as [number, number, number];
  const [middle, above, left] = [(depth - 1) / 2, (rows - 1) / 2, (columns - 1) / 2];
  const under = Array.from({ length: depth }, (_, p) =>
    reshape(region(x, [0, p - middle, 0, 0], x.shape), [images * slices, 1, height, width]),
  );
  const gradient = convWeightGradient(
    concat(under as [Tensor, ...Tensor[]], 1),
    reshape(dy, [images * slices, 1, height, width]),
    [1, depth, rows, columns],
    { stride: [1, 1], dilation: [1, 1], padding: [above, left, above, left], groups: 1 },
  );
  return reshape(gradient, shape);
}

function reference(x: NdArray, w: NdArray, b: NdArray | undefined): NdArray {
  const [, slices, height, width] = x.shape as [number, number, number, number];
  const [depth, rows, columns] = w.shape as [number, number, number];
  return fromFunction(x.shape, (index) => {
    const [n, d, i, j] = index as [number, number, number, number];
    let sum = b?.data[0] ?? 0;
    for (let p = 0; p < depth; p++) {
      for (let q = 0; q < rows; q++) {
        for (let r = 0; r < columns; r++) {
          const [z, y, u] = [d + p - (depth - 1) / 2, i + q - (rows - 1) / 2, j + r - (columns - 1) / 2];
          const inside = z >= 0 && z < slices && y >= 0 && y < height && u >= 0 && u < width;
          if (!inside) continue;
          sum += w.data[(p * rows + q) * columns + r]! * x.data[((n * slices + z) * height + y) * width + u]!;
        }
      }
    }
    return sum;
  });
}
