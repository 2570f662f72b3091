import {
  Graph,
  gather,
  gradients,
  hardAttention,
  mul,
  pixelShuffle,
  reduceSum,
  type Shape,
  softmax,
  softplus,
  ssimLoss,
  type Tensor,
  toOnnx,
  unfold,
  upsample,
} from '../../../src/core/graph/index.ts';
import { type BenchResult, type Measured, measureInTurns } from '../measure.ts';
import { CHANNELS, RUNS, ready, SIDE, yardstick } from './yardstick.ts';

const TOKENS = 64;

interface Subject {
  readonly name: string;
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly build: (inputs: readonly Tensor[]) => Tensor;
  /** The input whose gradient is timed too; dL/dy is an input, so that it is timed alone. */
  readonly gradientOf?: string;
}

const tokens = [1, CHANNELS, TOKENS, TOKENS];
const image = [1, CHANNELS, SIDE, SIDE];
const half = [1, CHANNELS, SIDE / 2, SIDE / 2];

const subjects: readonly Subject[] = [
  {
    name: `hard attention, ${TOKENS}×${TOKENS} tokens of ${CHANNELS}`,
    inputs: { q: tokens, k: tokens, v: tokens },
    build: ([q, k, v]) => hardAttention(q!, k!, v!),
    gradientOf: 'v',
  },
  {
    name: `softmax over ${CHANNELS} channels at ${SIDE}×${SIDE}`,
    inputs: { x: image },
    build: ([x]) => softmax(x!, 1),
    gradientOf: 'x',
  },
  {
    name: `softplus, ${CHANNELS} channels at ${SIDE}×${SIDE}`,
    inputs: { x: image },
    build: ([x]) => softplus(x!),
    gradientOf: 'x',
  },
  {
    name: `gather of all ${SIDE * SIDE} rows of ${CHANNELS}`,
    inputs: { x: [SIDE * SIDE, CHANNELS] },
    build: ([x]) => gather(x!, scattered(x!.graph, SIDE * SIDE), 0),
    gradientOf: 'x',
  },
  {
    name: `gather along columns of [${CHANNELS}, ${SIDE * SIDE}]`,
    inputs: { x: [CHANNELS, SIDE * SIDE] },
    build: ([x]) => gather(x!, scattered(x!.graph, SIDE * SIDE), 1),
    gradientOf: 'x',
  },
  {
    name: `unfold 3×3, ${CHANNELS} channels at ${TOKENS}×${TOKENS}`,
    inputs: { x: tokens },
    build: ([x]) => unfold(x!, { kernel: [3, 3], padding: 1 }),
    gradientOf: 'x',
  },
  {
    name: `pixelShuffle to ${CHANNELS} channels at ${SIDE}×${SIDE}`,
    inputs: { x: [1, 4 * CHANNELS, SIDE / 2, SIDE / 2] },
    build: ([x]) => pixelShuffle(x!, 2),
    gradientOf: 'x',
  },
  {
    name: `bilinear ×2 to ${CHANNELS} channels at ${SIDE}×${SIDE}`,
    inputs: { x: half },
    build: ([x]) => upsample(x!, 2, 'bilinear'),
    gradientOf: 'x',
  },
  {
    name: `bicubic ×2 to ${CHANNELS} channels at ${SIDE}×${SIDE}`,
    inputs: { x: half },
    build: ([x]) => upsample(x!, 2, 'bicubic'),
    gradientOf: 'x',
  },
  {
    name: `SSIM loss, 8 images of ${SIDE}×${SIDE}`,
    inputs: { a: [8, 1, SIDE, SIDE], b: [8, 1, SIDE, SIDE] },
    build: ([a, b]) => ssimLoss(a!, b!, 1),
    gradientOf: 'a',
  },
];

/** Hard attention and what else moves data about, each with its gradient. */
export async function benchAttention(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const subject of subjects) {
    const things: [Measured, ...Measured[]] = [await yardstick(), await measured(subject, undefined)];
    if (subject.gradientOf !== undefined) things.push(await measured(subject, subject.gradientOf));
    const [base, ...rest] = await measureInTurns(things, RUNS);
    if (results.length === 0) results.push(base!);
    results.push(...rest);
  }
  return results;
}

function measured({ name, inputs, build }: Subject, gradientOf: string | undefined): Promise<Measured> {
  const graph = new Graph();
  const tensors = Object.entries(inputs).map(([input, shape]) => [input, graph.input(input, shape)] as const);
  const y = build(tensors.map(([, tensor]) => tensor));
  const outputs: Record<string, Tensor> = { y };
  if (gradientOf !== undefined) {
    const loss = reduceSum(mul(y, graph.input('dy', y.shape)));
    const of = tensors.filter(([input]) => input === gradientOf).map(([, tensor]) => tensor);
    outputs.y = gradients(loss, of)[0]!;
  }
  const label = gradientOf === undefined ? name : `${name}: gradient of ${gradientOf}`;
  // Of both signs: inner products of patches then differ as features do.
  return ready(label, toOnnx({ name: 'bench', outputs, parameters: 'inputs' }), graph, (random) =>
    random.normal(),
  );
}

/** Every number below `size` once, far from its neighbours. */
function scattered(graph: Graph, size: number): Tensor {
  return graph.integers(Array.from({ length: size }, (_, n) => (n * 7919) % size));
}
