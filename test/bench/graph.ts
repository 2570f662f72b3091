import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import {
  conv2d,
  Graph,
  gradients,
  initialValues,
  l1Loss,
  mean,
  mul,
  parameterCount,
  type Tensor,
  toOnnx,
  trainingStep,
} from '../../src/core/graph/index.ts';
import { networkGraph } from '../../src/core/networks/index.ts';
import { createRandom } from '../../src/core/random.ts';
import { sessionOptions } from '../../src/main/runtime/session.ts';
import { type BenchResult, type Measured, measureInTurns } from './measure.ts';

const RUNS = 7;

/** The yardstick of every operator: a plain 3×3 convolution 96→96 at 240×240, one thread. */
const SIDE = 240;
const CHANNELS = 96;

/** The graph on the CPU engine, one intra-op thread. */
export async function benchGraph(): Promise<BenchResult[]> {
  const yardstick = await convolution('conv2d 3×3 96→96 at 240×240', ({ y }) => ({ y }));
  const operators = await measureInTurns(
    [
      yardstick,
      await convolution('its input gradient', ({ x, loss }) => ({ dx: gradients(loss, [x])[0]! })),
      await convolution('its weight gradient', ({ w, loss }) => ({ dw: gradients(loss, [w])[0]! })),
    ],
    RUNS,
  );
  const networks: BenchResult[] = [];
  for (const kernels of [
    [9, 1, 5],
    [9, 3, 5],
    [9, 5, 5],
  ] as const) {
    networks.push(...(await srcnnBench(kernels)));
  }
  return [...operators, ...networks];
}

/** Inference and training step of SRCNN on the same number of pixels. */
async function srcnnBench(kernels: readonly [number, number, number]): Promise<BenchResult[]> {
  const size = { batch: 6, rows: 80, columns: 80 };
  const label = `srcnn-guided ${kernels.join('-')}, 6 × 80×80`;
  const inference = networkGraph('srcnn-guided', { kernels }, 2, size);
  const training = networkGraph('srcnn-guided', { kernels }, 2, size);
  const truth = training.graph.input('truth', training.enhanced.shape);
  const step = trainingStep(training.graph, l1Loss(training.enhanced, truth), { name: 'step' });
  const parameters = initialValues(inference.parameters, 1);
  const forward = toOnnx({ name: 'srcnn', outputs: { enhanced: inference.enhanced }, parameters });
  return measureInTurns(
    [
      await ready(
        `${label}: forward (${parameterCount(inference.parameters)} parameters)`,
        forward,
        inference.graph,
      ),
      await ready(`${label}: training step`, step.onnx, training.graph),
    ],
    RUNS,
  );
}

async function convolution(
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

/** A session of a model with every input drawn at random. */
async function ready(name: string, onnx: Uint8Array, graph: Graph): Promise<Measured> {
  const session = await InferenceSession.create(onnx, sessionOptions('cpu'));
  const random = createRandom(1);
  const shapes = new Map<string, readonly number[]>();
  for (const { origin, shape } of graph.inputs) if (origin.kind === 'input') shapes.set(origin.name, shape);
  for (const { path, tensor } of graph.parameters) shapes.set(path, tensor.shape);
  const feeds: Record<string, OrtTensor> = {};
  for (const input of session.inputNames) {
    const shape = shapes.get(input) ?? [];
    const length = shape.reduce((a, b) => a * b, 1);
    // Above 0: Adam takes the root of a moment.
    feeds[input] = new OrtTensor(
      'float32',
      Float32Array.from({ length }, () => random.uniform()),
      [...shape],
    );
  }
  return { name, run: () => session.run(feeds) };
}
