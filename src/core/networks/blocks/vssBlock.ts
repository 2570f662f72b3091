import {
  add,
  conv2d,
  type Graph,
  linear,
  mul,
  silu,
  slice,
  type Tensor,
  transpose,
  ZEROS,
} from '../../graph/index.ts';
import { channelAttention } from './channelAttention.ts';
import { fanInUniform } from './fanInUniform.ts';
import { layerNormLayer } from './layerNorm.ts';
import { linearLayer } from './linear.ts';
import { ss2d, ss2dWeights } from './ss2d.ts';

export interface GatedScanOptions {
  /** Channels inside the block, as a multiple of those of its input: 2. */
  readonly expand?: number;
  /** N, states of each channel: 16. */
  readonly stateSize?: number;
  /** R, from which Δ is made: ⌈C / 16⌉. */
  readonly dtRank?: number;
  /** Whether `in_proj` and `out_proj` have a bias; not in VMamba. */
  readonly linearBias?: boolean;
  /** Scan the four quadrants of the map one by one. */
  readonly quadrants?: boolean;
}

export interface VssBlockOptions extends GatedScanOptions {
  /** Channel attention `ca` before the residual; none where absent. */
  readonly channelAttention?: { readonly hidden: number } | undefined;
}

/**
 * The visual state space block of VMamba (Liu et al. 2024, its first version; the "vision Mamba" block of
 * Ji et al.): tokens x [B, h, w, C] → x + CA(gatedScan(LN(x))). Parameters `ln_1`, those of `gatedScan` and,
 * where asked, `ca.{fc1, fc2}`, below the open scope. In VMamba's own files all but `ln_1` is below
 * `self_attention`, and what is here in `scan` stands beside the rest.
 */
export function vssBlock(graph: Graph, x: Tensor, options: VssBlockOptions = {}): Tensor {
  const { channelAttention: attention } = options;
  const y = gatedScan(graph, layerNormLayer(graph, 'ln_1', x), options);
  return add(x, attention ? graph.scope('ca', () => channelAttention(graph, y, attention)) : y);
}

/**
 * A gated 2-D selective scan (`SS2D` of VMamba): tokens u [B, h, w, C] → the same. With d = expand · C and
 * `in_proj` of u to a and z, d channels each:
 *
 *     out_proj(LN(SS2D(SiLU(DWConv 3×3(a)))) · SiLU(z))
 *
 * Parameters `in_proj`, `conv2d`, `scan.{x_proj_weight, dt_projs_weight, dt_projs_bias, A_logs, Ds}`,
 * `out_norm` and `out_proj`, below the open scope.
 */
export function gatedScan(graph: Graph, u: Tensor, options: GatedScanOptions = {}): Tensor {
  const channels = u.shape[3] ?? 1;
  const {
    expand = 2,
    stateSize = 16,
    dtRank = Math.ceil(channels / 16),
    linearBias = false,
    quadrants = false,
  } = options;
  const inner = expand * channels;
  const scanOptions = { stateSize, dtRank, quadrants };

  const [a, z] = gatedProjection(graph, u, inner, linearBias);
  const local = transpose(depthwise(graph, 'conv2d', transpose(a, [0, 3, 1, 2])), [0, 2, 3, 1]);
  const weights = graph.scope('scan', () => ss2dWeights(graph, inner, scanOptions));
  const scanned = graph.scope('scan', () => ss2d(local, weights, scanOptions));
  const gated = mul(layerNormLayer(graph, 'out_norm', scanned), silu(z));
  return linearLayer(graph, 'out_proj', gated, { features: channels, bias: linearBias });
}

/** `in_proj` to the scan's path (its first half) and the gate, each [B, h, w, inner]: the weights are cut, not the tokens. */
function gatedProjection(graph: Graph, u: Tensor, inner: number, withBias: boolean): [Tensor, Tensor] {
  const channels = u.shape[3]!;
  return graph.scope('in_proj', () => {
    const weight = graph.parameter('weight', [2 * inner, channels], {
      kind: 'truncatedNormal',
      standardDeviation: 0.02,
    });
    const bias = withBias ? graph.parameter('bias', [2 * inner], ZEROS) : undefined;
    const half = (start: number) =>
      linear(u, slice(weight, [start, 0], [inner, channels]), bias && slice(bias, [start], [inner]));
    return [half(0), half(inner)];
  });
}

/** SiLU of a 3×3 convolution of each channel for itself, with bias: [B, d, h, w] → the same. */
function depthwise(graph: Graph, name: string, x: Tensor): Tensor {
  const channels = x.shape[1]!;
  return graph.scope(name, () =>
    silu(
      conv2d(x, graph.parameter('weight', [channels, 1, 3, 3], fanInUniform(9)), {
        bias: graph.parameter('bias', [channels], fanInUniform(9)),
        padding: 1,
        groups: channels,
      }),
    ),
  );
}
