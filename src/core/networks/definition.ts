import type { Graph, Tensor } from '../graph/index.ts';

export interface NetworkInputs {
  /** The target zero-filled to the enhanced grid, [N, 1, H, W], about [0, 1], never clipped. */
  readonly zeroFilled: Tensor;
  /** The reference on the enhanced grid, [N, 1, H, W], about [0, 1]; only where the network uses one. */
  readonly reference?: Tensor | undefined;
}

/** An architecture: what a model package names, and builds its graph with. */
export interface NetworkDefinition<Options = unknown> {
  readonly name: string;
  /** The paper, or what the network is, in one line. */
  readonly description: string;
  readonly usesReference: boolean;
  /**
   * Half of the receptive field, in pixels of the enhanced image, the largest over all options: a pixel of
   * the output depends on no input pixel further away. Tiles overlap by this much.
   */
  readonly haloPx: number;
  /** The options, checked, with defaults for what is left out. Throws `bad-model`. */
  parseOptions(raw: unknown): Options;
  /** Adds the network to the graph. Returns the enhanced image, [N, 1, H, W]. */
  build(graph: Graph, inputs: NetworkInputs, options: Options, scale: 2 | 4): Tensor;
}
