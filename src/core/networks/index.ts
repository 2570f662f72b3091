import { TandemError } from '../errors.ts';
import {
  Graph,
  type GraphDevice,
  type GraphOptions,
  type Shape,
  type Tensor,
  toOnnx,
} from '../graph/index.ts';
import type { NetworkDefinition, NetworkGraph, NetworkInputs } from './definition.ts';
import { deformMamba } from './deformMamba.ts';
import { edsr, edsrGuided } from './edsr.ts';
import { glmamba, glmambaTarget } from './glmamba.ts';
import { iconet } from './iconet.ts';
import { minet } from './minet.ts';
import { sanet } from './sanet.ts';
import { srcnn, srcnnGuided } from './srcnn.ts';
import { vdsr } from './vdsr.ts';

export type {
  NetworkDefinition,
  NetworkGraph,
  NetworkInputs,
  NetworkOutputs,
  TrainingTruth,
} from './definition.ts';
export { type PaperLoss, paperLoss } from './paperLoss.ts';

/** Every network, by the name that a model package gives. */
export const networks: Readonly<Record<string, NetworkDefinition>> = {
  [srcnn.name]: srcnn,
  [srcnnGuided.name]: srcnnGuided,
  [vdsr.name]: vdsr,
  [edsr.name]: edsr,
  [edsrGuided.name]: edsrGuided,
  [sanet.name]: sanet,
  [minet.name]: minet,
  [glmamba.name]: glmamba,
  [glmambaTarget.name]: glmambaTarget,
  [deformMamba.name]: deformMamba,
  [iconet.name]: iconet,
};

/** The network of that name. Throws `bad-model`. */
export function networkNamed(name: string): NetworkDefinition {
  const network = Object.hasOwn(networks, name) ? networks[name] : undefined;
  if (network !== undefined) return network;
  throw new TandemError('bad-model', `There is no network called ${name}`, {
    hint: `Networks: ${Object.keys(networks).join(', ')}.`,
  });
}

/**
 * A graph of the named network on its own inputs: `target` [batch, 1, rows/scale, columns/scale] as
 * acquired, `zero_filled` and, where it uses one, `reference`, both [batch, 1, rows, columns] of the
 * enhanced image; a model made from it has those that it depends on. Throws `bad-model` for an unknown name,
 * wrong options, or rows and columns that are no multiples of the scale where the network takes `target`.
 */
export function networkGraph(
  name: string,
  options: unknown,
  scale: 2 | 4,
  size: { readonly batch: number; readonly rows: number; readonly columns: number },
  mode: GraphOptions = {},
): NetworkGraph {
  const network = networkNamed(name);
  const graph = new Graph(mode);
  const { batch, rows, columns } = size;
  const { usesReference } = network;
  // An input is made where it is asked for: a network that never looks at the target takes images of any size.
  const inputs: NetworkInputs = {
    get target() {
      return inputNamed(graph, 'target', [batch, 1, rows / scale, columns / scale]);
    },
    get zeroFilled() {
      return inputNamed(graph, 'zero_filled', [batch, 1, rows, columns]);
    },
    get reference() {
      return usesReference ? inputNamed(graph, 'reference', [batch, 1, rows, columns]) : undefined;
    },
  };
  const parsed = network.parseOptions(options);
  const outputs = network.build(graph, inputs, parsed, scale);
  return {
    graph,
    network,
    enhanced: outputs.enhanced,
    outputs,
    options: parsed,
    reference: inputs.reference,
    parameters: graph.parameters,
  };
}

function inputNamed(graph: Graph, name: string, shape: Shape): Tensor {
  const known = graph.inputs.find(({ origin }) => origin.kind === 'input' && origin.name === name);
  return known ?? graph.input(name, shape);
}

export interface InferenceSource {
  readonly network: string;
  readonly options: unknown;
  readonly scale: 2 | 4;
  readonly weights: ReadonlyMap<string, { readonly data: ArrayLike<number> }>;
}

/**
 * The ONNX model of a trained network for one image (or tile) of the ENHANCED size: of the inputs of
 * `networkGraph` those that the network looks at, scaled to about [0, 1] and never clipped; output
 * `enhanced` [1, 1, rows, columns].
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
