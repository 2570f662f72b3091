import { availableParallelism } from 'node:os';
import type { DeviceChoice } from '../../core/contract/schemas.ts';
import { TandemError } from '../../core/errors.ts';
import { probeWebgpu, type WebgpuProbe } from './probe.ts';

/** What a session runs on. */
export type DeviceKind = 'cpu' | 'webgpu';

export interface ChosenDevice {
  readonly kind: DeviceKind;
  /** In words, why this one. */
  readonly reason: string;
}

/**
 * The device for a choice. `cpu` is always there. `webgpu` is probed in a process of its own and throws
 * `device-unavailable` with the reason where it does not work. `auto` takes webgpu where it works and one
 * image is faster there than on all cores of the CPU, else the CPU: a software adapter is never taken.
 *
 * @param probe looks whether WebGPU works here; asked once a process, unless `cpu` is chosen
 */
export async function chooseDevice(
  choice: DeviceChoice,
  probe: () => Promise<WebgpuProbe> = probeOnce,
): Promise<ChosenDevice> {
  if (choice === 'cpu') return { kind: 'cpu', reason: 'the CPU was asked for' };
  const found = await probe();
  if (choice === 'webgpu') {
    if (found.works) return { kind: 'webgpu', reason: 'WebGPU was asked for' };
    throw new TandemError('device-unavailable', `WebGPU cannot be used here: ${found.reason}`, {
      hint: 'Use --device cpu or auto, or install a graphics driver with Vulkan (Linux) or DirectX 12 (Windows).',
    });
  }
  if (!found.works) return { kind: 'cpu', reason: `WebGPU cannot be used here: ${found.reason}` };
  const cores = availableParallelism();
  const gpu = found.webgpuMs.toFixed(1);
  const cpu = (found.cpuMs / cores).toFixed(1);
  return found.webgpuMs < found.cpuMs / cores
    ? {
        kind: 'webgpu',
        reason: `WebGPU is faster here: ${gpu} ms against ${cpu} ms for the same convolution`,
      }
    : { kind: 'cpu', reason: `WebGPU is slower here: ${gpu} ms against ${cpu} ms for the same convolution` };
}

let known: Promise<WebgpuProbe> | undefined;

function probeOnce(): Promise<WebgpuProbe> {
  known ??= probeWebgpu();
  return known;
}
