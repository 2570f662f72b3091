import { TandemError } from '../../core/errors.ts';
import type { DataInput } from '../../core/graph/index.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import type { Batch } from './patches.ts';
import type { TrainingSettings } from './settings.ts';

/**
 * The arrays of a whole batch, and those of them that a step is fed, by the names of its inputs. (A step of one
 * shard has inputs of a part of the batch; the arrays are of all of it.)
 */
export function batchArrays(
  inputs: readonly DataInput[],
  { batch: images, patch, scale }: TrainingSettings,
): { readonly batch: Batch; readonly data: ReadonlyMap<string, NamedTensor> } {
  const make = (factor: number) => new Float32Array(images * (patch / factor) ** 2);
  const smaller = new Map<number, Float32Array>();
  const batch: Batch = { zeroFilled: make(1), truth: make(1), reference: make(1), smaller };
  const ofFactor = (factor: number) => {
    const values = smaller.get(factor) ?? make(factor);
    smaller.set(factor, values);
    return values;
  };
  const valuesOf = (name: string) => {
    if (name === 'zero_filled') return batch.zeroFilled;
    if (name === 'truth') return batch.truth;
    if (name === 'reference') return batch.reference;
    if (name === 'target') return ofFactor(scale);
    const factor = Number(/^truth_(\d+)$/.exec(name)?.[1]);
    if (factor > 1 && factor <= scale) return ofFactor(factor);
    throw new TandemError('bad-model', `Training knows nothing to feed as ${name}`);
  };
  const data = inputs.map(({ name, shape }) => {
    return [name, { shape: shape.with(0, images), data: valuesOf(name) }] as const;
  });
  return { batch, data: new Map(data) };
}
