import { nodesBehind } from './graph.ts';
import { elementCount } from './shape.ts';
import type { GraphNode, Tensor } from './tensor.ts';

/**
 * Operators whose result onnxruntime writes over an input of the same size that nobody needs any more: they
 * work element by element. What is not listed is counted beside its inputs, which errs on the safe side.
 */
const IN_PLACE = new Set([
  ...['relu', 'abs', 'sqrt', 'sign', 'add', 'sub', 'mul', 'div', 'clamp', 'exp', 'log', 'sigmoid'],
  ...['tanh', 'softplus', 'silu', 'gelu', 'erf', 'after'],
]);

/** Operators whose result is their input under another shape: no bytes of its own. */
const VIEWS = new Set(['reshape']);

/** Bytes of the tensors that a computation needs. */
export interface TensorMemory {
  /** Of all that is fed: inputs, parameters and constants. */
  readonly fed: number;
  /** The most that is alive at once of what is computed. */
  readonly computed: number;
  /** Of the largest tensor among it. */
  readonly largest: number;
}

/** The most bytes of tensors that are alive at the same time while `outputs` are computed: see `tensorMemory`. */
export function peakTensorBytes(outputs: readonly Tensor[]): number {
  const { fed, computed } = tensorMemory(outputs);
  return fed + computed;
}

/**
 * What lives how long while `outputs` are computed in the order in which onnxruntime does it: each tensor from
 * the node that makes it to the last node that uses it, what a node needs for itself (`workspaceBytes`) while
 * it runs; inputs, parameters and outputs throughout.
 */
export function tensorMemory(outputs: readonly Tensor[]): TensorMemory {
  const nodes = executionOrder(outputs);
  const lastUse = new Map<Tensor, number>();
  nodes.forEach((node, n) => {
    for (const input of node.inputs) lastUse.set(storage(input), n);
  });
  for (const output of outputs) lastUse.set(storage(output), nodes.length);
  let alive = 0;
  let computed = 0;
  let largest = 0;
  nodes.forEach((node, n) => {
    const ending = [...new Set(node.inputs.map(storage))].filter(
      (input) => input.origin.kind === 'node' && lastUse.get(input) === n,
    );
    const own = VIEWS.has(node.operator) ? [] : node.outputs;
    const made = sum(own);
    const reused = IN_PLACE.has(node.operator) && ending.some((input) => bytesOf(input) === made) ? made : 0;
    computed = Math.max(computed, alive + made - reused + node.workspaceBytes);
    largest = Math.max(largest, node.workspaceBytes, ...own.map(bytesOf));
    alive += made - sum(ending) - sum(own.filter((output) => !lastUse.has(output)));
  });
  const fed = sum([...lastUse.keys()].filter(({ origin }) => origin.kind !== 'node'));
  return { fed, computed, largest };
}

/**
 * The order in which onnxruntime runs the nodes: depth first from the last result, and into the latest made
 * input first (`GraphViewer`, `Graph::ReverseDFSFrom` with `NodeCompare`), not the order of the file.
 */
function executionOrder(outputs: readonly Tensor[]): GraphNode[] {
  const nodes = nodesBehind(outputs);
  const place = new Map(nodes.map((node, n) => [node, n]));
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  const nodeOf = ({ origin }: Tensor) => (origin.kind === 'node' ? [origin.node] : []);
  // A result that others use too is copied at the very end; one that is only given back is an end of its own.
  const copied = outputs.filter((output) => used.has(output)).flatMap(nodeOf);
  const ends = nodes.filter(({ outputs: made }) => made.every((tensor) => !used.has(tensor)));

  const order: GraphNode[] = [];
  const seen = new Set<GraphNode>();
  const open: { readonly node: GraphNode; readonly done: boolean }[] = [];
  for (const node of [...ends, ...copied]) open.push({ node, done: false });
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.done) order.push(next.node);
    if (next.done || seen.has(next.node)) continue;
    seen.add(next.node);
    open.push({ node: next.node, done: true });
    const before = [...new Set(next.node.inputs.flatMap(nodeOf))].filter((node) => !seen.has(node));
    before.sort((a, b) => place.get(a)! - place.get(b)!);
    for (const node of before) open.push({ node, done: false });
  }
  return order;
}

/** The tensor in whose bytes this one lies. */
function storage(tensor: Tensor): Tensor {
  const { origin } = tensor;
  const source =
    origin.kind === 'node' && VIEWS.has(origin.node.operator) ? origin.node.inputs[0] : undefined;
  return source === undefined ? tensor : storage(source);
}

function sum(tensors: readonly Tensor[]): number {
  return tensors.reduce((total, tensor) => total + bytesOf(tensor), 0);
}

function bytesOf({ shape, dataType }: Tensor): number {
  return elementCount(shape) * { float32: 4, int64: 8, bool: 1 }[dataType];
}
