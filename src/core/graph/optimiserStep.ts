import { TandemError } from '../errors.ts';
import type { Graph, Parameter } from './graph.ts';
import { mul } from './operators/arithmetic.ts';
import { ADAM_DEFAULTS, type AdamSettings, adamScalars, adamUpdate } from './optimisers/adam.ts';
import { type AverageSettings, averageRate, averageUpdate } from './optimisers/average.ts';
import { type Clipping, clipValue, globalNorm, normFactor } from './optimisers/clipping.ts';
import { joinPack, type Pack, perParameter, splitPack } from './optimisers/packs.ts';
import { elementCount, formatShape, type Shape } from './shape.ts';
import type { Tensor } from './tensor.ts';

/** Names of the scalars that a training step is fed; it takes those that its settings ask for. */
const SCALARS = {
  stepSize: 'adam.step_size',
  epsilon: 'adam.epsilon',
  decay: 'adam.decay',
  rate: 'average.rate',
} as const;

/** The report of the gradients' global norm, before clipping. */
export const STEP_GRADIENT_NORM = 'gradient_norm';

/** The name under which the updated value of an entry of the state comes out. */
export function updatedName(name: string): string {
  return `${name}:next`;
}

export interface OptimiserOptions {
  readonly adam?: AdamSettings;
  readonly clip?: Clipping | undefined;
  /** A moving average of the weights beside them; none where absent. */
  readonly average?: AverageSettings | undefined;
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

/** What turns gradients into the next state. */
export interface OptimiserStep {
  /** Updated weights, moments and averages, by `updatedName`; not the buffers. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** All that one step hands to the next: the parameters in the graph's order, then moments and averages. */
  readonly state: readonly StateEntry[];
  /** Scalars to be fed at step t, which starts at 1, by name. */
  scalars(step: number, learningRate: number): ReadonlyMap<string, number>;
}

/**
 * Clipping, Adam or AdamW and the average, added to the graph of the parameters; a report of the gradients'
 * norm is added to `reports`.
 *
 * @param gradients one a pack, in its shape
 * @throws `bad-model` where there is a report of that name already
 */
export function optimiserStep(
  graph: Graph,
  packs: readonly Pack[],
  gradients: readonly Tensor[],
  reports: Record<string, Tensor>,
  options: OptimiserOptions,
): OptimiserStep {
  const { adam = ADAM_DEFAULTS, average } = options;
  const clipped = clip(gradients, reports, options);
  const outputs: Record<string, Tensor> = {};
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
      clipped[n]!,
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

  return {
    outputs,
    state,
    scalars: (step, learningRate) => {
      const values = adamScalars(step, learningRate, adam);
      return new Map([
        [SCALARS.stepSize, values.stepSize],
        [SCALARS.epsilon, values.epsilon],
        ...(decay === undefined ? [] : [[SCALARS.decay, values.decay] as const]),
        ...(average === undefined ? [] : [[SCALARS.rate, averageRate(step, average)] as const]),
      ]);
    },
  };
}

/** Adds a scalar that a step tells. Throws `bad-model` where it is none, or its name is taken. */
export function addReport(reports: Record<string, Tensor>, name: string, tensor: Tensor): void {
  if (elementCount(tensor.shape) !== 1 || reports[name] !== undefined) {
    const shape = formatShape(tensor.shape);
    throw new TandemError(
      'bad-model',
      `The report ${name} of shape ${shape} is no scalar, or is there twice`,
    );
  }
  reports[name] = tensor;
}

/** A pack is named after its first parameter and how many follow it. */
export function packName({ parameters }: Pack): string {
  const others = parameters.length - 1;
  return others === 0 ? parameters[0].path : `${parameters[0].path}+${others}`;
}

function clip(
  gradients: readonly Tensor[],
  reports: Record<string, Tensor>,
  { clip: clipping, gradientNorm }: OptimiserOptions,
): readonly Tensor[] {
  if (gradients.length > 0 && (clipping?.kind === 'norm' || gradientNorm)) {
    const norm = globalNorm(gradients as [Tensor, ...Tensor[]]);
    addReport(reports, STEP_GRADIENT_NORM, norm);
    if (clipping?.kind === 'norm') {
      const factor = normFactor(norm, clipping.limit);
      return gradients.map((gradient) => mul(gradient, factor));
    }
  }
  return clipping?.kind === 'value'
    ? gradients.map((gradient) => clipValue(gradient, clipping.limit))
    : gradients;
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
