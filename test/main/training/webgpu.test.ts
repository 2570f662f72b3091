import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { softwareVulkan } from '../../helpers/webgpu.ts';

interface Outcome {
  readonly cpu: readonly number[];
  readonly webgpu: readonly number[];
  readonly locations: readonly string[];
  readonly worst: number;
  readonly whole: boolean;
}

const vulkan = softwareVulkan();
describe.skipIf(vulkan === undefined)('training on WebGPU, software Vulkan [needs Debian’s chromium]', () => {
  it('follows the CPU, with weights and moments on the device all the while', {
    timeout: 90_000,
  }, async () => {
    const script = fileURLToPath(new URL('./webgpuSteps.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script], {
      env: vulkan,
      timeout: 80_000,
    });
    const { cpu, webgpu, locations, worst, whole } = JSON.parse(stdout) as Outcome;
    expect(cpu).toHaveLength(20);
    expect(cpu.at(-1)!).toBeLessThan(0.8 * cpu[0]!);
    for (const [n, loss] of cpu.entries()) expect(Math.abs(webgpu[n]! / loss - 1)).toBeLessThan(1e-4);
    expect(worst).toBeLessThan(1e-4);
    expect(new Set(locations)).toEqual(new Set(['gpu-buffer']));
    expect(whole).toBe(true);
  });
});
