import {
  add,
  concat,
  crossScan,
  exp,
  type Graph,
  type Initializer,
  linear,
  mergeSequences,
  mul,
  negate,
  ONES,
  orderSequences,
  reduceSum,
  reshape,
  SCAN_DIRECTIONS,
  selectiveScan,
  slice,
  type Tensor,
  toSequences,
  transpose,
} from '../../graph/index.ts';

/** Weights of a 2-D selective scan over d channels with N states and a Δ of rank R, as VMamba stores them. */
export interface Ss2dWeights {
  /** [K, R + 2N, d]: from a token to its Δ (before `dtProj`), B and C, in this order. */
  readonly xProj: Tensor;
  /** [K, d, R] */
  readonly dtProj: Tensor;
  /** [K, d] */
  readonly dtBias: Tensor;
  /** [K·d, N], ln(−A) */
  readonly aLogs: Tensor;
  /** [K·d] */
  readonly ds: Tensor;
}

export interface Ss2dOptions {
  /** N */
  readonly stateSize: number;
  /** R */
  readonly dtRank: number;
  /** Scan the four quadrants one by one, each from a state of 0: GLMamba's local scan. */
  readonly quadrants?: boolean;
}

/**
 * 2-D selective scan (SS2D) of x [B, h, w, d]: Liu et al., "VMamba: visual state space model", 2024, with
 * the weights and orders of its first version. The map is read as four sequences (by rows, by columns, and
 * both reversed); in each, Δ, B and C are made from every token and the recurrence of `selectiveScan` runs;
 * the four results are added at their places: [B, h, w, d].
 * Throws `bad-model` where the weights do not fit.
 */
export function ss2d(x: Tensor, weights: Ss2dWeights, options: Ss2dOptions): Tensor {
  const { xProj, dtProj, dtBias, aLogs, ds } = weights;
  const { stateSize, dtRank, quadrants = false } = options;
  const [batch, rows, columns, channels] = x.shape as [number, number, number, number];
  const map = { batch, rows, columns, quadrants };
  const scan = crossScan(x.graph, map);
  const { tokens, sequences } = scan;

  // Token by token, so that it may be done before the four orders are made of it.
  const features = dtRank + 2 * stateSize;
  const projected = linear(x, reshape(xProj, [SCAN_DIRECTIONS * features, channels]));
  const inOrder = orderSequences(reshape(projected, [batch, rows, columns, SCAN_DIRECTIONS, features]), scan);
  const part = (start: number, size: number) =>
    slice(inOrder, [0, 0, 0, start], [tokens, sequences, SCAN_DIRECTIONS, size]);
  const sequence = [tokens, sequences, SCAN_DIRECTIONS, channels];
  // The bias is a weight of a feature that is 1: half the time of a bias added to so large a product.
  const ones = x.graph.constant(new Float32Array(tokens * sequences).fill(1), [tokens, sequences, 1]);
  const z = linear(
    concat([reshape(part(0, dtRank), [tokens, sequences, SCAN_DIRECTIONS * dtRank]), ones], 2),
    concat([blockDiagonal(dtProj), reshape(dtBias, [SCAN_DIRECTIONS * channels, 1])], 1),
  );
  const y = selectiveScan({
    x: toSequences(x, scan),
    z: reshape(z, sequence),
    a: transpose(negate(exp(reshape(aLogs, [SCAN_DIRECTIONS, channels, stateSize]))), [0, 2, 1]),
    b: part(dtRank, stateSize),
    c: part(dtRank + stateSize, stateSize),
  });
  // D·x is the same at every place whatever the order: once, with the sum of the four D.
  const skip = reduceSum(reshape(ds, [SCAN_DIRECTIONS, channels]), [0]);
  return add(mergeSequences(y, scan, map), mul(x, skip));
}

/** The projections of Δ as one for all directions: [K, d, R] → [K·d, K·R] with zeros between them. */
function blockDiagonal(dtProj: Tensor): Tensor {
  const [directions, channels, rank] = dtProj.shape as [number, number, number];
  const eye = dtProj.graph.constant(
    Float32Array.from({ length: directions ** 2 }, (_, n) => (n % (directions + 1) === 0 ? 1 : 0)),
    [directions, 1, directions, 1],
  );
  const blocks = mul(reshape(dtProj, [directions, channels, 1, rank]), eye);
  return reshape(blocks, [directions * channels, directions * rank]);
}

/**
 * The weights of a scan over `channels` channels, made as parameters `x_proj_weight`, `dt_projs_weight`,
 * `dt_projs_bias`, `A_logs` and `Ds` and started as VMamba does (Gu and Dao 2023, section 3.6, for Δ).
 */
export function ss2dWeights(graph: Graph, channels: number, { stateSize, dtRank }: Ss2dOptions): Ss2dWeights {
  const k = SCAN_DIRECTIONS;
  return {
    xProj: graph.parameter('x_proj_weight', [k, dtRank + 2 * stateSize, channels], {
      kind: 'uniform',
      bound: channels ** -0.5,
    }),
    dtProj: graph.parameter('dt_projs_weight', [k, channels, dtRank], {
      kind: 'uniform',
      bound: dtRank ** -0.5,
    }),
    dtBias: graph.parameter('dt_projs_bias', [k, channels], STEP_BIAS),
    aLogs: graph.parameter('A_logs', [k * channels, stateSize], s4dReal(stateSize)),
    ds: graph.parameter('Ds', [k * channels], ONES),
  };
}

/** Steps Δ log-uniform in [0.001, 0.1], and not below 10⁻⁴; stored is what softplus makes that of. */
const STEP_BIAS: Initializer = {
  kind: 'function',
  value: (_index, random) => {
    const step = Math.max(Math.exp(random.between(Math.log(0.001), Math.log(0.1))), 1e-4);
    return step + Math.log(-Math.expm1(-step));
  },
};

/** S4D-real: A = −(n + 1) for state n, in every channel. */
function s4dReal(stateSize: number): Initializer {
  return { kind: 'function', value: (index) => Math.log((index % stateSize) + 1) };
}
