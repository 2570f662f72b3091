import { conv2d, convTranspose2d, type Graph, type Tensor, transpose } from '../../graph/index.ts';
import { fanInUniform } from './fanInUniform.ts';

export interface PatchOptions {
  readonly channels: number;
  /** Side of a patch, in pixels. */
  readonly patch: number;
}

/**
 * Patches of an image as tokens: a convolution p×p with stride p, [B, C, H, W] → [B, H/p, W/p, channels].
 * Parameters `<name>.weight` [channels, C, p, p] and `<name>.bias`. What does not fill a patch is left out.
 */
export function patchEmbedding(
  graph: Graph,
  name: string,
  x: Tensor,
  { channels, patch }: PatchOptions,
): Tensor {
  const shape = [channels, x.shape[1] ?? 1, patch, patch];
  const initializer = fanInUniform(shape[1]! * patch * patch);
  const embedded = graph.scope(name, () =>
    conv2d(x, graph.parameter('weight', shape, initializer), {
      bias: graph.parameter('bias', [channels], initializer),
      stride: patch,
    }),
  );
  return transpose(embedded, [0, 2, 3, 1]);
}

/**
 * Tokens as an image: a transposed convolution p×p with stride p, [B, h, w, C] → [B, channels, h·p, w·p].
 * Parameters `<name>.weight` [C, channels, p, p] and `<name>.bias`.
 */
export function patchUnembedding(
  graph: Graph,
  name: string,
  tokens: Tensor,
  { channels, patch }: PatchOptions,
): Tensor {
  const shape = [tokens.shape[3] ?? 1, channels, patch, patch];
  // torch takes the second axis of a transposed kernel for its fan-in.
  const initializer = fanInUniform(channels * patch * patch);
  return graph.scope(name, () =>
    convTranspose2d(transpose(tokens, [0, 3, 1, 2]), graph.parameter('weight', shape, initializer), {
      bias: graph.parameter('bias', [channels], initializer),
      stride: patch,
    }),
  );
}
