import { initialValues, type Parameter } from '../../core/graph/index.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import { sameShape } from '../../core/graph/shape.ts';

/** Parameters that weights to begin with have nothing of the same shape for: they start from the seed. */
export function startedAnew(
  parameters: readonly Parameter[],
  given: ReadonlyMap<string, NamedTensor>,
): readonly string[] {
  return parameters.flatMap(({ path, tensor }) => {
    const shape = given.get(path)?.shape;
    return shape !== undefined && sameShape(shape, tensor.shape) ? [] : [path];
  });
}

/** The seeded values of the parameters; of the weights to begin with those that fit. */
export function startValues(
  parameters: readonly Parameter[],
  seed: number,
  given: ReadonlyMap<string, NamedTensor> = new Map(),
): ReadonlyMap<string, Float32Array> {
  const values = initialValues(parameters, seed);
  const anew = new Set(startedAnew(parameters, given));
  for (const path of values.keys()) if (!anew.has(path)) values.set(path, given.get(path)!.data);
  return values;
}
