import type { Graph, Tensor } from '../../graph/index.ts';

/** An architecture that finds a structure in slices: what a segmentation package names and builds its graph with. */
export interface SegmentationDefinition<Options = unknown> {
  readonly name: string;
  /** The paper, in one line. */
  readonly description: string;
  /** Rows and columns of its images are multiples of this, in pixels. */
  multipleOf(options: Options): number;
  /** The options, checked, with defaults for what is left out. Throws `bad-model`. */
  parseOptions(raw: unknown): Options;
  /**
   * Adds the network to the graph: images [N, contrasts, H, W], normalised by the package's rule, to logits
   * [N, 1, H, W] of the structure. Throws `bad-model` for sizes it does not take.
   */
  build(graph: Graph, images: Tensor, options: Options): Tensor;
}
