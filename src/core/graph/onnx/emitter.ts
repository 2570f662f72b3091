import type { Shape, TensorType } from '../shape.ts';
import type { BlockedLayout } from './blockedLayout.ts';

/** What runs a graph; an operator may choose its ONNX form by it. */
export type GraphDevice = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';

export type OnnxAttribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly string: string }
  | { readonly graph: OnnxBody };

/** A named value of known type: an input or output of a graph inside a node. */
export interface OnnxValue {
  readonly name: string;
  readonly type: TensorType;
}

/** A node as it will be written. */
export interface OnnxNode {
  readonly opType: string;
  readonly domain: OnnxDomain;
  readonly name: string;
  readonly inputs: readonly string[];
  outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** A graph inside a node, such as the body of a `Scan`. */
export interface OnnxBody {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
}

/**
 * The standard operators, and onnxruntime's own, the last for its blocked layout: a model says which it uses,
 * and other engines may lack the latter.
 */
export type OnnxDomain = '' | 'com.microsoft' | 'com.microsoft.nchwc';

/** What an operator writes its ONNX form with. */
export interface OnnxEmitter {
  readonly device: GraphDevice;
  /** Where convolutions may be written for onnxruntime's blocked layout. */
  readonly blocked?: BlockedLayout | undefined;
  /** Adds a node and returns the names of its outputs; '' among `inputs` leaves an optional input out. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    outputs?: number,
    domain?: OnnxDomain,
  ): readonly string[];
  /** The name of a constant int64 tensor, a vector unless `shape` says otherwise. Equal ones are written once. */
  int64(values: readonly number[], shape?: Shape): string;
  /** The name of a constant float32 scalar. Equal ones are written once. */
  scalar(value: number): string;
  /** The name of a constant float32 tensor. */
  float32(values: ArrayLike<number>, shape: Shape): string;
  /**
   * A graph inside a node. `build` is given the names of its inputs and returns the names of its outputs,
   * each made by a node of the body; what it emits belongs to the body, and it may use any name from around.
   */
  body(
    inputs: readonly TensorType[],
    outputs: readonly TensorType[],
    build: (inputs: readonly string[]) => readonly string[],
  ): OnnxBody;
}
