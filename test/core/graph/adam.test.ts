import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import {
  ADAM_DEFAULTS,
  adamCorrections,
  conv2d,
  evaluateReference,
  Graph,
  gradients,
  kaimingNormal,
  momentNames,
  mseLoss,
  relu,
  STEP_INPUTS,
  STEP_LOSS,
  trainingStep,
  updatedName,
} from '../../../src/core/graph/index.ts';
import { createRandom } from '../../../src/core/random.ts';

const STEPS = 60;
const LEARNING_RATE = 0.01;

/** A small network, its loss on fixed data, and where it starts. */
function problem() {
  const graph = new Graph();
  const x = graph.input('x', [2, 1, 6, 5]);
  const truth = graph.input('truth', [2, 1, 6, 5]);
  const hidden = relu(
    conv2d(x, graph.parameter('w1', [3, 1, 3, 3], kaimingNormal([3, 1, 3, 3])), {
      bias: graph.parameter('b1', [3], { kind: 'constant', value: 0.1 }),
      padding: 1,
    }),
  );
  const y = conv2d(hidden, graph.parameter('w2', [1, 3, 3, 3], kaimingNormal([1, 3, 3, 3])), { padding: 1 });
  const random = createRandom(2);
  const draw = (length: number, scale = 1) => Float32Array.from({ length }, () => scale * random.normal());
  const data = new Map([
    ['x', draw(60)],
    ['truth', draw(60)],
  ]);
  const start = new Map([
    ['w1', draw(27, 0.3)],
    ['b1', draw(3, 0.1)],
    ['w2', draw(27, 0.3)],
  ]);
  return { graph, loss: mseLoss(y, truth), data, start };
}

/** Adam in plain float64, on gradients from the float64 reference: Kingma and Ba, algorithm 1, word by word. */
function plainAdam(): number[] {
  const { graph, loss, data, start } = problem();
  const names = graph.parameters.map(({ path }) => path);
  const derived = gradients(
    loss,
    graph.parameters.map(({ tensor }) => tensor),
  );
  const values = new Map(names.map((name) => [name, Float64Array.from(start.get(name)!)]));
  const m = new Map(names.map((name) => [name, new Float64Array(values.get(name)!.length)]));
  const v = new Map(names.map((name) => [name, new Float64Array(values.get(name)!.length)]));
  const losses: number[] = [];
  for (let t = 1; t <= STEPS; t++) {
    const [value, ...gradient] = evaluateReference(
      [loss, ...derived],
      new Map<string, ArrayLike<number>>([...data, ...values]),
    );
    losses.push(value!.data[0]!);
    names.forEach((name, n) => {
      gradient[n]!.data.forEach((g, k) => {
        const first = 0.9 * m.get(name)![k]! + 0.1 * g;
        const second = 0.999 * v.get(name)![k]! + 0.001 * g * g;
        m.get(name)![k] = first;
        v.get(name)![k] = second;
        const unbiased1 = first / (1 - 0.9 ** t);
        const unbiased2 = second / (1 - 0.999 ** t);
        values.get(name)![k] =
          values.get(name)![k]! - (LEARNING_RATE * unbiased1) / (Math.sqrt(unbiased2) + 1e-8);
      });
    });
  }
  return losses;
}

async function graphAdam(): Promise<number[]> {
  const { graph, loss, data, start } = problem();
  const step = trainingStep(graph, loss, { name: 'step' });
  const session = await InferenceSession.create(step.onnx, { intraOpNumThreads: 1 });
  const state = new Map<string, Tensor>();
  for (const { path, tensor } of step.parameters) {
    state.set(path, new Tensor('float32', start.get(path)!, [...tensor.shape]));
    for (const name of momentNames(path)) {
      state.set(name, new Tensor('float32', new Float32Array(start.get(path)!.length), [...tensor.shape]));
    }
  }
  const losses: number[] = [];
  for (let t = 1; t <= STEPS; t++) {
    const [correction1, correction2] = adamCorrections(t, ADAM_DEFAULTS);
    const results = await session.run({
      x: new Tensor('float32', data.get('x')!, [2, 1, 6, 5]),
      truth: new Tensor('float32', data.get('truth')!, [2, 1, 6, 5]),
      [STEP_INPUTS.learningRate]: new Tensor('float32', [LEARNING_RATE], []),
      [STEP_INPUTS.correction1]: new Tensor('float32', [correction1], []),
      [STEP_INPUTS.correction2]: new Tensor('float32', [correction2], []),
      ...Object.fromEntries(state),
    });
    losses.push((results[STEP_LOSS]!.data as Float32Array)[0]!);
    for (const name of state.keys()) state.set(name, results[updatedName(name)] as Tensor);
  }
  await session.release();
  return losses;
}

it('sixty Adam steps in the ONNX graph follow Adam in plain float64', async () => {
  const expected = plainAdam();
  const found = await graphAdam();
  expect(expected.at(-1)!).toBeLessThan(0.75 * expected[0]!);
  for (let t = 0; t < STEPS; t++) {
    expect(Math.abs(found[t]! - expected[t]!) / expected[t]!, `step ${t + 1}`).toBeLessThan(1e-4);
  }
});
