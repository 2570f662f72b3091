import type { Parameter } from '../graph.ts';
import { concat } from '../operators/concat.ts';
import { slice } from '../operators/pad.ts';
import { reshape } from '../operators/shapes.ts';
import { elementCount } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/**
 * Parameters that are updated together, as one vector: their values one after another, row by row. An update
 * is a dozen operators however many values it is of; a network of a hundred layers has two hundred
 * parameters, and what an engine spends on starting an operator is then a sixth of the step.
 */
export interface Pack {
  readonly parameters: readonly [Parameter, ...Parameter[]];
  /** The shape of the parameter where it is alone, else [number of values]. */
  readonly shape: readonly number[];
}

/** Values beyond which nothing is gained: a pack with its moments should stay in the cache of a core. */
const MOST_VALUES = 2 ** 16;

/** Packs in the order of the parameters; those for which `together` differs are kept apart. */
export function packParameters(
  parameters: readonly Parameter[],
  together: (parameter: Parameter) => unknown,
): Pack[] {
  const packs: { readonly key: unknown; size: number; readonly parameters: [Parameter, ...Parameter[]] }[] =
    [];
  for (const parameter of parameters) {
    const key = together(parameter);
    const size = elementCount(parameter.tensor.shape);
    const open = packs.findLast((pack) => pack.key === key);
    if (open !== undefined && open.size + size <= MOST_VALUES) {
      open.parameters.push(parameter);
      open.size += size;
    } else {
      packs.push({ key, size, parameters: [parameter] });
    }
  }
  return packs.map(({ parameters: members, size }) => ({
    parameters: members,
    shape: members.length === 1 ? members[0].tensor.shape : [size],
  }));
}

/** One tensor a parameter of a pack, joined to the pack's shape. */
export function joinPack(tensors: readonly Tensor[]): Tensor {
  const [first, ...others] = tensors as readonly [Tensor, ...Tensor[]];
  if (others.length === 0) return first;
  const flat = (tensor: Tensor) => reshape(tensor, [elementCount(tensor.shape)]);
  return concat([flat(first), ...others.map(flat)], 0);
}

/** The reverse of `joinPack`: one tensor a parameter, in its shape. */
export function splitPack(pack: Pack, joined: Tensor): Tensor[] {
  if (pack.parameters.length === 1) return [joined];
  let offset = 0;
  return pack.parameters.map(({ tensor: { shape } }) => {
    const size = elementCount(shape);
    const part = reshape(slice(joined, [offset], [size]), shape);
    offset += size;
    return part;
  });
}
