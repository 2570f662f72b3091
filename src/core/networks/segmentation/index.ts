import { TandemError } from '../../errors.ts';
import { Graph, type GraphDevice, type GraphOptions, type Tensor, toOnnx } from '../../graph/index.ts';
import { attentionUnet } from './attentionUnet.ts';
import type { SegmentationDefinition } from './definition.ts';
import { swinUnet } from './swinUnet.ts';

export type { SegmentationDefinition } from './definition.ts';

/** Every segmentation network, by the name that a model package gives. */
export const segmentationNetworks: Readonly<Record<string, SegmentationDefinition>> = {
  [attentionUnet.name]: attentionUnet,
  [swinUnet.name]: swinUnet,
};

/** The segmentation network of that name. Throws `bad-model`. */
export function segmentationNetworkNamed(name: string): SegmentationDefinition {
  const network = Object.hasOwn(segmentationNetworks, name) ? segmentationNetworks[name] : undefined;
  if (network !== undefined) return network;
  throw new TandemError('bad-model', `There is no segmentation network called ${name}`, {
    hint: `Segmentation networks: ${Object.keys(segmentationNetworks).join(', ')}.`,
  });
}

export interface SegmentationShape {
  readonly batch: number;
  readonly contrasts: number;
  readonly rows: number;
  readonly columns: number;
}

/** A segmentation network built in a graph of its own, on the input `images`. */
export interface SegmentationGraph {
  readonly graph: Graph;
  /** [batch, contrasts, rows, columns]. */
  readonly images: Tensor;
  /** [batch, 1, rows, columns]. */
  readonly logits: Tensor;
  /** As parsed: with the defaults for what was left out. */
  readonly options: unknown;
}

/** A graph of the named network. Throws `bad-model` for an unknown name, wrong options or sizes. */
export function segmentationGraph(
  name: string,
  options: unknown,
  { batch, contrasts, rows, columns }: SegmentationShape,
  mode: GraphOptions = {},
): SegmentationGraph {
  const network = segmentationNetworkNamed(name);
  const graph = new Graph(mode);
  const images = graph.input('images', [batch, contrasts, rows, columns]);
  const parsed = network.parseOptions(options);
  return { graph, images, logits: network.build(graph, images, parsed), options: parsed };
}

/** The ONNX model of a trained network for images of one shape: input `images`, output `logits`. */
export function segmentationModel(
  source: {
    readonly network: string;
    readonly options: unknown;
    readonly weights: ReadonlyMap<string, { readonly data: ArrayLike<number> }>;
  },
  shape: SegmentationShape,
  device: GraphDevice = 'cpu',
): Uint8Array {
  const { logits } = segmentationGraph(source.network, source.options, shape);
  const parameters = new Map([...source.weights].map(([path, { data }]) => [path, data]));
  return toOnnx({ name: source.network, outputs: { logits }, parameters, device });
}
