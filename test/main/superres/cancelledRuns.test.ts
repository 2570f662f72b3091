import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

describe('cancelling inside onnxruntime', () => {
  it('never takes the process with it, whenever it comes', () => {
    const child = spawnSync(process.execPath, [join(import.meta.dirname, 'cancelledRuns.ts'), '16'], {
      encoding: 'utf8',
      timeout: 100_000,
    });
    expect({ status: child.status, signal: child.signal, stderr: child.stderr }).toEqual({
      status: 0,
      signal: null,
      stderr: '',
    });
  }, 120_000);
});
