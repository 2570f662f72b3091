/** What runs a graph; an operator may choose its ONNX form by it. */
export type GraphDevice = 'cpu' | 'webgpu';

export type OnnxAttribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly string: string };

/** What an operator writes its ONNX form with. */
export interface OnnxEmitter {
  readonly device: GraphDevice;
  /** Adds a node of the standard domain and returns the names of its outputs; '' leaves an input out. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    outputs?: number,
  ): readonly string[];
  /** The name of a constant int64 vector. Equal ones are written once. */
  int64(values: readonly number[]): string;
  /** The name of a constant float32 scalar. Equal ones are written once. */
  scalar(value: number): string;
}
