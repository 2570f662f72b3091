import { gradients } from './autodiff.ts';
import { type Graph, nodesBehind, type Parameter } from './graph.ts';
import { type TensorMemory, tensorMemory } from './memory.ts';
import type { GraphDevice } from './onnx/emitter.ts';
import { toOnnx } from './onnx/model.ts';
import {
  addReport,
  type OptimiserOptions,
  type OptimiserStep,
  optimiserStep,
  type StateEntry,
  updatedName,
} from './optimiserStep.ts';
import { joinPack, type Pack, packParameters } from './optimisers/packs.ts';
import { elementCount, type Shape } from './shape.ts';
import type { Tensor } from './tensor.ts';

export const STEP_LOSS = 'loss';
const FLOAT32_BYTES = 4;

export interface TrainingStepOptions extends OptimiserOptions {
  readonly name: string;
  readonly device?: GraphDevice;
  /** See `OnnxOptions`: the step is then for onnxruntime on a CPU whose blocks have that size. */
  readonly blockedChannels?: number | undefined;
  /** Scalars to be told beside the loss, by name: its terms, say. */
  readonly reports?: Readonly<Record<string, Tensor>>;
}

export interface DataInput {
  readonly name: string;
  readonly shape: Shape;
}

/** What a training step takes and gives, in one model or in several. */
export interface StepDescription {
  readonly parameters: readonly Parameter[];
  /** All that one step hands to the next. What is not in it is the data. */
  readonly state: readonly StateEntry[];
  /** What else is fed at every step: the graph's own inputs, as far as the step depends on them. */
  readonly data: readonly DataInput[];
  /** Names of the scalars that come out, the loss first. */
  readonly reports: readonly string[];
  readonly scalars: OptimiserStep['scalars'];
}

export interface TrainingStep extends StepDescription {
  readonly onnx: Uint8Array;
  readonly device: GraphDevice;
  readonly memory: StepMemory;
}

/** Bytes of the tensors of a step. */
export interface StepMemory extends TensorMemory {
  /** Of the state, which is both fed and computed. */
  readonly state: number;
}

/**
 * One training step as one standard ONNX model: forward, loss, backward, clipping, Adam or AdamW, average.
 * It takes the graph's own inputs, the scalars and the state; it gives the reports and the state updated.
 *
 * Throws `bad-model` where the loss or a report has more than one element, or a report has the name of another.
 */
export function trainingStep(graph: Graph, loss: Tensor, options: TrainingStepOptions): TrainingStep {
  const { device = 'cpu' } = options;
  const ownInputs = graph.inputs;
  const { packs, packed, reports } = lossGradients(graph, loss, options);
  const { outputs: updated, state, scalars } = optimiserStep(graph, packs, packed, reports, options);
  const outputs = { ...reports, ...updated, ...bufferUpdates(graph) };
  return {
    onnx: toOnnx({
      name: options.name,
      outputs,
      parameters: 'inputs',
      device,
      blockedChannels: options.blockedChannels,
    }),
    device,
    parameters: graph.parameters,
    state,
    data: dataInputs(ownInputs, Object.values(outputs)),
    reports: Object.keys(reports),
    scalars,
    memory: { ...tensorMemory(Object.values(outputs)), state: stateBytes(state) },
  };
}

/** The loss with what is told beside it, and its gradients by the packs of the parameters. */
export function lossGradients(
  graph: Graph,
  loss: Tensor,
  { reports: told = {} }: Pick<TrainingStepOptions, 'reports'>,
): { readonly packs: readonly Pack[]; readonly packed: readonly Tensor[]; reports: Record<string, Tensor> } {
  const trained = graph.parameters.filter((parameter) => parameter.trained);
  const packs = packParameters(trained);
  const found = gradients(
    loss,
    trained.map(({ tensor }) => tensor),
  );
  const gradientOf = new Map(trained.map((parameter, n) => [parameter, found[n]!]));
  const packed = packs.map((pack) =>
    joinPack(pack.parameters.map((parameter) => gradientOf.get(parameter)!)),
  );
  const reports: Record<string, Tensor> = {};
  addReport(reports, STEP_LOSS, loss);
  for (const [name, tensor] of Object.entries(told)) addReport(reports, name, tensor);
  return { packs, packed, reports };
}

/** What the graph's buffers are replaced by, under `updatedName`. */
export function bufferUpdates(graph: Graph): Record<string, Tensor> {
  return Object.fromEntries([...graph.updates].map(([path, next]) => [updatedName(path), next]));
}

/** Those of a graph's inputs that the outputs depend on. */
export function dataInputs(inputs: readonly Tensor[], outputs: readonly Tensor[]): DataInput[] {
  const used = new Set(nodesBehind(outputs).flatMap((node) => node.inputs));
  return inputs.flatMap((input) => {
    const { origin, shape } = input;
    return origin.kind === 'input' && used.has(input) ? [{ name: origin.name, shape }] : [];
  });
}

/** Bytes of a state's values. */
export function stateBytes(state: readonly StateEntry[]): number {
  return state.reduce((sum, { shape }) => sum + FLOAT32_BYTES * elementCount(shape), 0);
}
