import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { DeviceKind } from './devices.ts';
import { type FallBack, fallBacksOf, type NodeRun, type Placement } from './placement.ts';
import { openSession, sessionOptions } from './session.ts';

/**
 * Where the nodes of a model run, seen by this thread: `placementOf` asks a thread of its own. Only a model
 * that the device does not take whole is run, once, on zeros, with onnxruntime's profiler on.
 */
export async function profilePlacement(onnx: Uint8Array, device: DeviceKind): Promise<Placement> {
  if (device === 'cpu' || (await runsWhole(onnx, device))) return { whole: true, fallBacks: [] };
  const fallBacks = await profile(onnx, device);
  return { whole: fallBacks.length === 0, fallBacks };
}

/** onnxruntime itself refuses a model of which a part would fall back, where that is forbidden. */
async function runsWhole(onnx: Uint8Array, device: DeviceKind): Promise<boolean> {
  try {
    const session = await InferenceSession.create(onnx, sessionOptions(device, false));
    await session.release();
    return true;
  } catch {
    // Whatever else is wrong with the model is said when it is opened as it will be used.
    return false;
  }
}

async function profile(onnx: Uint8Array, device: DeviceKind): Promise<FallBack[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-placement-'));
  try {
    const session = await openSession(onnx, {
      ...sessionOptions(device),
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
    });
    await session.run(zeros(session));
    session.endProfiling();
    const [file] = await readdir(folder);
    const events = JSON.parse(await readFile(join(folder, file ?? ''), 'utf8')) as ProfileEvent[];
    await session.release();
    return fallBacksOf(events.flatMap(nodeRun), device);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

const KERNEL_TIME = '_kernel_time';

function nodeRun({ cat, name, args }: ProfileEvent): NodeRun[] {
  if (cat !== 'Node' || !name.endsWith(KERNEL_TIME) || !args?.op_name || !args.provider) return [];
  return [{ name: name.slice(0, -KERNEL_TIME.length), onnxOp: args.op_name, provider: args.provider }];
}

function zeros(session: InferenceSession): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const input of session.inputMetadata) {
    if (!input.isTensor) continue;
    const shape = input.shape.map((size) => (typeof size === 'number' ? size : 1));
    const count = shape.reduce((product, size) => product * size, 1);
    if (input.type === 'float32') feeds[input.name] = new Tensor('float32', new Float32Array(count), shape);
    if (input.type === 'int64') feeds[input.name] = new Tensor('int64', new BigInt64Array(count), shape);
    if (input.type === 'bool') feeds[input.name] = new Tensor('bool', new Uint8Array(count), shape);
  }
  return feeds;
}
