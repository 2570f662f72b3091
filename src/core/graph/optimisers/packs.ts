import type { Parameter } from '../graph.ts';
import { concat } from '../operators/concat.ts';
import { slice } from '../operators/pad.ts';
import { reshape } from '../operators/shapes.ts';
import { elementCount, type Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/**
 * Parameters that are updated together, as one vector: their values one after another, row by row. An update
 * is a dozen operators however many values it is of; a network of a hundred layers has two hundred
 * parameters, and what an engine spends on starting an operator is then a sixth of the step.
 *
 * Packs follow the order of the parameters, and so does what is made of them: an engine that computes depth
 * first from the last result, as onnxruntime does, then comes to the gradients of the last layer first and
 * lets go of what they were computed from before it goes on to the layer before.
 */
export interface Pack {
  readonly parameters: readonly [Parameter, ...Parameter[]];
  /** The shape of the parameter where it is alone, else [1, number of values]. */
  readonly shape: Shape;
}

/** Values beyond which nothing is gained: a pack with its moments should stay in the cache of a core. */
const MOST_VALUES = 2 ** 16;

/** The parameters in their order, as many as go together into a pack of MOST_VALUES; a larger one is alone. */
export function packParameters(parameters: readonly Parameter[]): Pack[] {
  const packs: { size: number; readonly parameters: [Parameter, ...Parameter[]] }[] = [];
  for (const parameter of parameters) {
    const size = elementCount(parameter.tensor.shape);
    const open = packs.at(-1);
    if (open !== undefined && open.size + size <= MOST_VALUES) {
      open.parameters.push(parameter);
      open.size += size;
    } else {
      packs.push({ size, parameters: [parameter] });
    }
  }
  return packs.map(({ parameters: members, size }) => ({
    parameters: members,
    shape: members.length === 1 ? members[0].tensor.shape : [1, size],
  }));
}

/** One tensor a parameter of a pack, joined to the pack's shape. */
export function joinPack(tensors: readonly Tensor[]): Tensor {
  const [first, ...others] = tensors as readonly [Tensor, ...Tensor[]];
  return others.length === 0 ? first : concat([flat(first), ...others.map(flat)], 1);
}

/** The reverse of `joinPack`: one tensor a parameter, in its shape. */
export function splitPack(pack: Pack, joined: Tensor): Tensor[] {
  if (pack.parameters.length === 1) return [joined];
  let offset = 0;
  return pack.parameters.map(({ tensor: { shape } }) => {
    const size = elementCount(shape);
    const part = reshape(slice(joined, [0, offset], [1, size]), shape);
    offset += size;
    return part;
  });
}

/** A value for each value of a pack: the parameter's own. A scalar where all have the same. */
export function perParameter(pack: Pack, value: (parameter: Parameter) => number): Tensor {
  const { graph } = pack.parameters[0].tensor;
  const values = pack.parameters.map(value);
  if (values.every((one) => one === values[0])) return graph.constant(values[0]!);
  const all = pack.parameters.flatMap(({ tensor }, n) =>
    new Array<number>(elementCount(tensor.shape)).fill(values[n]!),
  );
  return graph.constant(all, pack.shape);
}

/**
 * [1, number of values]. Every tensor is reshaped, once: two reshapes in a row become a new node in an
 * engine's optimiser, out of the order that `Pack` speaks of.
 */
function flat(tensor: Tensor): Tensor {
  const { origin } = tensor;
  const source =
    origin.kind === 'node' && origin.node.operator === 'reshape' ? origin.node.inputs[0]! : tensor;
  return reshape(source, [1, elementCount(tensor.shape)]);
}
