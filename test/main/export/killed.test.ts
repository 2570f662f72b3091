import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { createRandom } from '../../../src/core/random.ts';
import { exportEnhanced } from '../../../src/main/export/exportEnhanced.ts';
import { phantomSeries } from './phantomSeries.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-killed-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('an export', () => {
  it('killed at 20 random moments, leaves a whole series or nothing', async () => {
    const made = await phantomSeries(join(root, 'study'), {
      contrasts: ['t2', 't1'],
      matrix: 64,
      slices: 12,
    });
    const targets = join(root, 'targets');
    await mkdir(targets);
    const random = createRandom(20);
    let whole = 0;
    let midway = 0;
    let usualMs = 0;
    for (let n = 0; n <= 20; n++) {
      const out = join(targets, `out${n}`);
      const child = fork(
        join(import.meta.dirname, 'killedExport.ts'),
        [made.target.summary.path, made.reference!.summary.path],
        { stdio: 'ignore', execArgv: [], env: { ...process.env, NODE_COMPILE_CACHE: join(root, 'cache') } },
      );
      await once(child, 'message');
      const ended = once(child, 'exit');
      const begun = performance.now();
      child.send(out);
      // The first one is let through, to know how long an export takes.
      const done = once(child, 'message');
      if (n === 0) await done;
      else await setTimeout(random.between(0, 1.1 * usualMs));
      if (n === 0) usualMs = performance.now() - begun;
      child.kill('SIGKILL');
      await ended;
      const files = await readdir(out).catch(() => undefined);
      expect(files === undefined || files.length === 12, `${files?.length} files`).toBe(true);
      if (files !== undefined) whole++;
      else if ((await readdir(targets)).some((name) => name.includes('.partial-'))) midway++;
    }
    expect(whole).toBeGreaterThan(0);
    expect(midway).toBeGreaterThan(0);
    await exportEnhanced(made, join(targets, 'last'), 'dicom', QUIET_JOB);
    expect((await readdir(targets)).filter((name) => name.startsWith('.'))).toEqual([]);
  }, 120_000);
});
