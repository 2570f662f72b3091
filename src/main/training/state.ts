import { TandemError } from '../../core/errors.ts';
import type { StateEntry, TrainingStep } from '../../core/graph/index.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import { elementCount } from '../../core/graph/shape.ts';

/** The values of a training step's state, by the names of its entries. */
export type TrainingState = ReadonlyMap<string, NamedTensor>;

/** The state before the first step: the given values of the parameters, moments at zero, averages at the values. */
export function initialState(
  entries: readonly StateEntry[],
  values: ReadonlyMap<string, Float32Array>,
): TrainingState {
  const state = new Map<string, NamedTensor>();
  for (const { name, shape, start, parameters } of entries) {
    const data = new Float32Array(elementCount(shape));
    let offset = 0;
    for (const { path, tensor } of start === 'values' ? parameters : []) {
      const value = values.get(path);
      if (value?.length !== elementCount(tensor.shape)) {
        throw new TandemError('bad-model', `There are no values for the parameter ${path}`);
      }
      data.set(value, offset);
      offset += value.length;
    }
    state.set(name, { shape, data });
  }
  return state;
}

/** What a model package keeps of a state: the weights (their average, where there is one) and the buffers, by path. */
export function finalWeights(
  { state: entries, parameters }: Pick<TrainingStep, 'state' | 'parameters'>,
  state: TrainingState,
): Map<string, NamedTensor> {
  const found = new Map<string, NamedTensor>();
  // Averages come after the weights that they stand for.
  for (const { name, kind, parameters: members } of entries) {
    if (kind === 'moment') continue;
    let offset = 0;
    for (const { path, tensor } of members) {
      const size = elementCount(tensor.shape);
      found.set(path, { shape: tensor.shape, data: state.get(name)!.data.slice(offset, offset + size) });
      offset += size;
    }
  }
  return new Map(parameters.map(({ path }) => [path, found.get(path)!]));
}
