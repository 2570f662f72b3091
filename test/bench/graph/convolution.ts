import {
  batchNorm,
  conv2d,
  conv3dSingle,
  convTranspose2d,
  Graph,
  gradients,
  layerNorm,
  linear,
  maxPool2d,
  mul,
  reduceSum,
  type Shape,
  type Tensor,
  toOnnx,
} from '../../../src/core/graph/index.ts';
import { type BenchResult, type Measured, measureInTurns } from '../measure.ts';
import { convolution, RUNS, ready, yardstick } from './yardstick.ts';

/** The plain convolution's two gradients, then the other dense operators with the gradient of all their inputs. */
export async function benchConvolution(): Promise<BenchResult[]> {
  const results = await measureInTurns(
    [
      await yardstick(),
      await convolution('its input gradient', ({ x, loss }) => ({ dx: gradients(loss, [x])[0]! })),
      await convolution('its weight gradient', ({ w, loss }) => ({ dw: gradients(loss, [w])[0]! })),
    ],
    RUNS,
  );
  for (const one of OPERATORS) {
    const [, ...measured] = await measureInTurns([await yardstick(), ...(await operator(one))], RUNS);
    results.push(...measured);
  }
  return results;
}

interface DenseOperator {
  readonly name: string;
  readonly shapes: readonly Shape[];
  readonly build: (inputs: readonly Tensor[]) => Tensor;
  readonly training?: boolean;
}

const OPERATORS: readonly DenseOperator[] = [
  {
    name: 'conv2d depthwise 3×3, 192 at 120×120',
    shapes: [[1, 192, 120, 120], [192, 1, 3, 3], [192]],
    build: ([x, w, bias]) => conv2d(x!, w!, { bias, padding: 1, groups: 192 }),
  },
  {
    name: 'conv2d 1×1, 192→192 at 120×120',
    shapes: [
      [1, 192, 120, 120],
      [192, 192, 1, 1],
    ],
    build: ([x, w]) => conv2d(x!, w!),
  },
  {
    name: 'conv2d 2×2 stride 2, 96→192 at 240×240',
    shapes: [
      [1, 96, 240, 240],
      [192, 96, 2, 2],
    ],
    build: ([x, w]) => conv2d(x!, w!, { stride: 2 }),
  },
  {
    name: 'conv2d 3×3, 64→1 at 240×240',
    shapes: [
      [1, 64, 240, 240],
      [1, 64, 3, 3],
    ],
    build: ([x, w]) => conv2d(x!, w!, { padding: 1 }),
  },
  {
    name: 'convTranspose2d 2×2 stride 2, 192→96 at 120×120',
    shapes: [
      [1, 192, 120, 120],
      [192, 96, 2, 2],
    ],
    build: ([x, w]) => convTranspose2d(x!, w!, { stride: 2 }),
  },
  {
    name: 'conv3dSingle 3×3×3, 64×240×240',
    shapes: [[1, 64, 240, 240], [3, 3, 3], [1]],
    build: ([x, w, bias]) => conv3dSingle(x!, w!, bias),
  },
  {
    name: 'linear 192→192, 14,400 rows',
    shapes: [[14400, 192], [192, 192], [192]],
    build: ([x, w, bias]) => linear(x!, w!, bias),
  },
  {
    name: 'layerNorm of 192, 14,400 rows',
    shapes: [[14400, 192], [192], [192]],
    build: ([x, gamma, beta]) => layerNorm(x!, gamma!, beta!),
  },
  {
    name: 'batchNorm of 32 at 240×240, by the batch',
    shapes: [[1, 32, 240, 240], [32], [32]],
    training: true,
    build: ([x, gamma, beta]) => {
      const buffer = (name: string) => x!.graph.buffer(name, [32], { kind: 'constant', value: 1 });
      return batchNorm(x!, {
        gamma: gamma!,
        beta: beta!,
        mean: buffer('mean'),
        variance: buffer('variance'),
      });
    },
  },
  {
    name: 'maxPool2d 2×2, 64 at 240×240',
    shapes: [[1, 64, 240, 240]],
    build: ([x]) => maxPool2d(x!, 2),
  },
];

/** The operator and the gradient of all its inputs, of which dL/dy is given. */
async function operator({
  name,
  shapes,
  build,
  training = false,
}: DenseOperator): Promise<[Measured, Measured]> {
  const graph = new Graph({ training });
  const inputs = shapes.map((shape, n) => graph.input(`x${n}`, shape));
  const y = build(inputs);
  const derived = gradients(reduceSum(mul(y, graph.input('dy', y.shape))), inputs);
  const onnx = (outputs: Record<string, Tensor>) => toOnnx({ name, outputs, parameters: 'inputs' });
  const all = Object.fromEntries(derived.map((tensor, n) => [`g${n}`, tensor]));
  return [
    await ready(name, onnx({ y }), graph, (random) => random.normal()),
    await ready(`${name}: gradient`, onnx(all), graph, (random) => random.normal()),
  ];
}
