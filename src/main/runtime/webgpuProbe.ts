/**
 * Entry of the process that tries WebGPU (see `probeWebgpu`): runs the same convolutions there and on one
 * core of the CPU, compares the numbers, sends one `WebgpuProbe` and ends.
 */
import { Graph } from '../../core/graph/graph.ts';
import { toOnnx } from '../../core/graph/onnx/model.ts';
import { conv2d } from '../../core/graph/operators/conv2d.ts';
import { relu } from '../../core/graph/operators/pointwise.ts';
import { initialValues, kaimingNormal } from '../../core/graph/parameters.ts';
import type { DeviceKind } from './devices.ts';
import type { WebgpuProbe } from './probe.ts';
import { openImageSession } from './session.ts';

const SIDE = 96;
const CHANNELS = 32;
/** Largest difference, in units of the output's own range, that rounding can explain. */
const TOLERANCE = 1e-4;
/** Beyond this the first run tells enough: no adapter of use is so slow. */
const SLOW_MS = 500;

/** Three convolutions 3×3 on 96 × 96 pixels (84 million multiply-accumulates), random weights. */
function probeModel(): Uint8Array {
  const graph = new Graph();
  let x = graph.input('zero_filled', [1, 1, SIDE, SIDE]);
  for (const [n, channels] of [CHANNELS, CHANNELS, 1].entries()) {
    const shape = [channels, x.shape[1]!, 3, 3];
    x = conv2d(x, graph.parameter(`w${n}`, shape, kaimingNormal(shape)), { padding: 1 });
    if (channels > 1) x = relu(x);
  }
  return toOnnx({ name: 'probe', outputs: { enhanced: x }, parameters: initialValues(graph.parameters, 1) });
}

async function timed(
  model: Uint8Array,
  device: DeviceKind,
  image: Float32Array,
): Promise<{ ms: number; result: Float32Array }> {
  const session = await openImageSession(model, SIDE, SIDE, device);
  let ms = Number.POSITIVE_INFINITY;
  let result = new Float32Array();
  // The first run compiles; the best of the others counts.
  for (let run = 0; run < 4; run++) {
    const start = performance.now();
    result = Float32Array.from(await session.run({ zero_filled: image }));
    const elapsed = performance.now() - start;
    if (run > 0 || elapsed > SLOW_MS) ms = Math.min(ms, elapsed);
    if (elapsed > SLOW_MS && run > 0) break;
  }
  return { ms, result };
}

async function probe(): Promise<WebgpuProbe> {
  const model = probeModel();
  const image = Float32Array.from({ length: SIDE * SIDE }, (_, at) => Math.abs(Math.sin(at * 0.37)));
  const cpu = await timed(model, 'cpu', image);
  let webgpu: Awaited<ReturnType<typeof timed>>;
  try {
    webgpu = await timed(model, 'webgpu', image);
  } catch (error) {
    return { works: false, reason: firstLine(error instanceof Error ? error.message : String(error)) };
  }
  const largest = cpu.result.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = cpu.result.reduce(
    (most, value, at) => Math.max(most, Math.abs(value - webgpu.result[at]!)),
    0,
  );
  if (!(worst <= TOLERANCE * largest)) {
    return { works: false, reason: `its numbers differ from the CPU's by ${worst} of ${largest}` };
  }
  return { works: true, webgpuMs: webgpu.ms, cpuMs: cpu.ms };
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}

process.send?.(await probe(), () => process.exit(0));
