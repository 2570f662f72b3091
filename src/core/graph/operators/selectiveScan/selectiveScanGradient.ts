import { notDifferentiableAgain, type Operator } from '../../operator.ts';
import { float32, ShapeError, sameShape } from '../../shape.ts';
import type { Tensor } from '../../tensor.ts';
import { attentionBackward } from './linearAttention.ts';
import { scanGradientReference } from './reference.ts';
import { scanBackward } from './scanNodes.ts';
import { type Chunking, scanSizes } from './sizes.ts';

/**
 * The gradient of the recurrence h ← exp(Δ·A)·h + B·u, y = Σₙ C·h, chunk by chunk from the last: the states of a chunk are computed again
 * from the one kept at its start, then dL/dh runs back through it. With g = dL/dhₜ,
 *
 *     gₜ = Cₜ·dyₜ + aₜ₊₁·gₜ₊₁,  aₜ = exp(Δₜ·A)          duₜ = Σₙ Bₜ·gₜ     dBₜ = Σ_d uₜ·gₜ     dCₜ = Σ_d hₜ·dyₜ
 *     qₜ = gₜ·aₜ·hₜ₋₁                                    dΔₜ = Σₙ A·qₜ      dA = Σₜ Δₜ·qₜ
 *
 * Inputs u, Δ, A, B, C, the kept states and dL/dy; outputs dL/du, dL/dΔ, dL/dA, dL/dB, dL/dC.
 */
const SELECTIVE_SCAN_GRADIENT: Operator<Chunking> = {
  name: 'selectiveScanGradient',
  infer: (inputs, attributes) => {
    const { tokens, batch, directions, states, channels } = scanSizes(inputs, attributes);
    const [u, delta, a, b, c, kept, dy] = inputs;
    if (!sameShape(kept!.shape, [tokens / attributes.chunk, batch, directions, states, channels])) {
      throw new ShapeError('the kept states are those of another scan');
    }
    if (!sameShape(dy!.shape, u!.shape)) throw new ShapeError('dL/dy has the shape of u');
    return [u!, delta!, a!, b!, c!].map(({ shape }) => float32(shape));
  },
  onnx: (emit, inputs, attributes, types) => {
    const sizes = scanSizes(types.inputs, attributes);
    return emit.device === 'webgpu' || emit.device === 'cuda'
      ? attentionBackward(emit, inputs, sizes, attributes)
      : scanBackward(emit, inputs, sizes, attributes);
  },
  gradient: () => notDifferentiableAgain('selectiveScanGradient'),
  reference: (inputs, attributes) => scanGradientReference(inputs, scanSizes(inputs, attributes)),
  multiplyAccumulates: (inputs, attributes) => {
    const { tokens, batch, directions, states, channels } = scanSizes(inputs, attributes);
    return 12 * tokens * batch * directions * states * channels;
  },
};

/** dL/du, dL/dΔ, dL/dA, dL/dB and dL/dC of the recurrence, from u = Δ·x, Δ, A, B, C, the states that were kept, and dL/dy. */
export function selectiveScanGradient(
  { u, delta, a, b, c }: Readonly<Record<'u' | 'delta' | 'a' | 'b' | 'c', Tensor>>,
  kept: Tensor,
  dy: Tensor,
  attributes: Chunking,
): readonly Tensor[] {
  return dy.graph.apply(SELECTIVE_SCAN_GRADIENT, [u, delta, a, b, c, kept, dy], attributes);
}
