import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { conv2d, Graph, mean, mul, type Tensor, toOnnx } from '../../../src/core/graph/index.ts';
import { createRandom, type Random } from '../../../src/core/random.ts';
import { sessionOptions } from '../../../src/main/runtime/session.ts';
import type { Measured } from '../measure.ts';

/** How often each thing is timed. */
export const RUNS = 7;
export const SIDE = 240;
export const CHANNELS = 96;

/** What every operator is compared with: a plain 3×3 convolution 96→96 at 240×240, one thread. */
export function yardstick(): Promise<Measured> {
  return convolution('conv2d 3×3 96→96 at 240×240', ({ y }) => ({ y }));
}

/** The convolution, or what is picked of its gradients; dL/dy is an input, so that a gradient is timed alone. */
export async function convolution(
  name: string,
  pick: (parts: { x: Tensor; w: Tensor; y: Tensor; loss: Tensor }) => Record<string, Tensor>,
): Promise<Measured> {
  const graph = new Graph();
  const x = graph.input('x', [1, CHANNELS, SIDE, SIDE]);
  const w = graph.input('w', [CHANNELS, CHANNELS, 3, 3]);
  const y = conv2d(x, w, { padding: 1 });
  // dL/dy is an input, so that a gradient is timed without the convolution itself.
  const loss = mean(mul(y, graph.input('dy', y.shape)));
  return ready(name, toOnnx({ name: 'conv', outputs: pick({ x, w, y, loss }), parameters: 'inputs' }), graph);
}

/** Draws a value of an input, given its name. */
export type DrawInput = (random: Random, name: string) => number;

/** Between 0 and 1: Adam takes the root of a moment. */
const drawUniform: DrawInput = (random) => random.uniform();

/** A session of a model, ready to run on inputs drawn at random. */
export async function ready(
  name: string,
  onnx: Uint8Array,
  graph: Graph,
  draw: DrawInput = drawUniform,
): Promise<Measured> {
  const session = await InferenceSession.create(onnx, sessionOptions('cpu'));
  const random = createRandom(1);
  const shapes = new Map<string, readonly number[]>();
  for (const { origin, shape } of graph.inputs) if (origin.kind === 'input') shapes.set(origin.name, shape);
  for (const { path, tensor } of graph.parameters) shapes.set(path, tensor.shape);
  const feeds: Record<string, OrtTensor> = {};
  for (const input of session.inputNames) {
    const shape = shapes.get(input) ?? [];
    const length = shape.reduce((a, b) => a * b, 1);
    feeds[input] = new OrtTensor(
      'float32',
      Float32Array.from({ length }, () => draw(random, input)),
      [...shape],
    );
  }
  return { name, run: () => session.run(feeds), release: () => session.release() };
}
