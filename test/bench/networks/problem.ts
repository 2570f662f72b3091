import { initialValues } from '../../../src/core/graph/index.ts';
import type { NamedTensor } from '../../../src/core/graph/safetensors.ts';
import { networkGraph } from '../../../src/core/networks/index.ts';
import { createRandom } from '../../../src/core/random.ts';

/** Side of the enhanced image, and the scale, of every network's measurement. */
export const SIDE = 240;
export const SCALE = 2;

/** The networks with their default options: the readings of docs/networks.md. */
export const NETWORKS = [
  'srcnn',
  'srcnn-guided',
  'vdsr',
  'edsr',
  'edsr-guided',
  'sanet',
  'minet',
  'iconet',
  'glmamba',
  'deform-mamba',
] as const;

/** Starting weights by path, and one image for every input by its name: what both engines compute with. */
export function problem(network: string): {
  weights: Map<string, NamedTensor>;
  inputs: Map<string, NamedTensor>;
} {
  const { graph, parameters } = networkGraph(network, {}, SCALE, { batch: 1, rows: SIDE, columns: SIDE });
  const random = createRandom(7);
  const values = initialValues(parameters, 7);
  const draw = (length: number, value: () => number) => Float32Array.from({ length }, value);
  const weights = new Map<string, NamedTensor>();
  for (const { path, tensor } of parameters) {
    const data = values.get(path)!;
    // What starts at zero (offsets, γ, last layers) would leave work out that a trained network does.
    const still = data.every((value) => value === 0);
    // Halved, so that deep residual networks give images and not numbers beyond them.
    const gain = tensor.shape.length > 2 ? 0.5 : 1;
    weights.set(path, {
      shape: tensor.shape,
      data: still ? draw(data.length, () => 0.02 * random.normal()) : data.map((value) => gain * value),
    });
  }
  const inputs = new Map<string, NamedTensor>();
  for (const { origin, shape } of graph.inputs) {
    if (origin.kind !== 'input') continue;
    const length = shape.reduce((a, b) => a * b, 1);
    inputs.set(origin.name, { shape, data: draw(length, () => random.uniform()) });
  }
  return { weights, inputs };
}
