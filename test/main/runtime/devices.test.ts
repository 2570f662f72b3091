import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { chooseDevice, listDevices } from '../../../src/main/runtime/devices.ts';
import { describeFallBack, fallBacksOf, placementOf } from '../../../src/main/runtime/placement.ts';
import { probeDevice } from '../../../src/main/runtime/probe.ts';
import { fallBackWarning } from '../../../src/main/superres/enhanceStack.ts';
import { softwareVulkan } from '../../helpers/webgpu.ts';

const absent = async () => ({ works: false, reason: 'No supported adapters' }) as const;
const fast = async () => ({ works: true, deviceMs: 0.01, cpuMs: 50 }) as const;
const software = async () => ({ works: true, deviceMs: 500, cpuMs: 0.5 }) as const;

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

describe('devices chosen by name', () => {
  it.each(['cuda', 'dml', 'coreml'] as const)('%s is taken where it works', async (device) => {
    const asked: string[] = [];
    const works = async (kind: string) => {
      asked.push(kind);
      return fast();
    };
    expect((await chooseDevice(device, works)).kind).toBe(device);
    expect(asked).toEqual([device]);
  });

  it.each([
    'cuda',
    'dml',
    'coreml',
  ] as const)('%s is refused where not, with what it needs', async (device) => {
    await expect(chooseDevice(device, absent)).rejects.toMatchObject({
      code: 'device-unavailable',
      message: expect.stringContaining('No supported adapters'),
      hint: expect.stringMatching(/NVIDIA|Windows|macOS/),
    });
  });

  it('are all listed, those that are not here with the reason and what to do', async () => {
    const devices = await listDevices((device) => (device === 'webgpu' ? fast() : absent()));
    expect(devices.map(({ device, available }) => [device, available])).toEqual([
      ['cpu', true],
      ['webgpu', true],
      ['cuda', false],
      ['dml', false],
      ['coreml', false],
    ]);
    for (const { available, reason, hint } of devices) {
      if (!available)
        expect([reason, hint]).toEqual(['No supported adapters', expect.stringContaining('needs')]);
    }
  });

  it.runIf(process.platform === 'linux')(
    'are probed: this build of onnxruntime has no DirectML',
    async () => {
      expect(await probeDevice('dml')).toEqual({
        works: false,
        reason: expect.stringMatching(/onnxruntime for linux \S+ does not have it/),
      });
      const cuda = await probeDevice('cuda');
      if (!cuda.works) expect(cuda.reason).not.toBe('');
    },
  );
});

describe('probeDevice', () => {
  it('survives a process that aborts, and says how it ended', async () => {
    const entry = new URL('./abortingProbe.ts', import.meta.url);
    const found = await probeDevice('webgpu', { entry });
    expect(found).toMatchObject({ works: false, reason: expect.stringMatching(/SIGABRT|code/) });
  });

  it('says why WebGPU does not work where there is no adapter', async () => {
    const nowhere = {
      ...process.env,
      VK_ICD_FILENAMES: '/nonexistent.json',
      VK_DRIVER_FILES: '/nonexistent.json',
    };
    const found = await probeDevice('webgpu', { environment: nowhere });
    if (found.works) return; // Windows and macOS have adapters that no variable hides.
    expect(found.reason).not.toBe('');
  });
});

describe('where nodes run', () => {
  const run = (name: string, onnxOp: string, provider: string) => ({ name, onnxOp, provider });

  it('is told of what another provider ran, by operator and place, without copies and repetitions', () => {
    const runs = [
      run('lr.0.deform/deformConv2d#t4', 'DeformConv', 'CPUExecutionProvider'),
      run('lr.0.deform/deformConv2d#t9', 'DeformConv', 'CPUExecutionProvider'),
      run('lr.0.deform/deformConv2d#t9', 'DeformConv', 'CPUExecutionProvider'),
      run('fused gradient(lr.1)/sign#t8_token_3', 'Sign', 'CPUExecutionProvider'),
      run('relu#t1', 'FusedRelu', 'CPUExecutionProvider'),
      run('Transpose_token_7', 'Transpose', 'CPUExecutionProvider'),
      run('Memcpy_token_15', 'MemcpyToHost', 'CPUExecutionProvider'),
      run('lr.0/conv2d#t0', 'Conv', 'WebGpuExecutionProvider'),
    ];
    expect(fallBacksOf(runs, 'webgpu')).toEqual([
      { operator: 'Transpose', place: '', onnxOp: 'Transpose', count: 1 },
      { operator: 'deformConv2d', place: 'lr.0.deform', onnxOp: 'DeformConv', count: 2 },
      { operator: 'relu', place: '', onnxOp: 'FusedRelu', count: 1 },
      { operator: 'sign', place: 'gradient(lr.1)', onnxOp: 'Sign', count: 1 },
    ]);
    expect(fallBacksOf(runs, 'webgpu').map(describeFallBack)).toContain(
      'deformConv2d at lr.0.deform (DeformConv, 2 nodes)',
    );
  });

  it('is a warning of the enhanced series where the device does not run all of the network', () => {
    const fallBacks = [{ operator: 'deformConv2d', place: 'lr.0.align', onnxOp: 'DeformConv', count: 2 }];
    expect(fallBackWarning({ kind: 'webgpu' }, [])).toEqual([]);
    expect(fallBackWarning({ kind: 'webgpu' }, fallBacks)).toEqual([
      {
        code: 'operators-fall-back',
        message:
          'webgpu cannot run the whole network; the CPU ran deformConv2d at lr.0.align (DeformConv, 2 nodes).',
      },
    ]);
  });

  it('is the CPU alone for a model on the CPU', async () => {
    expect(await placementOf(new Uint8Array(3), 'cpu')).toEqual({ whole: true, fallBacks: [] });
  });
});

const vulkan = softwareVulkan();
describe.skipIf(vulkan === undefined)('WebGPU on software Vulkan [needs Debian’s chromium]', () => {
  it('is found to work, and not taken by `auto`', async () => {
    const found = await probeDevice('webgpu', { environment: vulkan! });
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
    expect(result).toMatchObject({ device: 'webgpu', slices: 3, fallBacks: [] });
    expect(result.worst).toBeLessThan(1e-4);
  });

  it('names the operators that fall back to the CPU and their places, and none where none does', async () => {
    const script = fileURLToPath(new URL('./webgpuPlacement.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script], {
      env: vulkan,
      timeout: 50_000,
    });
    expect(JSON.parse(stdout)).toEqual({
      whole: { whole: true, fallBacks: [] },
      partly: {
        whole: false,
        fallBacks: [
          { operator: 'deformable', place: 'lr.0.align', onnxOp: 'DeformConv', count: 1 },
          { operator: 'running sum', place: 'lr.1', onnxOp: 'Scan', count: 1 },
        ],
      },
      refused: 'bad-model',
    });
  });
});
