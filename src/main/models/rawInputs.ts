import type { Graph } from '../../core/graph/index.ts';
import type { NetworkDefinition } from '../../core/networks/definition.ts';

/** Names of a graph's inputs, by what they are of the network. */
const GRAPH_INPUTS = { target: 'target', zeroFilled: 'zero_filled', reference: 'reference' } as const;

/** The raw name (`tandem models run`) of a graph's input. */
export function rawInputName(network: NetworkDefinition, input: string): string {
  const found = Object.entries(network.rawNames.inputs).find(([, what]) => GRAPH_INPUTS[what] === input);
  return found?.[0] ?? input;
}

/** The raw names of the inputs that a network looks at with the options its graph was made with, in its own order. */
export function rawInputNames(network: NetworkDefinition, graph: Graph): string[] {
  const seen = new Set(graph.inputs.map(({ origin }) => (origin.kind === 'input' ? origin.name : '')));
  return Object.entries(network.rawNames.inputs)
    .filter(([, what]) => seen.has(GRAPH_INPUTS[what]))
    .map(([raw]) => raw);
}
