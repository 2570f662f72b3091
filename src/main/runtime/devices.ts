import { availableParallelism } from 'node:os';
import type { DeviceChoice } from '../../core/contract/schemas.ts';
import { TandemError } from '../../core/errors.ts';
import type { GraphDevice } from '../../core/graph/onnx/emitter.ts';
import { type DeviceProbe, probeDevice } from './probe.ts';

/** What a session runs on. */
export type DeviceKind = GraphDevice;

export interface ChosenDevice {
  readonly kind: DeviceKind;
  /** In words, why this one. */
  readonly reason: string;
}

/** A device of the closed list, whether it is here or not. */
export interface DeviceReport {
  readonly device: DeviceKind;
  readonly name: string;
  readonly available: boolean;
  /** In words: how fast it is, or why it cannot be used. */
  readonly reason: string;
  /** What the user can do where it cannot be used. */
  readonly hint?: string | undefined;
  /** The same convolutions on the device, and on all cores of the CPU; where it works. */
  readonly deviceMs?: number | undefined;
  readonly cpuMs?: number | undefined;
}

interface Described {
  readonly name: string;
  /** What it takes to have it. */
  readonly needs: string;
}

/** Every device but the CPU, and what of onnxruntime's builds has it (onnxruntime-node 1.30). */
const DEVICES: Readonly<Record<Exclude<DeviceKind, 'cpu'>, Described>> = {
  webgpu: {
    name: 'WebGPU',
    needs: 'a graphics driver with Vulkan (Linux x64), DirectX 12 (Windows) or Metal (macOS)',
  },
  cuda: {
    name: 'CUDA',
    needs:
      'Linux x64, an NVIDIA driver, CUDA 12 and cuDNN 9, and onnxruntime’s libraries for them (fetched by ' +
      'ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js)',
  },
  dml: { name: 'DirectML', needs: 'Windows with a graphics driver for DirectX 12' },
  coreml: { name: 'CoreML', needs: 'macOS' },
};

/** Looks whether a device works here. */
export type Probe = (device: Exclude<DeviceKind, 'cpu'>) => Promise<DeviceProbe>;

/**
 * The device for a choice. `cpu` is always there. A device that is named is tried in a process of its own and
 * throws `device-unavailable`, with the reason and what to do, where it does not work. `auto` takes WebGPU where
 * it works and one image is faster there than on all cores of the CPU, else the CPU: a software adapter is
 * never taken.
 *
 * @param probe looks whether a device works here; asked once a process, unless `cpu` is chosen
 */
export async function chooseDevice(choice: DeviceChoice, probe: Probe = probeOnce): Promise<ChosenDevice> {
  if (choice === 'cpu') return { kind: 'cpu', reason: 'the CPU was asked for' };
  if (choice === 'auto') return automatic(await probe('webgpu'));
  const found = await probe(choice);
  const { name, needs } = DEVICES[choice];
  if (found.works) return { kind: choice, reason: `${name} was asked for` };
  throw new TandemError('device-unavailable', `${name} cannot be used here: ${found.reason}`, {
    hint: `Use --device cpu or auto. ${name} needs ${needs}.`,
  });
}

function automatic(found: DeviceProbe): ChosenDevice {
  if (!found.works) return { kind: 'cpu', reason: `WebGPU cannot be used here: ${found.reason}` };
  const cpuMs = onAllCores(found.cpuMs);
  const times = `${found.deviceMs.toFixed(1)} ms against ${cpuMs.toFixed(1)} ms for the same convolution`;
  return found.deviceMs < cpuMs
    ? { kind: 'webgpu', reason: `WebGPU is faster here: ${times}` }
    : { kind: 'cpu', reason: `WebGPU is slower here: ${times}` };
}

/** Every device that a graph can be emitted for, and why one that is not here is not. All are tried at once. */
export async function listDevices(probe: Probe = probeOnce): Promise<DeviceReport[]> {
  const cores = availableParallelism();
  const cpu = { device: 'cpu', name: 'CPU', available: true, reason: `${cores} threads` } as const;
  const names = Object.keys(DEVICES) as Exclude<DeviceKind, 'cpu'>[];
  return [cpu, ...(await Promise.all(names.map(async (device) => report(device, await probe(device)))))];
}

function report(device: Exclude<DeviceKind, 'cpu'>, found: DeviceProbe): DeviceReport {
  const { name, needs } = DEVICES[device];
  if (!found.works) {
    return { device, name, available: false, reason: found.reason, hint: `It needs ${needs}.` };
  }
  const { deviceMs } = found;
  const cpuMs = onAllCores(found.cpuMs);
  const reason = `the same convolution takes ${deviceMs.toFixed(1)} ms, on the CPU ${cpuMs.toFixed(1)} ms`;
  return { device, name, available: true, reason, deviceMs, cpuMs };
}

function onAllCores(oneCoreMs: number): number {
  return oneCoreMs / availableParallelism();
}

const known = new Map<DeviceKind, Promise<DeviceProbe>>();

function probeOnce(device: DeviceKind): Promise<DeviceProbe> {
  const found = known.get(device) ?? probeDevice(device);
  known.set(device, found);
  return found;
}
