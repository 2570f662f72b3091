import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeSafetensors } from '../../../src/core/graph/safetensors.ts';
import type { Progress } from '../../../src/core/job.ts';
import { runOperation } from '../../../src/main/models/runOperation.ts';
import { threadsEnded } from '../../../src/main/runtime/workerPool.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-run-cancelled-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('models run tells what it does; cancelled while it runs it ends at once and writes nothing, then or later', async () => {
  const inputs = join(folder, 'inputs.safetensors');
  const shape = [4, 1, 256, 256];
  const image = { shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)) };
  writeFileSync(inputs, writeSafetensors(new Map([['input_zero_filled', image]])));
  const request = { model: 'srcnn-x2', inputs, device: 'cpu', intermediates: false } as const;

  const controller = new AbortController();
  const told: Progress[] = [];
  let cancelledAt = 0;
  const out = join(folder, 'cancelled.safetensors');
  const cancelled = runOperation(
    { ...request, out },
    {
      signal: controller.signal,
      progress: (progress) => {
        told.push(progress);
        if (progress.stage !== 'running') return;
        cancelledAt = performance.now();
        controller.abort();
      },
    },
  );
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  expect(performance.now() - cancelledAt).toBeLessThan(500);
  expect(told.map(({ stage }) => stage)).toEqual(['reading', 'running']);
  await threadsEnded();
  expect(existsSync(out)).toBe(false);

  const whole = join(folder, 'whole.safetensors');
  await runOperation(
    { ...request, out: whole },
    { signal: new AbortController().signal, progress: () => {} },
  );
  expect(existsSync(whole)).toBe(true);
});
