import { l1Loss, type Tensor } from '../graph/index.ts';
import type { NetworkGraph } from './definition.ts';

/** What a training feeds beside what the network sees, and the loss it lowers. */
export interface PaperLoss {
  /** A scalar. */
  readonly loss: Tensor;
  /** The image that was degraded, [batch, 1, rows, columns]: the graph's input `truth`. */
  readonly truth: Tensor;
  /**
   * Factors by which smaller truths are wanted: for each an input `truth_<factor>` [batch, 1, rows/factor,
   * columns/factor], the truth truncated in k-space.
   */
  readonly smallerTruths: readonly number[];
}

/**
 * Adds the loss of a network's paper to its graph, with the inputs that it needs; mean absolute error where
 * the paper's is that, or where the network has none of its own.
 */
export function paperLoss({
  graph,
  network,
  outputs,
  enhanced,
  options,
  reference,
}: NetworkGraph): PaperLoss {
  const truth = graph.input('truth', enhanced.shape);
  const [batch, , rows, columns] = enhanced.shape as [number, number, number, number];
  const smaller = new Map<number, Tensor>([[1, truth]]);
  const loss = network.loss?.(
    outputs,
    {
      truth,
      smaller: (factor) => {
        const known = smaller.get(factor);
        if (known !== undefined) return known;
        const input = graph.input(`truth_${factor}`, [batch, 1, rows / factor, columns / factor]);
        smaller.set(factor, input);
        return input;
      },
      reference,
    },
    options,
  );
  return {
    loss: loss ?? l1Loss(enhanced, truth),
    truth,
    smallerTruths: [...smaller.keys()].filter((factor) => factor > 1),
  };
}
