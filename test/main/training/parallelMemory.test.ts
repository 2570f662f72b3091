import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('./shardedMemory.ts', import.meta.url));

describe.skipIf(process.platform !== 'linux')('the memory of steps in shards [needs Linux’s /proc]', () => {
  it.each([
    ['edsr-guided', { blocks: 4 }, '8 × 96 in 2 shards, 2 workers', [8, 96, 2, 2]],
    ['edsr-guided', { blocks: 4, features: 128 }, '4 × 32 in 4 shards, 4 workers', [4, 32, 4, 4]],
    ['glmamba', { channels: 32, N: 8 }, '4 × 48 in 2 shards, 1 worker', [4, 48, 2, 1]],
  ] as const)('is foretold: %s %j, %s', { timeout: 60_000 }, async (network, options, _, sizes) => {
    const args = ['--expose-gc', script, network, JSON.stringify(options), ...sizes.map(String)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { peakMb, foretoldMb } = JSON.parse(stdout) as { peakMb: number; foretoldMb: number };
    expect(foretoldMb).toBeGreaterThan(0.87 * peakMb);
    expect(foretoldMb).toBeLessThan(2 * peakMb);
  });
});
