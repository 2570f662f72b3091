import type { Graph, Parameter, Tensor } from '../graph/index.ts';

/** What a network may see. It takes what it needs; only that becomes an input of its model. */
export interface NetworkInputs {
  /** The target as it was acquired, [N, 1, H/scale, W/scale], about [0, 1], never clipped. */
  readonly target: Tensor;
  /** The target zero-filled to the enhanced grid, [N, 1, H, W], in the same units. */
  readonly zeroFilled: Tensor;
  /** The reference on the enhanced grid, [N, 1, H, W], about [0, 1]; only where the network uses one. */
  readonly reference?: Tensor | undefined;
}

/** What a network gives. */
export interface NetworkOutputs {
  /** The enhanced image, [N, 1, H, W]. */
  readonly enhanced: Tensor;
  /** Its other images, by the names of the paper: the reconstructed reference, images of earlier stages. */
  readonly others: Readonly<Record<string, Tensor>>;
  /** Features inside, by place: for comparison with another implementation, never part of a model. */
  readonly intermediates: Readonly<Record<string, Tensor>>;
}

/** What a training knows beside what the network sees. */
export interface TrainingTruth {
  /** The image that was degraded, [N, 1, H, W]. */
  readonly truth: Tensor;
  /** The truth truncated in k-space to 1/`factor` of its size, [N, 1, H/factor, W/factor]. */
  smaller(factor: number): Tensor;
  /** The reference on the enhanced grid, where the network uses one. */
  readonly reference?: Tensor | undefined;
}

/** An architecture: what a model package names, and builds its graph with. */
export interface NetworkDefinition<Options = unknown> {
  readonly name: string;
  /** The paper, or what the network is, in one line. */
  readonly description: string;
  readonly usesReference: boolean;
  /**
   * How far a pixel of the output sees, in pixels of the enhanced image: half of the receptive field. Tiles
   * overlap by this much. Networks that see the whole image (a scan, a
   * pooling) give the distance beyond which what they see no longer matters much, and say so.
   */
  haloPx(options: Options, scale: 2 | 4): number;
  readonly sees: 'neighbourhood' | 'whole image';
  /** Tiles begin on multiples of so many pixels of the enhanced image, or of the scale where that is more: a power of 2. */
  tileGrid?(options: Options): number;
  /** The options, checked, with defaults for what is left out. Throws `bad-model`. */
  parseOptions(raw: unknown): Options;
  /** Adds the network to the graph, for images of any size. */
  build(graph: Graph, inputs: NetworkInputs, options: Options, scale: 2 | 4): NetworkOutputs;
  /** The loss of its paper, a scalar; mean absolute error of the enhanced image where absent. */
  loss?(outputs: NetworkOutputs, truth: TrainingTruth, options: Options): Tensor;
  /**
   * Names of its raw tensors where it is compared with other implementations (`tandem models run`): what
   * feeds each input, and what each output is (`enhanced`, or a name of `others`).
   */
  readonly rawNames: {
    readonly inputs: Readonly<Record<string, keyof NetworkInputs>>;
    readonly outputs: Readonly<Record<string, string>>;
  };
}

/** The outputs of a network that gives one image. */
export function enhancedOnly(enhanced: Tensor): NetworkOutputs {
  return { enhanced, others: {}, intermediates: {} };
}

/** A network built in a graph of its own. */
export interface NetworkGraph {
  readonly graph: Graph;
  readonly network: NetworkDefinition;
  /** [batch, 1, rows, columns]. */
  readonly enhanced: Tensor;
  readonly outputs: NetworkOutputs;
  /** As parsed: with the defaults for what was left out. */
  readonly options: unknown;
  /** The input, where the network uses one. */
  readonly reference: Tensor | undefined;
  readonly parameters: readonly Parameter[];
}
