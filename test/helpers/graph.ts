import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import {
  evaluateReference,
  Graph,
  gradients,
  mul,
  reduceSum,
  type Tensor,
  toOnnx,
} from '../../src/core/graph/index.ts';
import { createRandom, type Random } from '../../src/core/random.ts';
import { describeFallBack } from '../../src/main/runtime/placement.ts';
import { profilePlacement } from '../../src/main/runtime/profilePlacement.ts';
import { sessionOptions } from '../../src/main/runtime/session.ts';

/** What the operator suite runs on. */
export type SuiteDevice = 'cpu' | 'webgpu';

/** Values by the names of inputs and parameters. */
export type Feeds = ReadonlyMap<string, ArrayLike<number>>;

/**
 * Runs the ONNX form of some outputs as the project runs its models; parameters are fed like inputs. On
 * WebGPU nothing may fall back to the CPU: the session is refused where a node has no kernel there.
 */
export async function runOnnx(
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Feeds,
  device: SuiteDevice = 'cpu',
): Promise<Map<string, Float32Array>> {
  const model = toOnnx({ name: 'test', outputs, parameters: 'inputs', device });
  const session = await openWhole(model, device);
  const graph = Object.values(outputs)[0]!.graph;
  const sources = new Map(
    [...graph.inputs, ...graph.parameters.map(({ tensor }) => tensor)].map((tensor) => [
      sourceName(tensor),
      tensor,
    ]),
  );
  const ortFeeds: Record<string, OrtTensor> = {};
  for (const name of session.inputNames) {
    ortFeeds[name] = new OrtTensor('float32', Float32Array.from(feeds.get(name)!), [
      ...sources.get(name)!.shape,
    ]);
  }
  const results = await session.run(ortFeeds);
  await session.release();
  return new Map(Object.entries(results).map(([name, value]) => [name, value.data as Float32Array]));
}

async function openWhole(model: Uint8Array, device: SuiteDevice): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(model, sessionOptions(device, false));
  } catch (error) {
    const { fallBacks } = await profilePlacement(model, device);
    if (fallBacks.length === 0) throw error;
    const names = fallBacks.map(describeFallBack).join(', ');
    throw new Error(`${device} has no kernel for ${names}`, { cause: error });
  }
}

export interface DeviceCheck {
  /** The ONNX output against the float64 reference. */
  readonly forward: number;
  /** The ONNX gradient against the gradient graph evaluated in float64. */
  readonly onnx: number;
}

export interface GradientCheck extends DeviceCheck {
  /** The gradient graph in float64 against finite differences of the reference, in float64. */
  readonly finiteDifferences: number;
}

export interface CheckOptions {
  readonly values?: (random: Random, input: number) => number;
  readonly differentiable?: boolean;
  readonly training?: boolean;
}

/**
 * Checks an operator: L = Σ weights · f(inputs), with weights and inputs drawn at random (or as `values`
 * says, away from kinks). Errors are ‖a − b‖ / ‖b‖ over all inputs together.
 */
export async function checkOperator(
  shapes: readonly (readonly number[])[],
  build: (inputs: readonly Tensor[]) => Tensor,
  options: CheckOptions = {},
): Promise<GradientCheck> {
  const problem = weightedSum(shapes, build, options);
  const { errors, expected } = await compareWithReference(problem, 'cpu');
  const { loss, feeds, differentiable } = problem;
  return {
    ...errors,
    finiteDifferences: differentiable ? relativeError(expected, finiteDifferences(loss, feeds)) : 0,
  };
}

/** The part of `checkOperator` that depends on the device. */
export async function checkOnDevice(
  shapes: readonly (readonly number[])[],
  build: (inputs: readonly Tensor[]) => Tensor,
  options: CheckOptions,
  device: SuiteDevice,
): Promise<DeviceCheck> {
  return (await compareWithReference(weightedSum(shapes, build, options), device)).errors;
}

interface PlainTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** What another program needs to judge a case: its model for a device, the inputs, and the float64 outputs. */
export function judgedModel(
  shapes: readonly (readonly number[])[],
  build: (inputs: readonly Tensor[]) => Tensor,
  options: CheckOptions,
  device: SuiteDevice,
): { onnx: Uint8Array; feeds: Record<string, PlainTensor>; expected: Record<string, PlainTensor> } {
  const { y, derived, feeds } = weightedSum(shapes, build, options);
  const outputs = namedOutputs(y, derived);
  const values = evaluateReference(Object.values(outputs), feeds);
  const plain = (shape: readonly number[], data: ArrayLike<number>) => ({ shape, data: Array.from(data) });
  return {
    onnx: toOnnx({ name: 'test', outputs, parameters: 'inputs', device }),
    feeds: Object.fromEntries(shapes.map((shape, n) => [`x${n}`, plain(shape, feeds.get(`x${n}`)!)])),
    expected: Object.fromEntries(
      Object.keys(outputs).map((name, n) => [name, plain(values[n]!.shape, values[n]!.data)]),
    ),
  };
}

/** `y`, and the gradients `g0`, `g1` … */
function namedOutputs(y: Tensor, derived: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries([['y', y], ...derived.map((tensor, n) => [`g${n}`, tensor] as const)]);
}

interface WeightedSum {
  readonly y: Tensor;
  readonly loss: Tensor;
  /** dL/d(input), input by input; none where it is not differentiable. */
  readonly derived: readonly Tensor[];
  readonly feeds: ReadonlyMap<string, Float32Array>;
  readonly differentiable: boolean;
}

function weightedSum(
  shapes: readonly (readonly number[])[],
  build: (inputs: readonly Tensor[]) => Tensor,
  { values = (random: Random) => random.normal(), differentiable = true, training = false }: CheckOptions,
): WeightedSum {
  const random = createRandom(17);
  const graph = new Graph({ training });
  const inputs = shapes.map((shape, n) => graph.input(`x${n}`, shape));
  const y = build(inputs);
  const weights = graph.constant(
    Float32Array.from({ length: y.shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    y.shape,
  );
  const loss = reduceSum(mul(y, weights));
  const feeds = new Map(
    shapes.map((shape, n) => [
      `x${n}`,
      // Float32 values, so that both engines see the same numbers.
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => values(random, n)),
    ]),
  );
  return { y, loss, derived: differentiable ? gradients(loss, inputs) : [], feeds, differentiable };
}

async function compareWithReference(
  { y, derived, feeds }: WeightedSum,
  device: SuiteDevice,
): Promise<{ readonly errors: DeviceCheck; readonly expected: readonly number[] }> {
  const [reference, ...referenceGradients] = evaluateReference([y, ...derived], feeds);
  const expected = referenceGradients.flatMap(({ data }) => [...data]);
  const onnx = await runOnnx(namedOutputs(y, derived), feeds, device);
  const errors = {
    forward: relativeError(onnx.get('y')!, reference!.data),
    onnx: relativeError(
      derived.flatMap((_, n) => [...onnx.get(`g${n}`)!]),
      expected,
    ),
  };
  return { errors, expected };
}

/** dL/dx of every element of every feed, by central differences in float64. */
export function finiteDifferences(loss: Tensor, feeds: Feeds, step = 1e-5): number[] {
  const moved = new Map([...feeds].map(([name, data]) => [name, Float64Array.from(data)]));
  const value = () => evaluateReference([loss], moved)[0]!.data.reduce((sum, x) => sum + x, 0);
  return [...moved.values()].flatMap((data) =>
    Array.from(data, (x, n) => {
      data[n] = x + step;
      const above = value();
      data[n] = x - step;
      const below = value();
      data[n] = x;
      return (above - below) / (2 * step);
    }),
  );
}

export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} values against ${b.length}`);
  let difference = 0;
  let size = 0;
  for (let n = 0; n < b.length; n++) {
    difference += (a[n]! - b[n]!) ** 2;
    size += b[n]! ** 2;
  }
  return size === 0 ? Math.sqrt(difference) : Math.sqrt(difference / size);
}

function sourceName({ origin }: Tensor): string {
  if (origin.kind === 'input') return origin.name;
  if (origin.kind === 'parameter') return origin.path;
  throw new Error(`A ${origin.kind} has no name`);
}
