import { TandemError } from '../errors.ts';
import type { NdArray } from './ndarray.ts';
import type { OnnxEmitter } from './onnx/emitter.ts';
import type { DataType, TensorType } from './shape.ts';
import type { Tensor } from './tensor.ts';

/** What a gradient rule is given: the call as it was made, and dL/d(output) for each output. */
export interface GradientCall<A> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: A;
  /** Undefined where the loss does not depend on that output. */
  readonly outputGradients: readonly (Tensor | undefined)[];
  /** Which inputs need a gradient; the rule may leave out the others. */
  readonly needed: readonly boolean[];
}

/**
 * One operator, whole: its shape rule, its ONNX form, its gradient as more graph, and a slow and obvious
 * reference in float64 against which the other two are tested. `A` is what a call fixes beside its inputs.
 */
export interface Operator<A> {
  readonly name: string;
  /** Types of data the inputs may have, input by input (the last stands for those after it); all float32 where absent. */
  readonly inputTypes?: readonly DataType[];
  /** Types of the outputs. Throws `ShapeError` where the inputs do not fit. */
  infer(inputs: readonly TensorType[], attributes: A): readonly TensorType[];
  /** Emits standard ONNX nodes and returns the names of the outputs. The form may depend on the device. */
  onnx(emit: OnnxEmitter, inputs: readonly string[], attributes: A, types: OnnxTypes): readonly string[];
  /** dL/d(input) for each input that needs one. Absent where the operator is a constant of its inputs. */
  readonly gradient?: (call: GradientCall<A>) => readonly (Tensor | undefined)[];
  reference(inputs: readonly NdArray[], attributes: A): readonly NdArray[];
  /** Multiply-accumulate operations of one call; 0 where absent. */
  readonly multiplyAccumulates?: (inputs: readonly TensorType[], attributes: A) => number;
  /**
   * Bytes that one call needs beside its inputs and outputs while it runs: tensors between the nodes of its
   * ONNX form, buffers of the engine's kernel. On the CPU, where devices differ; 0 where absent.
   */
  readonly workspaceBytes?: (inputs: readonly TensorType[], attributes: A) => number;
}

export interface OnnxTypes {
  readonly inputs: readonly TensorType[];
  readonly outputs: readonly TensorType[];
}

/** The gradient rule of an operator that is itself the fused gradient of another: it has none. Throws `bad-model`. */
export function notDifferentiableAgain(name: string): never {
  throw new TandemError('bad-model', `${name} is a gradient that cannot be differentiated again`);
}
