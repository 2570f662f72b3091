import { InferenceSession, Tensor } from 'onnxruntime-node';
import {
  conv2d,
  exp,
  Graph,
  type Tensor as GraphTensor,
  matmul,
  toOnnx,
} from '../../../src/core/graph/index.ts';
import { sessionOptions } from '../../../src/main/runtime/session.ts';

/** What one thread of the engine does at its best. */
export interface EnginePeak {
  /** Multiply-accumulates a second. */
  readonly convolution: number;
  readonly product: number;
  readonly secondsAnExp: number;
}

const REPEATS = 3;

/** Measured now: what else the machine does falls on it as on what is compared with it. */
export async function enginePeak(): Promise<EnginePeak> {
  const convolution = Math.max(await convolutionRate(96, 120), await convolutionRate(64, 240));
  const left = new Graph().input('left', [1024, 768]);
  const right = left.graph.constant(new Float32Array(768 * 768).fill(0.01), [768, 768]);
  const product = await seconds(matmul(left, right), left);
  // As large as the state of a scan: it stays in the cache.
  const values = new Graph().input('values', [12_288]);
  const repeated = 64;
  let chain = values;
  for (let n = 0; n < repeated; n++) chain = exp(chain);
  const anExp = await seconds(chain, values);
  return {
    convolution,
    product: (1024 * 768 * 768) / product,
    secondsAnExp: anExp / (repeated * 12_288),
  };
}

/** Multiply-accumulates a second of a 3×3 convolution of as many channels in as out. */
async function convolutionRate(channels: number, side: number): Promise<number> {
  const image = new Graph().input('image', [1, channels, side, side]);
  const values = new Float32Array(channels * channels * 9).fill(0.01);
  const weight = image.graph.constant(values, [channels, channels, 3, 3]);
  return (values.length * side * side) / (await seconds(conv2d(image, weight, { padding: 1 }), image));
}

/** The fastest of some runs, after one that is not counted. */
async function seconds(output: GraphTensor, input: GraphTensor): Promise<number> {
  const onnx = toOnnx({ name: 'peak', outputs: { output }, parameters: new Map() });
  const session = await InferenceSession.create(onnx, sessionOptions('cpu'));
  const length = input.shape.reduce((a, b) => a * b, 1);
  const feeds = {
    [session.inputNames[0]!]: new Tensor('float32', new Float32Array(length).fill(-1), [...input.shape]),
  };
  let fastest = Number.POSITIVE_INFINITY;
  for (let n = 0; n <= REPEATS; n++) {
    const start = performance.now();
    await session.run(feeds);
    if (n > 0) fastest = Math.min(fastest, (performance.now() - start) / 1000);
  }
  await session.release();
  return fastest;
}
