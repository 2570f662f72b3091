import { ADAM_DEFAULTS, type AdamSettings, adamUpdate } from './adam.ts';
import { gradients } from './autodiff.ts';
import type { Graph, Parameter } from './graph.ts';
import type { GraphDevice } from './onnx/emitter.ts';
import { toOnnx } from './onnx/model.ts';
import type { Tensor } from './tensor.ts';

/** Names of the values of a training step; `n` is the parameter's place in the graph's list. */
export const STEP_INPUTS = {
  learningRate: 'adam.learning_rate',
  correction1: 'adam.correction1',
  correction2: 'adam.correction2',
} as const;

export const STEP_LOSS = 'loss';

export function momentNames(path: string): readonly [string, string] {
  return [`adam.m.${path}`, `adam.v.${path}`];
}

/** The name under which the updated value of an input (a parameter or a moment) comes out. */
export function updatedName(name: string): string {
  return `${name}:next`;
}

export interface TrainingStep {
  readonly onnx: Uint8Array;
  readonly parameters: readonly Parameter[];
}

/**
 * One training step as one standard ONNX model: forward, loss, backward, Adam. Beside the graph's own
 * inputs it takes the learning rate, Adam's two corrections, and every parameter by its path with its two
 * moments; it gives the loss and each of those values updated, under `updatedName`.
 */
export function trainingStep(
  graph: Graph,
  loss: Tensor,
  options: { readonly name: string; readonly adam?: AdamSettings; readonly device?: GraphDevice },
): TrainingStep {
  const parameters = graph.parameters.filter(({ trained }) => trained);
  const inputs = {
    learningRate: graph.input(STEP_INPUTS.learningRate, []),
    correction1: graph.input(STEP_INPUTS.correction1, []),
    correction2: graph.input(STEP_INPUTS.correction2, []),
  };
  const found = gradients(
    loss,
    parameters.map(({ tensor }) => tensor),
  );
  const outputs: Record<string, Tensor> = { [STEP_LOSS]: loss };
  parameters.forEach(({ path, tensor }, index) => {
    const [name1, name2] = momentNames(path);
    const state = {
      parameter: tensor,
      moment1: graph.input(name1, tensor.shape),
      moment2: graph.input(name2, tensor.shape),
    };
    const next = adamUpdate(state, found[index]!, inputs, options.adam ?? ADAM_DEFAULTS);
    outputs[updatedName(path)] = next.parameter;
    outputs[updatedName(name1)] = next.moment1;
    outputs[updatedName(name2)] = next.moment2;
  });
  for (const [path, next] of graph.updates) outputs[updatedName(path)] = next;
  return {
    onnx: toOnnx({ name: options.name, outputs, parameters: 'inputs', device: options.device ?? 'cpu' }),
    parameters: graph.parameters,
  };
}
