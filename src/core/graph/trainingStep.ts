import { TandemError } from '../errors.ts';
import { gradients } from './autodiff.ts';
import { type Graph, nodesBehind, type Parameter } from './graph.ts';
import { type TensorMemory, tensorMemory } from './memory.ts';
import type { GraphDevice } from './onnx/emitter.ts';
import { toOnnx } from './onnx/model.ts';
import { mul } from './operators/arithmetic.ts';
import { ADAM_DEFAULTS, type AdamSettings, adamScalars, adamUpdate } from './optimisers/adam.ts';
import { type AverageSettings, averageRate, averageUpdate } from './optimisers/average.ts';
import { type Clipping, clipValue, globalNorm, normFactor } from './optimisers/clipping.ts';
import { joinPack, type Pack, packParameters, perParameter, splitPack } from './optimisers/packs.ts';
import { elementCount, formatShape, type Shape } from './shape.ts';
import type { Tensor } from './tensor.ts';

/** Names of the scalars that a training step is fed; it takes those that its settings ask for. */
const SCALARS = {
  stepSize: 'adam.step_size',
  epsilon: 'adam.epsilon',
  decay: 'adam.decay',
  rate: 'average.rate',
} as const;

export const STEP_LOSS = 'loss';
const FLOAT32_BYTES = 4;
/** The report of the gradients' global norm, before clipping. */
export const STEP_GRADIENT_NORM = 'gradient_norm';

/** The name under which the updated value of an entry of the state comes out. */
export function updatedName(name: string): string {
  return `${name}:next`;
}

export interface TrainingStepOptions {
  readonly name: string;
  readonly device?: GraphDevice;
  /** See `OnnxOptions`: the step is then for onnxruntime on a CPU whose blocks have that size. */
  readonly blockedChannels?: number | undefined;
  readonly adam?: AdamSettings;
  readonly clip?: Clipping | undefined;
  /** A moving average of the weights beside them; none where absent. */
  readonly average?: AverageSettings | undefined;
  /** Scalars to be told beside the loss, by name: its terms, say. */
  readonly reports?: Readonly<Record<string, Tensor>>;
  /** Whether the gradients' global norm is told too. Clipping by it tells it in any case. */
  readonly gradientNorm?: boolean;
}

/** One value that a step replaces: fed under `name`, given back under `updatedName(name)`. */
export interface StateEntry {
  readonly name: string;
  readonly shape: Shape;
  readonly kind: 'weight' | 'buffer' | 'moment' | 'average';
  /** Whose values these are, or belong to: more than one where small parameters are updated as one vector. */
  readonly parameters: readonly Parameter[];
  /** What it starts as: the parameters' values one after another, or zeros. */
  readonly start: 'values' | 'zeros';
  /** False where no step changes it: a buffer that the graph does not update. */
  readonly updated: boolean;
}

export interface DataInput {
  readonly name: string;
  readonly shape: Shape;
}

export interface TrainingStep {
  readonly onnx: Uint8Array;
  readonly device: GraphDevice;
  readonly parameters: readonly Parameter[];
  /** All that one step hands to the next. What is not in it is the data. */
  readonly state: readonly StateEntry[];
  /** What else is fed at every step: the graph's own inputs, as far as the step depends on them. */
  readonly data: readonly DataInput[];
  /** Names of the scalars that come out, the loss first. */
  readonly reports: readonly string[];
  /** Scalars to be fed at step t, which starts at 1, by name. */
  scalars(step: number, learningRate: number): ReadonlyMap<string, number>;
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
  const { device = 'cpu', adam = ADAM_DEFAULTS, clip, average } = options;
  const ownInputs = graph.inputs;
  const trained = graph.parameters.filter((parameter) => parameter.trained);
  const packs = packParameters(trained);
  const found = gradients(
    loss,
    trained.map(({ tensor }) => tensor),
  );
  const gradientOf = new Map(trained.map((parameter, n) => [parameter, found[n]!]));
  let packed = packs.map((pack) => joinPack(pack.parameters.map((parameter) => gradientOf.get(parameter)!)));

  const outputs: Record<string, Tensor> = {};
  const report = (name: string, tensor: Tensor) => {
    if (elementCount(tensor.shape) !== 1 || outputs[name] !== undefined) {
      const shape = formatShape(tensor.shape);
      throw new TandemError(
        'bad-model',
        `The report ${name} of shape ${shape} is no scalar, or is there twice`,
      );
    }
    outputs[name] = tensor;
  };
  report(STEP_LOSS, loss);
  for (const [name, tensor] of Object.entries(options.reports ?? {})) report(name, tensor);
  if (packed.length > 0 && (clip?.kind === 'norm' || options.gradientNorm)) {
    const norm = globalNorm(packed as [Tensor, ...Tensor[]]);
    report(STEP_GRADIENT_NORM, norm);
    if (clip?.kind === 'norm') {
      const factor = normFactor(norm, clip.limit);
      packed = packed.map((gradient) => mul(gradient, factor));
    }
  }
  if (clip?.kind === 'value') packed = packed.map((gradient) => clipValue(gradient, clip.limit));
  const reports = Object.keys(outputs);

  const state: StateEntry[] = graph.parameters.map((parameter) => ({
    name: parameter.path,
    shape: parameter.tensor.shape,
    kind: parameter.trained ? 'weight' : 'buffer',
    parameters: [parameter],
    start: 'values',
    updated: parameter.trained || graph.updates.has(parameter.path),
  }));
  const scalar = (name: string) => graph.input(name, []);
  const stepSize = scalar(SCALARS.stepSize);
  const epsilon = scalar(SCALARS.epsilon);
  const decay = adam.weightDecay > 0 ? scalar(SCALARS.decay) : undefined;
  const rate = average && scalar(SCALARS.rate);
  /** Adds an entry to the state that belongs to a pack, and gives the tensor it is fed as. */
  const entry = (kind: 'moment' | 'average', name: string, pack: Pack, start: StateEntry['start']) => {
    const { shape, parameters } = pack;
    state.push({ name, shape, kind, parameters, start, updated: true });
    return graph.input(name, shape);
  };

  packs.forEach((pack, n) => {
    const name = packName(pack);
    const next = adamUpdate(
      {
        parameter: joinPack(pack.parameters.map(({ tensor }) => tensor)),
        moment1: entry('moment', `adam.m.${name}`, pack, 'zeros'),
        moment2: entry('moment', `adam.v.${name}`, pack, 'zeros'),
      },
      packed[n]!,
      { stepSize, epsilon, decay: decay && decayOf(pack, adam, decay) },
      adam,
    );
    outputs[updatedName(`adam.m.${name}`)] = next.moment1;
    outputs[updatedName(`adam.v.${name}`)] = next.moment2;
    const values = splitPack(pack, next.parameter);
    pack.parameters.forEach(({ path }, at) => {
      outputs[updatedName(path)] = values[at]!;
    });
    if (rate !== undefined) {
      const before = entry('average', `average.${name}`, pack, 'values');
      outputs[updatedName(`average.${name}`)] = averageUpdate(before, next.parameter, rate);
    }
  });
  for (const [path, next] of graph.updates) outputs[updatedName(path)] = next;

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
    reports,
    scalars: (step, learningRate) => {
      const values = adamScalars(step, learningRate, adam);
      return new Map([
        [SCALARS.stepSize, values.stepSize],
        [SCALARS.epsilon, values.epsilon],
        ...(decay === undefined ? [] : [[SCALARS.decay, values.decay] as const]),
        ...(average === undefined ? [] : [[SCALARS.rate, averageRate(step, average)] as const]),
      ]);
    },
    memory: {
      ...tensorMemory(Object.values(outputs)),
      state: state.reduce((sum, { shape }) => sum + FLOAT32_BYTES * elementCount(shape), 0),
    },
  };
}

function dataInputs(inputs: readonly Tensor[], outputs: readonly Tensor[]): DataInput[] {
  const used = new Set(nodesBehind(outputs).flatMap((node) => node.inputs));
  return inputs.flatMap((input) => {
    const { origin, shape } = input;
    return origin.kind === 'input' && used.has(input) ? [{ name: origin.name, shape }] : [];
  });
}

/** α·λ where parameters decay, 0 where they do not; undefined where none of the pack does. */
function decayOf(pack: Pack, adam: AdamSettings, decay: Tensor): Tensor | undefined {
  if (!pack.parameters.some(adam.decays)) return undefined;
  if (pack.parameters.every(adam.decays)) return decay;
  return mul(
    perParameter(pack, (parameter) => (adam.decays(parameter) ? 1 : 0)),
    decay,
  );
}

/** A pack is named after its first parameter and how many follow it. */
function packName({ parameters }: Pack): string {
  const others = parameters.length - 1;
  return others === 0 ? parameters[0].path : `${parameters[0].path}+${others}`;
}
