import { notDifferentiableAgain, type Operator } from '../../operator.ts';
import { elementCount, float32, ShapeError, sameShape } from '../../shape.ts';
import type { Tensor } from '../../tensor.ts';
import { attentionBackward } from './linearAttention.ts';
import { scanGradientReference } from './reference.ts';
import { scanBackward } from './scanNodes.ts';
import { type Chunking, scanSizes } from './sizes.ts';

/**
 * The gradient of a selective scan, chunk by chunk from the last: the states of a chunk are computed again
 * from the one kept at its start, then dL/dh runs back through it. With g = dL/dhₜ, u = Δ·x and a = exp(Δ·A),
 *
 *     gₜ = Cₜ·dyₜ + aₜ₊₁·gₜ₊₁          qₜ = gₜ·aₜ·hₜ₋₁          duₜ = Σₙ Bₜ·gₜ
 *     dxₜ = Δₜ·duₜ     dBₜ = Σ_d uₜ·gₜ     dCₜ = Σ_d hₜ·dyₜ     dA = Σₜ Δₜ·qₜ
 *     dzₜ = σ(zₜ)·(xₜ·duₜ + Σₙ A·qₜ)
 *
 * Inputs x, z, A, B, C, the kept states and dL/dy; outputs dL/dx, dL/dz, dL/dA, dL/dB, dL/dC.
 */
const SELECTIVE_SCAN_GRADIENT: Operator<Chunking> = {
  name: 'selectiveScanGradient',
  infer: (inputs, attributes) => {
    const { tokens, batch, directions, states, channels } = scanSizes(inputs, attributes);
    const [x, z, a, b, c, kept, dy] = inputs;
    if (!sameShape(kept!.shape, [tokens / attributes.chunk, batch, directions, states, channels])) {
      throw new ShapeError('the kept states are those of another scan');
    }
    if (!sameShape(dy!.shape, x!.shape)) throw new ShapeError('dL/dy has the shape of x');
    return [x!, z!, a!, b!, c!].map(({ shape }) => float32(shape));
  },
  onnx: (emit, inputs, attributes, types) => {
    const sizes = scanSizes(types.inputs, attributes);
    return emit.device === 'webgpu' || emit.device === 'cuda'
      ? attentionBackward(emit, inputs, sizes, attributes)
      : scanBackward(emit, inputs, sizes, attributes);
  },
  gradient: () => notDifferentiableAgain('selectiveScanGradient'),
  reference: (inputs, attributes) => scanGradientReference(inputs, scanSizes(inputs, attributes)),
  // Per state: Δ·A, a·h and B·u again; C·dy, a·g, g·a·h; and four sums.
  multiplyAccumulates: (inputs, attributes) => {
    const { tokens, batch, directions, states, channels } = scanSizes(inputs, attributes);
    return 11 * tokens * batch * directions * states * channels;
  },
  workspaceBytes: ([x, , a], { chunk }) => {
    const [tokens, batch] = x!.shape as [number, number];
    const sequences = (chunk * elementCount(x!.shape)) / tokens;
    const state = batch * elementCount(a!.shape);
    // Of a chunk the decays and decayed states, and what becomes Δ, u and gradients; of a token six states.
    return 4 * (2 * chunk * state + 8 * sequences + 6 * state);
  },
};

/** dL/dx, dL/dz, dL/dA, dL/dB and dL/dC of a selective scan, from its inputs, the states it kept and dL/dy. */
export function selectiveScanGradient(
  inputs: readonly Tensor[],
  kept: Tensor,
  dy: Tensor,
  { chunk }: Chunking,
): readonly Tensor[] {
  return dy.graph.apply(SELECTIVE_SCAN_GRADIENT, [...inputs, kept, dy], { chunk });
}
