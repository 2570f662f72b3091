import { applyOne } from '../../graph.ts';
import type { Operator } from '../../operator.ts';
import { elementCount, float32, ShapeError, sameShape } from '../../shape.ts';
import type { Tensor } from '../../tensor.ts';
import { add, mul } from '../arithmetic.ts';
import { pad, slice } from '../pad.ts';
import { chunkFor } from './chunks.ts';
import { attentionForward } from './linearAttention.ts';
import { scanReference } from './reference.ts';
import { scanForward } from './scanNodes.ts';
import { selectiveScanGradient } from './selectiveScanGradient.ts';
import { type Chunking, scanSizes } from './sizes.ts';

interface SelectiveScan extends Chunking {
  /** Whether the states at the start of each chunk are a second output, for the way back. */
  readonly keepStates: boolean;
}

/**
 * The recurrence of a selective state space model: Gu and Dao, "Mamba: linear-time sequence modeling with
 * selective state spaces", 2023, algorithm 2, with Euler's rule for B as their code has it. For every
 * sequence of the batch, direction, channel d and state n, from h = 0:
 *
 *     h[n, d] ← exp(Δₜ[d] · A[n, d]) · h[n, d] + Δₜ[d] · Bₜ[n] · xₜ[d]        yₜ[d] = Σₙ Cₜ[n] · h[n, d]
 *
 * with Δ = softplus(z). Inputs x, z [L, B, K, D], A [K, N, D], B, C [L, B, K, N]: tokens are outermost and
 * channels innermost, as the recurrence reads them. Outputs: y [L, B, K, D] and, where asked, the states at
 * the start of each chunk [L / chunk, B, K, N, D].
 */
const SELECTIVE_SCAN: Operator<SelectiveScan> = {
  name: 'selectiveScan',
  infer: (inputs, attributes) => {
    const { tokens, batch, directions, states, channels } = scanSizes(inputs, attributes);
    const y = float32([tokens, batch, directions, channels]);
    const kept = float32([tokens / attributes.chunk, batch, directions, states, channels]);
    return attributes.keepStates ? [y, kept] : [y];
  },
  // Scan has no kernel on a GPU; LinearAttention is slow on the CPU.
  onnx: (emit, inputs, attributes, types) => {
    const sizes = scanSizes(types.inputs, attributes);
    return emit.device === 'webgpu' || emit.device === 'cuda'
      ? attentionForward(emit, inputs, sizes, attributes)
      : scanForward(emit, inputs, sizes, attributes);
  },
  // Nothing flows back through the kept states: they are there for the gradient alone.
  gradient: ({ inputs, outputs, attributes, outputGradients: [dy] }) => {
    if (dy === undefined) return [];
    const keeping = { ...attributes, keepStates: true };
    const [, kept] = attributes.keepStates ? outputs : dy.graph.apply(SELECTIVE_SCAN, inputs, keeping);
    return selectiveScanGradient(inputs, kept!, dy, attributes);
  },
  reference: (inputs, attributes) => {
    const found = scanReference(inputs, scanSizes(inputs, attributes), attributes);
    return attributes.keepStates ? found : found.slice(0, 1);
  },
  // Per state: Δ · A, the decay of h, B · u and C · h.
  multiplyAccumulates: (inputs, attributes) => {
    const { tokens, batch, directions, states, channels } = scanSizes(inputs, attributes);
    return 4 * tokens * batch * directions * states * channels;
  },
  workspaceBytes: ([x, , a], { chunk }) => {
    const [tokens, batch] = x!.shape as [number, number];
    // Of a chunk what becomes Δ and u; of a token the decay, B⊗u and two states that take turns.
    return 4 * ((4 * chunk * elementCount(x!.shape)) / tokens + 4 * batch * elementCount(a!.shape));
  },
};

export interface SelectiveScanInputs {
  /** The sequences [L, B, K, D]. */
  readonly x: Tensor;
  /** Step sizes before their softplus [L, B, K, D]: Δ = log(1 + e^z). */
  readonly z: Tensor;
  /** [K, N, D], below 0. */
  readonly a: Tensor;
  /** [L, B, K, N] */
  readonly b: Tensor;
  /** [L, B, K, N] */
  readonly c: Tensor;
  /** The skip connection [K, D]; none where left out. */
  readonly d?: Tensor | undefined;
}

/**
 * K selective scans at once over x [L, B, K, D]: h ← exp(Δ·A)·h + Δ·B·x, y = Σₙ C·h + D·x along the first
 * axis, from h = 0 (`selective_scan_fn` of github.com/state-spaces/mamba with `delta_softplus`). [L, B, K, D].
 * For the way back a graph of a training step keeps one state in about √L / 2; the others are
 * computed again. Throws `bad-model` where the shapes do not fit.
 */
export function selectiveScan({ x, z, a, b, c, d }: SelectiveScanInputs): Tensor {
  const { chunk, padding } = chunkFor(x.shape[0] ?? 1);
  // What comes after the end changes nothing before it.
  const longer = (sequence: Tensor) => pad(sequence, [0, 0, 0, 0], [padding, 0, 0, 0]);
  const inputs = [longer(x), longer(z), a, longer(b), longer(c)] as const;
  const scanned = applyOne(SELECTIVE_SCAN, inputs, { chunk, keepStates: x.graph.training });
  const y = slice(scanned, [0, 0, 0, 0], x.shape);
  if (d === undefined) return y;
  x.graph.checked('selectiveScan', [x, d], () => {
    if (!sameShape(d.shape, x.shape.slice(2))) throw new ShapeError('D is [K, D]');
  });
  return add(y, mul(x, d));
}
