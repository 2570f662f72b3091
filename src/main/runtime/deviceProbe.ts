/**
 * Entry of the process that tries a device, named by its last argument (see `probeDevice`): runs the same
 * convolutions there and on one core of the CPU, compares the numbers, sends one `DeviceProbe` and ends.
 */
import { listSupportedBackends } from 'onnxruntime-node';
import { Graph } from '../../core/graph/graph.ts';
import { toOnnx } from '../../core/graph/onnx/model.ts';
import { conv2d } from '../../core/graph/operators/conv2d.ts';
import { relu } from '../../core/graph/operators/pointwise.ts';
import { initialValues, kaimingNormal } from '../../core/graph/parameters.ts';
import type { DeviceKind } from './devices.ts';
import type { DeviceProbe } from './probe.ts';
import { openImageSession } from './session.ts';

/** Largest difference, in units of the output's own range, that rounding can explain. */
const TOLERANCE = 1e-4;
/** A real adapter, once compiled, takes a few milliseconds for the small image; a software one hundreds. */
const SOFTWARE_MS = 60;

/** Three convolutions 3×3 with 16 channels in between, random weights. */
function probeModel(device: DeviceKind, side: number): Uint8Array {
  const graph = new Graph();
  let x = graph.input('zero_filled', [1, 1, side, side]);
  for (const [n, channels] of [16, 16, 1].entries()) {
    const shape = [channels, x.shape[1]!, 3, 3];
    x = conv2d(x, graph.parameter(`w${n}`, shape, kaimingNormal(shape)), { padding: 1 });
    if (channels > 1) x = relu(x);
  }
  return toOnnx({
    name: 'probe',
    outputs: { enhanced: x },
    parameters: initialValues(graph.parameters, 1),
    device,
  });
}

interface Timed {
  /** Of the fastest run but the first, which compiles. */
  readonly ms: number;
  readonly result: Float32Array;
}

async function timed(device: DeviceKind, side: number): Promise<Timed> {
  const session = await openImageSession(probeModel(device, side), device);
  const image = Float32Array.from({ length: side * side }, (_, at) => Math.abs(Math.sin(at * 0.37)));
  let ms = Number.POSITIVE_INFINITY;
  let result = new Float32Array();
  for (let run = 0; run < 4; run++) {
    const start = performance.now();
    result = Float32Array.from(await session.run({ zero_filled: image }));
    if (run > 0) ms = Math.min(ms, performance.now() - start);
    if (ms > SOFTWARE_MS && run > 0) break;
  }
  return { ms, result };
}

/** Small first, for the numbers; then, on an adapter that is not software, as large as a slice. */
async function probe(device: DeviceKind): Promise<DeviceProbe> {
  if (!listSupportedBackends().some(({ name }) => name === device)) {
    const system = `${process.platform} ${process.arch}`;
    return { works: false, reason: `the build of onnxruntime for ${system} does not have it` };
  }
  try {
    let times = { deviceMs: 0, cpuMs: 0 };
    for (const side of [48, 512]) {
      const cpu = await timed('cpu', side);
      const other = await timed(device, side);
      const { worst, largest } = compare(cpu.result, other.result);
      if (!(worst <= TOLERANCE * largest)) {
        return { works: false, reason: `its numbers differ from the CPU's by ${worst} of ${largest}` };
      }
      times = { deviceMs: other.ms, cpuMs: cpu.ms };
      if (other.ms > SOFTWARE_MS) break;
    }
    return { works: true, ...times };
  } catch (error) {
    return { works: false, reason: lastSentence(error instanceof Error ? error.message : String(error)) };
  }
}

function compare(expected: Float32Array, found: Float32Array): { worst: number; largest: number } {
  let worst = 0;
  let largest = 0;
  for (let at = 0; at < expected.length; at++) {
    // Math.max keeps a NaN.
    worst = Math.max(worst, Math.abs(expected[at]! - found[at]!));
    largest = Math.max(largest, Math.abs(expected[at]!));
  }
  return { worst, largest };
}

/** onnxruntime puts the place in its sources first and what happened last. */
function lastSentence(text: string): string {
  return text
    .trim()
    .split('\n')[0]!
    .split(/ was false\. |: (?=[A-Z])/)
    .at(-1)!;
}

const answer = await probe(process.argv.at(-1) as DeviceKind);
const electron = (process as { parentPort?: { postMessage(message: unknown): void } }).parentPort;
if (electron) electron.postMessage(answer);
else process.send?.(answer, () => process.exit(0));
