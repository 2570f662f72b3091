import { type NdArray, ndarray } from '../ndarray.ts';
import type { OnnxEmitter } from '../onnx/emitter.ts';
import type { Operator } from '../operator.ts';
import { elementCount, type Shape, ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { emitLastArgmax } from './argmax.ts';
import { add, mul } from './arithmetic.ts';
import { concat } from './concat.ts';
import { gather } from './gather.ts';
import { pad, slice } from './pad.ts';
import { reshape, transpose } from './shapes.ts';

/** Below this a column of patches counts as this long (torch.nn.functional.normalize). */
const EPSILON = 1e-12;
/** Patches of 3×3. */
const TAPS = [0, 1, 2] as const;
/** More rows at once were no faster: scores should not leave the cache. */
const ROWS_AT_ONCE = 16;

interface Chunking {
  /** Rows of the query map in each chunk; together they are its height. */
  readonly rows: readonly number[];
}

/**
 * idx_i = argmax_j K_jᵀQ_i / ‖K_j‖ over the 3×3 patches Q_i and K_j, zeros around both maps; the lowest j on
 * ties. (‖Q_i‖ > 0 does not move the argmax, and a Q_i of zeros ties all j.) Inputs Q [N, C, h, w] and
 * K [N, C, p, q]; one output [rows·w, 1] for each image and, within it, chunk of rows.
 */
const INDICES: Operator<Chunking> = {
  name: 'hardAttentionIndices',
  infer: ([q, k], { rows }) => {
    if (q!.shape[0] !== k!.shape[0] || q!.shape[1] !== k!.shape[1]) {
      throw new ShapeError('queries and keys differ in images or channels');
    }
    const [images, , , width] = q!.shape as [number, number, number, number];
    return Array.from({ length: images }, () =>
      rows.map((count) => ({ dataType: 'int64' as const, shape: [count * width, 1] })),
    ).flat();
  },
  onnx: (emit, [q, k], { rows }, { inputs }) =>
    emitIndices(emit, q!, k!, inputs[0]!.shape, inputs[1]!.shape, rows),
  reference: ([q, k], { rows }) => {
    const [images, , height, width] = q!.shape as [number, number, number, number];
    const [, , keyRows, keyColumns] = k!.shape as [number, number, number, number];
    const results: NdArray[] = [];
    for (let n = 0; n < images; n++) {
      const keys = patches(k!, n, keyRows * keyColumns).map(normalized);
      const best = patches(q!, n, height * width).map((query) => {
        const scores = keys.map((key) => key.reduce((sum, value, m) => sum + value * query[m]!, 0));
        return scores.indexOf(Math.max(...scores));
      });
      for (const count of rows) results.push(ndarray([count * width, 1], best.splice(0, count * width)));
    }
    return results;
  },
  multiplyAccumulates: ([q, k]) => {
    const [images, channels, height, width] = q!.shape as [number, number, number, number];
    return images * 9 * channels * height * width * elementCount(k!.shape.slice(2));
  },
  workspaceBytes: ([q, k], { rows }) => {
    const [images, channels, height, width] = q!.shape as [number, number, number, number];
    const [, , keyRows, keyColumns] = k!.shape as [number, number, number, number];
    const keys = 3 * channels * (keyRows + 2) * keyColumns;
    const queries = 3 * channels * (height + 2) * width;
    const most = Math.max(...rows);
    const products = (most + 2) * width * (keyRows + 2) * keyColumns;
    const scores = most * width * keyRows * keyColumns;
    // Patches and their squares; of one chunk the products, and two of their three cuts at once.
    return 4 * ((2 * images + 1) * keys + images * queries + products + 2 * scores);
  },
};

export interface HardAttentionOptions {
  /** How large the matrix of scores of some rows may be (64 MiB); what is needed in all is some four times that. */
  readonly scoreBytes?: number;
}

/**
 * Hard attention on 3×3 patches: Yang et al., "Learning texture transformer network for image
 * super-resolution", CVPR 2020, eq. 1–4, as ICONet uses it: Q, K and V are unfolded (3×3, zeros around); for
 * each column Q_i the column K_j with the largest normalised inner product, the lowest j on ties; those columns
 * of V, folded back and divided by 9 everywhere, at the border too. Q [N, C, h, w], K [N, C, p, q] and
 * V [N, D, p, q] give [N, D, h, w]. Gradients reach V alone: argmax is piecewise constant. Throws `bad-model`
 * where the maps do not fit.
 *
 * Scores of all pairs are computed for some rows of Q at a time. K_jᵀQ_i over 3×3 patches is the sum of such
 * products over three 1×3 patches, those of the rows above, of and below i and j, and each of these serves three
 * scores: a third of the multiplications, 0.65 × the time of the product of unfolded maps (64×64 tokens of 96
 * channels).
 */
export function hardAttention(q: Tensor, k: Tensor, v: Tensor, options: HardAttentionOptions = {}): Tensor {
  const [images, , height, width] = q.shape as [number, number, number, number];
  const [, channels, keyRows, keyColumns] = v.shape as [number, number, number, number];
  q.graph.checked('hardAttention', [q, k, v], () => {
    if ([q, k, v].some(({ shape }) => shape.length !== 4)) throw new ShapeError('it takes maps [N, C, H, W]');
    if (v.shape[0] !== images || k.shape[2] !== keyRows || k.shape[3] !== keyColumns) {
      throw new ShapeError('keys and values are not on one grid');
    }
  });
  const rows = chunkRows(q.shape, k.shape, options.scoreBytes ?? 64 * 2 ** 20);
  const indices = q.graph.apply(INDICES, [q, k], { rows });

  // Values channels last: a pixel is a row of memory, and a tap of a patch a shifted cut.
  const around = pad(transpose(v, [0, 2, 3, 1]), [0, 1, 1, 0], [0, 1, 1, 0]);
  const results = Array.from({ length: images }, (_, n) => {
    const chosen = indices.slice(n * rows.length, (n + 1) * rows.length);
    const shifted = TAPS.flatMap((p) =>
      TAPS.map((t) => {
        const cut = slice(around, [n, p, t, 0], [1, keyRows, keyColumns, channels]);
        const pixels = reshape(cut, [keyRows * keyColumns, channels]);
        const taken = chosen.map((index) =>
          reshape(gather(pixels, index, 0), [elementCount(index.shape), channels]),
        );
        const map = reshape(concat(taken as [Tensor, ...Tensor[]], 0), [1, height, width, channels]);
        // Folding: the tap goes back to where it belongs beside its patch's middle.
        return pad(map, [0, p - 1, t - 1, 0], [0, 1 - p, 1 - t, 0]);
      }),
    );
    return shifted.reduce(add);
  });
  const joined = concat(results as [Tensor, ...Tensor[]], 0);
  return transpose(mul(joined, 1 / 9), [0, 3, 1, 2]);
}

/** As even as can be, none above what `scoreBytes` and the cache allow. */
function chunkRows(q: Shape, k: Shape, scoreBytes: number): readonly number[] {
  const [, , height, width] = q as [number, number, number, number];
  const [, , keyRows, keyColumns] = k as [number, number, number, number];
  const bytesPerRow = 4 * width * (keyRows + 2) * keyColumns;
  const most = Math.min(Math.max(Math.floor(scoreBytes / bytesPerRow) - 2, 1), ROWS_AT_ONCE);
  const chunks = Math.ceil(height / most);
  return Array.from(
    { length: chunks },
    (_, n) => Math.floor(((n + 1) * height) / chunks) - Math.floor((n * height) / chunks),
  );
}

function emitIndices(
  emit: OnnxEmitter,
  q: string,
  k: string,
  queryShape: Shape,
  keyShape: Shape,
  rows: readonly number[],
): readonly string[] {
  const one = (op: string, inputs: readonly string[], attributes = {}) =>
    emit.node(op, inputs, attributes)[0]!;
  const cut = (x: string, axes: readonly number[], start: readonly number[], size: readonly number[]) =>
    one('Slice', [
      x,
      emit.int64(start),
      emit.int64(start.map((from, n) => from + size[n]!)),
      emit.int64(axes),
    ]);
  const shaped = (x: string, shape: Shape) => one('Reshape', [x, emit.int64(shape)]);
  const padded = (x: string, amounts: readonly number[]) =>
    one('Pad', [x, emit.int64([...amounts, ...amounts])]);
  const sum3 = (part: (tap: number) => string) => one('Add', [one('Add', [part(0), part(1)]), part(2)]);

  const [images, channels, , width] = queryShape as [number, number, number, number];
  const [, , keyRows, keyColumns] = keyShape as [number, number, number, number];
  const rowLength = 3 * channels;

  // Patches of 1×3: keys [N, 3C, (p + 2)·q], queries [N, h + 2, w, 3C].
  const keysAround = padded(k, [0, 0, 1, 1]);
  const keys = shaped(
    one(
      'Concat',
      TAPS.map((t) => cut(keysAround, [3], [t], [keyColumns])),
      { axis: { int: 1 } },
    ),
    [images, rowLength, (keyRows + 2) * keyColumns],
  );
  const queriesAround = padded(one('Transpose', [q], { perm: { ints: [0, 2, 3, 1] } }), [0, 1, 1, 0]);
  const queries = one(
    'Concat',
    TAPS.map((t) => cut(queriesAround, [2], [t], [width])),
    { axis: { int: 3 } },
  );

  // 1/‖K_j‖ of whole patches: [N, 1, p, q].
  const squares = shaped(one('ReduceSum', [one('Mul', [keys, keys]), emit.int64([1])]), [
    images,
    1,
    keyRows + 2,
    keyColumns,
  ]);
  const lengths = one('Sqrt', [sum3((p) => cut(squares, [2], [p], [keyRows]))]);
  const scale = one('Reciprocal', [one('Max', [lengths, emit.scalar(EPSILON)])]);

  const results: string[] = [];
  for (let n = 0; n < images; n++) {
    const keysOf = shaped(cut(keys, [0], [n], [1]), [rowLength, (keyRows + 2) * keyColumns]);
    const scaleOf = cut(scale, [0], [n], [1]);
    let start = 0;
    for (const count of rows) {
      const some = shaped(cut(queries, [0, 1], [n, start], [1, count + 2]), [(count + 2) * width, rowLength]);
      const products = shaped(one('MatMul', [some, keysOf]), [count + 2, width, keyRows + 2, keyColumns]);
      const patchProducts = sum3((p) => cut(products, [0, 2], [p, p], [count, keyRows]));
      const scores = one('Mul', [patchProducts, scaleOf]);
      results.push(emitLastArgmax(emit, shaped(scores, [count * width, keyRows * keyColumns])));
      start += count;
    }
  }
  return results;
}

/** The 3×3 patches of one image, as columns of 9·C values; zeros around it. */
function patches(x: NdArray, image: number, count: number): number[][] {
  const [, channels, rows, columns] = x.shape as [number, number, number, number];
  return Array.from({ length: count }, (_, place) => {
    const patch: number[] = [];
    for (let c = 0; c < channels; c++) {
      for (const p of TAPS) {
        for (const t of TAPS) {
          const row = Math.floor(place / columns) + p - 1;
          const column = (place % columns) + t - 1;
          const inside = row >= 0 && row < rows && column >= 0 && column < columns;
          patch.push(inside ? x.data[((image * channels + c) * rows + row) * columns + column]! : 0);
        }
      }
    }
    return patch;
  });
}

function normalized(patch: readonly number[]): number[] {
  const length = Math.sqrt(patch.reduce((sum, value) => sum + value * value, 0));
  return patch.map((value) => value / Math.max(length, EPSILON));
}
