import { TandemError } from '../errors.ts';
import type { Graph } from './graph.ts';
import { type TensorMemory, tensorMemory } from './memory.ts';
import { toOnnx } from './onnx/model.ts';
import { optimiserStep, packName } from './optimiserStep.ts';
import { formatShape } from './shape.ts';
import type { Tensor } from './tensor.ts';
import {
  bufferUpdates,
  type DataInput,
  dataInputs,
  lossGradients,
  type StepDescription,
  stateBytes,
  type TrainingStepOptions,
} from './trainingStep.ts';

/**
 * A training step whose batch is cut into shards along its first axis, as two standard ONNX models: one run a
 * shard, whoever runs it, and one on the means of what the shards gave. The means do not depend on who computed
 * what, and so the weights do not either.
 */
export interface ShardedStep extends StepDescription {
  readonly shards: number;
  /** Parameters and a shard's data in; its reports, gradients by packs and updated buffers out. */
  readonly gradient: {
    readonly onnx: Uint8Array;
    /** The data of one shard. `data` of the step is that of the whole batch. */
    readonly data: readonly DataInput[];
    readonly results: readonly DataInput[];
  };
  /**
   * Weights, moments, averages, scalars and the mean gradients in, these by `meanName`; what of the reports is
   * of the mean gradients, and all of the state but buffers, out.
   */
  readonly update: { readonly onnx: Uint8Array };
  readonly memory: ShardedMemory;
}

/** Bytes of the tensors of a sharded step. */
export interface ShardedMemory {
  /** Of each session that computes shards. */
  readonly gradient: TensorMemory;
  readonly update: TensorMemory;
  readonly state: number;
}

/** The name under which the mean over the shards of a result goes into the update. */
export function meanName(result: string): string {
  return `${result}:mean`;
}

/**
 * The step of `trainingStep` for a batch of `shards` times that of the graph, which is of one shard. Its
 * gradient is the mean of the shards' gradients: that of the whole batch where the loss is a mean over images
 * and no layer looks at the others. Batch norm sees its own shard only, and its running statistics become the
 * mean of what each shard makes of them, as where data-parallel training does not synchronise them.
 *
 * Throws `bad-model` as `trainingStep` does, for an input without a batch axis, and for no whole number of
 * shards.
 */
export function shardedStep(
  graph: Graph,
  loss: Tensor,
  shards: number,
  options: Omit<TrainingStepOptions, 'device'>,
): ShardedStep {
  if (!Number.isSafeInteger(shards) || shards < 1) {
    throw new TandemError('bad-model', `A batch cannot be cut into ${shards} shards`);
  }
  const ownInputs = graph.inputs;
  const { packs, packed, reports } = lossGradients(graph, loss, options);
  const gradientNames = packs.map((pack) => `gradient.${packName(pack)}`);
  const results: Record<string, Tensor> = {
    ...reports,
    ...Object.fromEntries(gradientNames.map((name, n) => [name, packed[n]!])),
    ...bufferUpdates(graph),
  };
  const data = dataInputs(ownInputs, Object.values(results));

  const means = packs.map((pack, n) => graph.input(meanName(gradientNames[n]!), pack.shape));
  const allReports = { ...reports };
  const { outputs, state, scalars } = optimiserStep(graph, packs, means, allReports, options);
  const ofUpdate = Object.entries(allReports).filter(([told]) => reports[told] === undefined);
  const updated = { ...Object.fromEntries(ofUpdate), ...outputs };
  const { name, blockedChannels } = options;
  return {
    shards,
    gradient: {
      onnx: toOnnx({ name: `${name}-gradient`, outputs: results, parameters: 'inputs', blockedChannels }),
      data,
      results: Object.entries(results).map(([of, { shape }]) => ({ name: of, shape })),
    },
    update: { onnx: toOnnx({ name: `${name}-update`, outputs: updated, parameters: 'inputs' }) },
    parameters: graph.parameters,
    state,
    data: data.map((input) => ({ ...input, shape: wholeBatch(input, shards) })),
    reports: Object.keys(allReports),
    scalars,
    memory: {
      gradient: tensorMemory(Object.values(results)),
      update: tensorMemory(Object.values(updated)),
      state: stateBytes(state),
    },
  };
}

function wholeBatch({ name, shape }: DataInput, shards: number): readonly number[] {
  const [images, ...rest] = shape;
  if (images === undefined) {
    throw new TandemError(
      'bad-model',
      `The input ${name} of shape ${formatShape(shape)} has no batch to be cut into shards`,
    );
  }
  return [shards * images, ...rest];
}
