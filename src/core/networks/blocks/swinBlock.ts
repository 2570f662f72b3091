import {
  add,
  chunk,
  type Graph,
  gather,
  gelu,
  matmul,
  mul,
  reshape,
  roll,
  softmax,
  type Tensor,
  transpose,
  windowMerge,
  windowPartition,
} from '../../graph/index.ts';
import { layerNormLayer } from './layerNorm.ts';
import { linearLayer } from './linear.ts';

export interface SwinBlockOptions {
  /** Attention heads; they divide the channels. */
  readonly heads: number;
  /** Side of a window, in tokens; of the map where that is smaller. The map is a whole number of windows. */
  readonly window: number;
  /** Whether the windows are shifted by half their side, as in every second block. */
  readonly shifted: boolean;
  /** Channels inside the MLP, as a multiple of those outside: 4. */
  readonly expand?: number;
}

/** What keeps tokens apart that are only neighbours because the map was rolled: e^−100 is nothing in float32. */
const APART = -100;
/** How Swin starts its table of position biases. */
const BIAS_START = { kind: 'truncatedNormal', standardDeviation: 0.02 } as const;

/**
 * A block of the Swin Transformer (Liu et al., ICCV 2021, eqs. 3 and 4): tokens x [N, h, w, C] → the same.
 * ẑ = x + (S)W-MSA(LN(x)), z = ẑ + MLP(LN(ẑ)). Parameters `norm1`, `attn.{qkv, proj,
 * relative_position_bias_table}`, `norm2`, `mlp.{fc1, fc2}`, below the open scope.
 *
 * Where the map is smaller than a window, the window is the map and nothing is shifted; offsets between tokens
 * then name the same entries of the table, so that weights serve images of any size.
 */
export function swinBlock(graph: Graph, x: Tensor, options: SwinBlockOptions): Tensor {
  const channels = x.shape[3]!;
  const { expand = 4 } = options;
  const normed = layerNormLayer(graph, 'norm1', x);
  const attended = add(
    x,
    graph.scope('attn', () => windowAttention(graph, normed, options)),
  );
  const hidden = layerNormLayer(graph, 'norm2', attended);
  return add(
    attended,
    graph.scope('mlp', () =>
      linearLayer(graph, 'fc2', gelu(linearLayer(graph, 'fc1', hidden, { features: expand * channels })), {
        features: channels,
      }),
    ),
  );
}

/** Attention within windows of tokens [N, h, w, C], with learned biases by offset; rolled where shifted. */
function windowAttention(graph: Graph, x: Tensor, { heads, window, shifted }: SwinBlockOptions): Tensor {
  const [images, rows, columns, channels] = x.shape as [number, number, number, number];
  const side = Math.min(window, rows, columns);
  const shift = shifted && side < Math.max(rows, columns) ? Math.floor(side / 2) : 0;
  const tokens = side * side;
  const size = channels / heads;
  const rolled = shift === 0 ? x : roll(x, [-shift, -shift], [1, 2]);
  const windows = windowPartition(rolled, [side, side]);
  const count = windows.shape[0]!;
  const flat = reshape(windows, [count, tokens, channels]);
  const [q, k, v] = chunk(linearLayer(graph, 'qkv', flat, { features: 3 * channels }), 3, 2).map((part) =>
    transpose(reshape(part, [count, tokens, heads, size]), [0, 2, 1, 3]),
  ) as [Tensor, Tensor, Tensor]; // [count, heads, tokens, size]
  const likeness = mul(matmul(q, transpose(k, [0, 1, 3, 2])), size ** -0.5);
  let scores = add(likeness, positionBias(graph, heads, window, side)); // [count, heads, tokens, tokens]
  if (shift > 0) {
    const perImage = count / images;
    const apart = graph.constant(shiftMask(rows, columns, side, shift), [1, perImage, 1, tokens, tokens]);
    const byImage = reshape(scores, [images, perImage, heads, tokens, tokens]);
    scores = reshape(add(byImage, apart), [count, heads, tokens, tokens]);
  }
  const taken = transpose(matmul(softmax(scores), v), [0, 2, 1, 3]); // [count, tokens, heads, size]
  const out = linearLayer(graph, 'proj', reshape(taken, [count, tokens, channels]), { features: channels });
  const merged = windowMerge(reshape(out, [count, side, side, channels]), [rows, columns]);
  return shift === 0 ? merged : roll(merged, [shift, shift], [1, 2]);
}

/** B of eq. 4, [1, heads, tokens, tokens]: an entry of a table of (2·window − 1)² offsets for each head. */
function positionBias(graph: Graph, heads: number, window: number, side: number): Tensor {
  const width = 2 * window - 1;
  const table = graph.parameter('relative_position_bias_table', [width * width, heads], BIAS_START);
  const tokens = side * side;
  const index = Int32Array.from({ length: tokens * tokens }, (_, n) => {
    const [from, to] = [Math.floor(n / tokens), n % tokens];
    const down = Math.floor(from / side) - Math.floor(to / side) + window - 1;
    const across = (from % side) - (to % side) + window - 1;
    return down * width + across;
  });
  const entries = reshape(gather(table, graph.integers(index), 0), [tokens, tokens, heads]);
  return reshape(transpose(entries, [2, 0, 1]), [1, heads, tokens, tokens]);
}

/** For each window of a rolled map, 0 between tokens that were neighbours before, `APART` between others. */
export function shiftMask(rows: number, columns: number, side: number, shift: number): Float32Array {
  const region = (at: number, length: number): number =>
    at < length - side ? 0 : at < length - shift ? 1 : 2;
  const tokens = side * side;
  const [down, across] = [rows / side, columns / side];
  const mask = new Float32Array(down * across * tokens * tokens);
  for (let n = 0; n < down * across; n++) {
    const [top, left] = [Math.floor(n / across) * side, (n % across) * side];
    const regions = Array.from(
      { length: tokens },
      (_, token) => 3 * region(top + Math.floor(token / side), rows) + region(left + (token % side), columns),
    );
    for (let a = 0; a < tokens; a++) {
      for (let b = 0; b < tokens; b++) {
        if (regions[a] !== regions[b]) mask[(n * tokens + a) * tokens + b] = APART;
      }
    }
  }
  return mask;
}
