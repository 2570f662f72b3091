import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { FuzzReport } from './hostile/fuzz.ts';

/** Reads hostile files in a process with a heap of 96 MiB; fails where that process does. */
async function fuzz(
  format: 'onnx' | 'safetensors' | 'dense',
  count: number,
  seed: number,
): Promise<FuzzReport> {
  const script = fileURLToPath(new URL('./hostile/fuzz.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--max-old-space-size=96', script, format, String(count), String(seed)],
    { timeout: 110_000 },
  );
  return JSON.parse(stdout) as FuzzReport;
}

const MUTATIONS = 12_000;

describe('hostile files', () => {
  it.each([
    'onnx',
    'safetensors',
  ] as const)('%s: an error each or a reading within the file, soon, with no more memory than a few times its size', {
    timeout: 120_000,
  }, async (format) => {
    const report = await fuzz(format, MUTATIONS, 1);
    expect(report.faults).toEqual([]);
    expect(report).toMatchObject({ mutations: MUTATIONS });
    // The mutations reach deep: most are refused, for many reasons, and some are read.
    expect(report.refused).toBeGreaterThan(MUTATIONS / 2);
    expect(report.read).toBeGreaterThan(MUTATIONS / 20);
    expect(report.messages).toBeGreaterThan(20);
    expect(report.mostMemory).toBeLessThan(4);
    expect(report.slowestMs).toBeLessThan(1000);
  });

  it('of four megabytes that are as many small things as fit take neither the heap nor the time', async () => {
    const report = await fuzz('dense', 0, 0);
    expect(report.faults).toEqual([]);
    expect(report).toMatchObject({ mutations: 17, refused: 17 });
    expect(report.mostMemory).toBeLessThan(4);
    expect(report.slowestMs).toBeLessThan(10_000);
  });
});
