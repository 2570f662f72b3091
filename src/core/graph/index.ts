/** Networks, losses and optimisers as graphs of typed tensors. See docs/graph.md. */
export * from './adam.ts';
export { gradients } from './autodiff.ts';
export { evaluateReference } from './evaluate.ts';
export { Graph, multiplyAccumulates, type Parameter } from './graph.ts';
export * from './losses.ts';
export type { GraphDevice } from './onnx/emitter.ts';
export { type OnnxOptions, toOnnx } from './onnx/model.ts';
export * from './operators/arithmetic.ts';
export { concat } from './operators/concat.ts';
export { type ConvOptions, conv2d } from './operators/conv2d.ts';
export { insertZeros, pad, slice } from './operators/pad.ts';
export * from './operators/pointwise.ts';
export { expand, mean, reduceSum } from './operators/reduce.ts';
export { flip, reshape, transpose } from './operators/shapes.ts';
export * from './parameters.ts';
export type { DataType, Shape } from './shape.ts';
export type { Tensor } from './tensor.ts';
export * from './trainingStep.ts';
