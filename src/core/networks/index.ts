import { TandemError } from '../errors.ts';
import { Graph, type GraphDevice, type Parameter, toOnnx } from '../graph/index.ts';
import type { NetworkDefinition } from './definition.ts';
import { srcnn, srcnnGuided } from './srcnn.ts';

export type { NetworkDefinition, NetworkInputs } from './definition.ts';

/** Every network, by the name that a model package gives. */
export const networks: Readonly<Record<string, NetworkDefinition>> = {
  [srcnn.name]: srcnn,
  [srcnnGuided.name]: srcnnGuided,
};

/** The network of that name. Throws `bad-model`. */
export function networkNamed(name: string): NetworkDefinition {
  const network = Object.hasOwn(networks, name) ? networks[name] : undefined;
  if (network !== undefined) return network;
  throw new TandemError('bad-model', `There is no network called ${name}`, {
    hint: `Networks: ${Object.keys(networks).join(', ')}.`,
  });
}

export interface NetworkGraph {
  readonly graph: Graph;
  readonly network: NetworkDefinition;
  /** [batch, 1, rows, columns]. */
  readonly enhanced: ReturnType<NetworkDefinition['build']>;
  readonly parameters: readonly Parameter[];
}

/**
 * A graph of the named network on its own inputs: `zero_filled` and, where it uses one, `reference`, both
 * [batch, 1, rows, columns] of the enhanced image. Throws `bad-model` for an unknown name or wrong options.
 */
export function networkGraph(
  name: string,
  options: unknown,
  scale: 2 | 4,
  size: { readonly batch: number; readonly rows: number; readonly columns: number },
  mode: { readonly training?: boolean } = {},
): NetworkGraph {
  const network = networkNamed(name);
  const graph = new Graph(mode);
  const shape = [size.batch, 1, size.rows, size.columns];
  const zeroFilled = graph.input('zero_filled', shape);
  const reference = network.usesReference ? graph.input('reference', shape) : undefined;
  const enhanced = network.build(graph, { zeroFilled, reference }, network.parseOptions(options), scale);
  return { graph, network, enhanced, parameters: graph.parameters };
}

export interface InferenceSource {
  readonly network: string;
  readonly options: unknown;
  readonly scale: 2 | 4;
  readonly weights: ReadonlyMap<string, { readonly data: ArrayLike<number> }>;
}

/**
 * The ONNX model of a trained network for one image (or tile) of the ENHANCED size: inputs `zero_filled`
 * and, where the network uses one, `reference`, both [1, 1, rows, columns], scaled to about [0, 1] and
 * never clipped; output `enhanced` of the same shape.
 */
export function inferenceModel(
  source: InferenceSource,
  rows: number,
  columns: number,
  device: GraphDevice = 'cpu',
): Uint8Array {
  const { enhanced } = networkGraph(source.network, source.options, source.scale, {
    batch: 1,
    rows,
    columns,
  });
  const parameters = new Map([...source.weights].map(([path, { data }]) => [path, data]));
  return toOnnx({ name: source.network, outputs: { enhanced }, parameters, device });
}
