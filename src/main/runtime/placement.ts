import { createHash } from 'node:crypto';
import type { DeviceKind } from './devices.ts';
import { WorkerPool } from './workerPool.ts';
import { workerUrl } from './workerUrl.ts';

/** An operator of the network that the device has no kernel for: the CPU runs it, and tensors are copied there and back. */
export interface FallBack {
  /** The graph's operator and where in the network it stands; the ONNX operator and '' where that is not known. */
  readonly operator: string;
  readonly place: string;
  readonly onnxOp: string;
  /** Nodes of that kind. */
  readonly count: number;
}

export interface Placement {
  /** Whether the device runs every node. */
  readonly whole: boolean;
  readonly fallBacks: readonly FallBack[];
}

/** One node as onnxruntime's profiler saw it. */
export interface NodeRun {
  readonly name: string;
  readonly onnxOp: string;
  readonly provider: string;
}

export interface PlacementTask {
  readonly onnx: Uint8Array;
  readonly device: DeviceKind;
}

const PROVIDERS: Readonly<Record<DeviceKind, string>> = {
  cpu: 'CPUExecutionProvider',
  webgpu: 'WebGpuExecutionProvider',
  cuda: 'CUDAExecutionProvider',
  dml: 'DmlExecutionProvider',
  coreml: 'CoreMLExecutionProvider',
};

/** Copies that onnxruntime puts before and after what falls back: a consequence, not a fall-back. */
const COPIES = new Set(['MemcpyFromHost', 'MemcpyToHost']);
const MOST_REMEMBERED = 64;
const remembered = new Map<string, Promise<Placement>>();

/**
 * Which operators of a model a device cannot run, so that the CPU does, named by their place in the network.
 * Asked in a thread of its own, once a model and device. Throws `bad-model` where onnxruntime refuses the
 * model, `failed` where the thread died.
 */
export function placementOf(onnx: Uint8Array, device: DeviceKind): Promise<Placement> {
  if (device === 'cpu') return Promise.resolve({ whole: true, fallBacks: [] });
  const key = `${device}:${createHash('sha256').update(onnx).digest('hex')}`;
  let placement = remembered.get(key);
  if (placement === undefined) {
    placement = ask({ onnx, device });
    remembered.set(key, placement);
    placement.catch(() => remembered.delete(key));
    if (remembered.size > MOST_REMEMBERED) remembered.delete(remembered.keys().next().value ?? '');
  }
  return placement;
}

async function ask(task: PlacementTask): Promise<Placement> {
  const entry = workerUrl('placementWorker', import.meta.url);
  const pool = new WorkerPool<PlacementTask, Placement>({ entry, workers: 1, attempts: 1 });
  try {
    for await (const placement of pool.run([task])) return placement;
    return { whole: true, fallBacks: [] };
  } finally {
    pool.close();
  }
}

/** What of a profiled run another provider than the device's own ran, merged by operator, place and ONNX operator. */
export function fallBacksOf(runs: readonly NodeRun[], device: DeviceKind): FallBack[] {
  const found = new Map<string, FallBack>();
  const seen = new Set<string>();
  for (const { name, onnxOp, provider } of runs) {
    // A node in the body of a Scan runs many times.
    if (provider === PROVIDERS[device] || COPIES.has(onnxOp) || seen.has(name)) continue;
    seen.add(name);
    const source = networkPlace(name) ?? { operator: onnxOp, place: '' };
    const key = JSON.stringify([source, onnxOp]);
    found.set(key, { ...source, onnxOp, count: (found.get(key)?.count ?? 0) + 1 });
  }
  return [...found.values()].sort((a, b) => (describeFallBack(a) < describeFallBack(b) ? -1 : 1));
}

/**
 * The operator and its place out of the name of an ONNX node (`place/operator#output`, see `nodeName`).
 * What onnxruntime fused or moved keeps such a name within its own.
 */
export function networkPlace(name: string): Pick<FallBack, 'operator' | 'place'> | undefined {
  const [, path] = /^(?:fused )*([^#]+)#/.exec(name) ?? [];
  if (path === undefined) return undefined;
  const slash = path.lastIndexOf('/');
  return { operator: path.slice(slash + 1), place: slash < 0 ? '' : path.slice(0, slash) };
}

/** `deformConv2d at lr.0.align (DeformConv, 4 nodes)`. */
export function describeFallBack({ operator, place, onnxOp, count }: FallBack): string {
  const where = place === '' ? '' : ` at ${place}`;
  return `${operator}${where} (${onnxOp}${count === 1 ? '' : `, ${count} nodes`})`;
}
