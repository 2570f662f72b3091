/**
 * Run by the test of devices in a process that has WebGPU: prints where a model that WebGPU can run, one that
 * it cannot run whole and one that is no model are placed.
 */
import type { TandemError } from '../../../src/core/errors.ts';
import { applyOne } from '../../../src/core/graph/graph.ts';
import { conv2d, Graph, relu, type Tensor, toOnnx } from '../../../src/core/graph/index.ts';
import type { Operator } from '../../../src/core/graph/operator.ts';
import { float32 } from '../../../src/core/graph/shape.ts';
import { placementOf } from '../../../src/main/runtime/placement.ts';

const cannotRun = () => {
  throw new Error('only its ONNX form is asked for');
};

/** The standard operator, of which onnxruntime's WebGPU has no kernel. */
const deformable: Operator<null> = {
  name: 'deformable',
  infer: ([x]) => [float32(x!.shape)],
  onnx: (emit, inputs) => emit.node('DeformConv', inputs, { pads: { ints: [1, 1, 1, 1] } }),
  reference: cannotRun,
};

/** y[t] = x[0] + … + x[t], as a loop. */
const runningSum: Operator<null> = {
  name: 'running sum',
  infer: ([x]) => [float32(x!.shape)],
  onnx: (emit, [x, zero], _attributes, { inputs }) => {
    const row = float32(inputs[1]!.shape);
    const body = emit.body([row, row], [row, row], ([sum, next]) => {
      const [total] = emit.node('Add', [sum!, next!]);
      const [copy] = emit.node('Identity', [total!]);
      return [total!, copy!];
    });
    const [, sums] = emit.node(
      'Scan',
      [zero!, x!],
      { body: { graph: body }, num_scan_inputs: { int: 1 } },
      2,
    );
    return [sums!];
  },
  reference: cannotRun,
};

function model(partly: boolean): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', [1, 2, 6, 6]);
  const weight = graph.parameter('weight', [2, 2, 3, 3], { kind: 'constant', value: 0.1 });
  let y: Tensor = graph.scope('head', () => relu(conv2d(x, weight, { padding: 1 })));
  if (partly) {
    const offsets = graph.input('offsets', [1, 18, 6, 6]);
    y = graph.scope('lr', () =>
      graph.scope('0', () => graph.scope('align', () => applyOne(deformable, [y, weight, offsets], null))),
    );
    const start = graph.input('start', [2, 6, 6]);
    y = graph.scope('lr', () => graph.scope('1', () => applyOne(runningSum, [y, start], null)));
  }
  return toOnnx({ name: 'test', outputs: { y }, parameters: 'inputs', device: 'webgpu' });
}

const whole = await placementOf(model(false), 'webgpu');
const partly = await placementOf(model(true), 'webgpu');
const refused = await placementOf(new Uint8Array(100), 'webgpu').catch((error: TandemError) => error.code);
console.log(JSON.stringify({ whole, partly, refused }));
process.exit(0);
