/** Networks, losses and optimisers as graphs of typed tensors. See docs/graph.md. */
export { gradients } from './autodiff.ts';
export { evaluateReference } from './evaluate.ts';
export {
  Graph,
  type GraphOptions,
  multiplyAccumulates,
  type Parameter,
  type RecomputePolicy,
} from './graph.ts';
export * from './losses/index.ts';
export * from './memory.ts';
export type { GraphDevice } from './onnx/emitter.ts';
export { type OnnxOptions, toOnnx } from './onnx/model.ts';
export * from './operators/activation.ts';
export { argmax } from './operators/argmax.ts';
export * from './operators/arithmetic.ts';
export { type BatchNormParameters, batchNorm } from './operators/batchNorm.ts';
export * from './operators/compare.ts';
export { concat } from './operators/concat.ts';
export { type ConvOptions, conv2d } from './operators/conv2d.ts';
export { conv3dSingle } from './operators/conv3dSingle.ts';
export { type ConvTransposeOptions, convTranspose2d } from './operators/convTranspose2d.ts';
export { type DeformConvOptions, deformConv2d } from './operators/deformConv2d.ts';
export { gather, scatterAdd } from './operators/gather.ts';
export { type HardAttentionOptions, hardAttention } from './operators/hardAttention.ts';
export { linear, matmul } from './operators/matmul.ts';
export * from './operators/minmax.ts';
export { layerNorm } from './operators/norm.ts';
export { insertZeros, pad, slice } from './operators/pad.ts';
export { pixelShuffle, pixelUnshuffle } from './operators/pixelShuffle.ts';
export * from './operators/pointwise.ts';
export {
  averagePool2d,
  globalAveragePool,
  globalMaxPool,
  maxPool2d,
  type PoolOptions,
} from './operators/pool.ts';
export { expand, mean, reduceMax, reduceMean, reduceSum } from './operators/reduce.ts';
export { type ResizeFilter, resize, upsample } from './operators/resize.ts';
export { roll } from './operators/roll.ts';
export {
  crossScan,
  mergeSequences,
  orderSequences,
  SCAN_DIRECTIONS,
  toSequences,
} from './operators/selectiveScan/crossScan.ts';
export { type SelectiveScanInputs, selectiveScan } from './operators/selectiveScan/selectiveScan.ts';
export { flip, reshape, transpose } from './operators/shapes.ts';
export * from './operators/softmax.ts';
export { chunk, split, stack } from './operators/split.ts';
export { fold, type UnfoldOptions, unfold } from './operators/unfold.ts';
export { windowMerge, windowPartition } from './operators/windowPartition.ts';
export {
  type OptimiserOptions,
  STEP_GRADIENT_NORM,
  type StateEntry,
  updatedName,
} from './optimiserStep.ts';
export * from './optimisers/index.ts';
export * from './parameters.ts';
export type { DataType, Shape } from './shape.ts';
export { meanName, type ShardedMemory, type ShardedStep, shardedStep } from './shardedStep.ts';
export type { Tensor } from './tensor.ts';
export {
  type DataInput,
  STEP_LOSS,
  type StepDescription,
  type StepMemory,
  type TrainingStep,
  type TrainingStepOptions,
  trainingStep,
} from './trainingStep.ts';
