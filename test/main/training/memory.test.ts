import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { StepMemory } from '../../../src/core/graph/index.ts';

const script = fileURLToPath(new URL('./stepMemory.ts', import.meta.url));

interface Measured {
  readonly peakMb: number;
  readonly foretoldMb: number;
  readonly memory: StepMemory;
  readonly losses: readonly number[];
}

/** The peak of some steps in a process of its own. */
async function measure(name: string, recompute: 'none' | 'blocks'): Promise<Measured> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script, name, recompute]);
  return JSON.parse(stdout) as Measured;
}

describe.skipIf(process.platform !== 'linux')('the memory of a training step [needs Linux’s /proc]', () => {
  it.each([
    ['srcnn 9-5-5', 'none'],
    ['srcnn 9-1-5', 'none'],
    ['deep and wide', 'blocks'],
    ['many weights', 'none'],
  ] as const)('is foretold: %s, recompute %s', { timeout: 60_000 }, async (name, recompute) => {
    const { peakMb, foretoldMb } = await measure(name, recompute);
    expect(foretoldMb).toBeGreaterThan(0.87 * peakMb);
    expect(foretoldMb).toBeLessThan(2 * peakMb);
  });

  it.each([
    ['deep and narrow', 0.8],
    ['scans and deformable convolutions', 0.93],
  ] as const)(
    'falls where blocks are computed again, and the course stays the same bit for bit: %s',
    // What the engine keeps in hand beside its tensors moves with what else the machine does.
    { timeout: 60_000, retry: 2 },
    async (name, share) => {
      const kept = await measure(name, 'none');
      const again = await measure(name, 'blocks');
      expect(again.peakMb).toBeLessThan(share * kept.peakMb);
      expect(again.memory.computed).toBeLessThan(0.6 * kept.memory.computed);
      for (const { peakMb, foretoldMb } of [kept, again]) {
        expect(foretoldMb).toBeGreaterThan(0.87 * peakMb);
        expect(foretoldMb).toBeLessThan(2 * peakMb);
      }
      expect(again.losses).toEqual(kept.losses);
      expect(kept.losses.at(-1)!).toBeLessThan(kept.losses[0]!);
    },
  );
});
