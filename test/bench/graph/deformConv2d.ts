import {
  deformConv2d,
  Graph,
  gradients,
  mul,
  peakTensorBytes,
  reduceSum,
  type Tensor,
  toOnnx,
} from '../../../src/core/graph/index.ts';
import { type BenchResult, type Measured, measureInTurns } from '../measure.ts';
import { CHANNELS, type DrawInput, RUNS, ready, SIDE, yardstick } from './yardstick.ts';

interface Size {
  readonly batch: number;
  readonly channels: number;
  readonly side: number;
}

/** Inference of a slice, then what networks are trained on. */
const SIZES: readonly Size[] = [
  { batch: 1, channels: CHANNELS, side: SIDE },
  { batch: 4, channels: CHANNELS, side: 64 },
  { batch: 4, channels: 32, side: 48 },
];

/** Offsets up to two pixels each way. */
const draw: DrawInput = (random, name) => {
  if (name === 'offset') return random.between(-2, 2);
  return name === 'mask' ? random.uniform() : random.normal();
};

/**
 * The modulated deformable convolution 3×3 and its whole gradient against the plain convolution 96→96 at
 * 240×240, then the gradient against its own forward pass; and the bytes that the two state.
 */
export async function benchDeformConv2d(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const size of SIZES) {
    const { forward, gradient } = await deformable(size);
    const [, ...against] = await measureInTurns([await yardstick(), await forward(), await gradient()], RUNS);
    const [, ofItself] = await measureInTurns([await forward(), await gradient()], RUNS);
    results.push(...against, ofItself!);
  }
  return results;
}

async function deformable({ batch, channels, side }: Size) {
  const graph = new Graph();
  const x = graph.input('x', [batch, channels, side, side]);
  const offset = graph.input('offset', [batch, 18, side, side]);
  const mask = graph.input('mask', [batch, 9, side, side]);
  const w = graph.input('w', [channels, channels, 3, 3]);
  const y = deformConv2d(x, offset, mask, w, { padding: 1 });
  // dL/dy is an input, so that the gradient is timed without the convolution itself.
  const [dx, dOffset, dMask, dw] = gradients(reduceSum(mul(y, graph.input('dy', y.shape))), [
    x,
    offset,
    mask,
    w,
  ]) as [Tensor, Tensor, Tensor, Tensor];
  const what = `deformConv2d 3×3 ${channels}→${channels}, ${batch} × ${side}×${side}`;
  const make = (name: string, outputs: Record<string, Tensor>) => (): Promise<Measured> => {
    const megabytes = Math.round(peakTensorBytes(Object.values(outputs)) / 1e6);
    const onnx = toOnnx({ name: 'deformConv2d', outputs, parameters: 'inputs' });
    return ready(`${what}${name} (${megabytes} MB)`, onnx, graph, draw);
  };
  return { forward: make('', { y }), gradient: make(': gradient', { dx, dOffset, dMask, dw }) };
}
