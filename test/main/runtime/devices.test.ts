import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { chooseDevice } from '../../../src/main/runtime/devices.ts';
import { probeWebgpu } from '../../../src/main/runtime/probe.ts';
import { softwareVulkan } from '../../helpers/webgpu.ts';

const absent = async () => ({ works: false, reason: 'No supported adapters' }) as const;
const fast = async () => ({ works: true, webgpuMs: 0.01, cpuMs: 50 }) as const;
const software = async () => ({ works: true, webgpuMs: 500, cpuMs: 0.5 }) as const;

describe('chooseDevice', () => {
  it('takes the CPU without looking for anything else', async () => {
    const never = () => Promise.reject(new Error('asked'));
    expect((await chooseDevice('cpu', never)).kind).toBe('cpu');
  });

  it('refuses WebGPU where there is none, with the reason', async () => {
    await expect(chooseDevice('webgpu', absent)).rejects.toMatchObject({
      code: 'device-unavailable',
      message: expect.stringContaining('No supported adapters'),
    });
    expect((await chooseDevice('webgpu', software)).kind).toBe('webgpu');
  });

  it('takes by itself only an adapter that is faster than all cores, and says why', async () => {
    expect((await chooseDevice('auto', fast)).kind).toBe('webgpu');
    expect(await chooseDevice('auto', software)).toMatchObject({
      kind: 'cpu',
      reason: expect.stringContaining('slower'),
    });
    expect(await chooseDevice('auto', absent)).toMatchObject({
      kind: 'cpu',
      reason: expect.stringContaining('No supported adapters'),
    });
  });
});

describe('probeWebgpu', () => {
  it('survives a process that aborts, and says how it ended', async () => {
    const entry = new URL('./abortingProbe.ts', import.meta.url);
    const found = await probeWebgpu({ entry });
    expect(found).toMatchObject({ works: false, reason: expect.stringMatching(/SIGABRT|code/) });
  });

  it('says why WebGPU does not work where there is no adapter', async () => {
    const nowhere = {
      ...process.env,
      VK_ICD_FILENAMES: '/nonexistent.json',
      VK_DRIVER_FILES: '/nonexistent.json',
    };
    const found = await probeWebgpu({ environment: nowhere });
    if (found.works) return; // Windows and macOS have adapters that no variable hides.
    expect(found.reason).not.toBe('');
  });
});

const vulkan = softwareVulkan();
describe.skipIf(vulkan === undefined)('WebGPU on software Vulkan [needs Debian’s chromium]', () => {
  it('is found to work, and not taken by `auto`', async () => {
    const found = await probeWebgpu({ environment: vulkan! });
    expect(found).toMatchObject({ works: true });
    expect((await chooseDevice('auto', async () => found)).kind).toBe('cpu');
  });

  it('enhances a stack to the CPU’s numbers within 1e-4', async () => {
    const script = fileURLToPath(new URL('./webgpuRun.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script], {
      env: vulkan,
      timeout: 50_000,
    });
    const result = JSON.parse(stdout) as { device: string; slices: number; worst: number };
    expect(result).toMatchObject({ device: 'webgpu', slices: 3 });
    expect(result.worst).toBeLessThan(1e-4);
  });
});
