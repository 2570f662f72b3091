import type { Graph } from './graph.ts';
import type { NdArray } from './ndarray.ts';
import type { OnnxEmitter } from './onnx/emitter.ts';
import type { Initializer } from './parameters.ts';
import type { DataType, Shape } from './shape.ts';

/** A value in a graph, of fixed type and shape. Made only by a `Graph`. */
export interface Tensor {
  readonly graph: Graph;
  readonly id: number;
  readonly dataType: DataType;
  readonly shape: Shape;
  readonly origin: TensorOrigin;
}

/** Where a tensor comes from. */
export type TensorOrigin =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'parameter'; readonly path: string; readonly initializer: Initializer }
  /** Values row by row; those of an int64 constant are whole numbers below 2³¹. */
  | { readonly kind: 'constant'; readonly data: Float32Array | Int32Array }
  | { readonly kind: 'node'; readonly node: GraphNode; readonly index: number };

/** One operator applied once. Its attributes are closed over. */
export interface GraphNode {
  readonly operator: string;
  /** Where in the network: the names of the scopes it was made in. */
  readonly place: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly multiplyAccumulates: number;
  /** See `Operator.workspaceBytes`. */
  readonly workspaceBytes: number;
  readonly differentiable: boolean;
  /** The block whose values are computed again on the way back instead of being kept (see `Graph.recompute`). */
  readonly recomputed: symbol | undefined;
  onnx(emit: OnnxEmitter, inputs: readonly string[]): readonly string[];
  gradient(
    outputGradients: readonly (Tensor | undefined)[],
    needed: readonly boolean[],
  ): readonly (Tensor | undefined)[];
  reference(inputs: readonly NdArray[]): readonly NdArray[];
  /** The same operator with the same attributes on other inputs: a new node's outputs. */
  again(inputs: readonly Tensor[]): readonly Tensor[];
}
