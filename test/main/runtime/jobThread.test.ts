import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type JobContext, type Progress, QUIET_JOB } from '../../../src/core/job.ts';
import { runInThread } from '../../../src/main/runtime/jobThread.ts';
import { threadsEnded } from '../../../src/main/runtime/workerPool.ts';
import type { TestJob } from './jobEntry.ts';

const entry = new URL('./jobEntry.ts', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'tandem-job-thread-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function inThread(request: TestJob, job: JobContext, whenCancelled: 'wait' | 'leave' = 'wait') {
  return runInThread<TestJob, string>(entry, request, job, whenCancelled);
}

/** A job that is cancelled as soon as it says that it runs; `cancelledAt` then says when that was. */
function cancelledOnceRunning() {
  const controller = new AbortController();
  const times = { cancelledAt: 0 };
  const job: JobContext = {
    signal: controller.signal,
    progress: () => {
      times.cancelledAt = performance.now();
      controller.abort();
    },
  };
  return { job, times };
}

describe('a job in a thread of its own', () => {
  it('answers with its result, after its progress', async () => {
    const told: Progress[] = [];
    const job = { ...QUIET_JOB, progress: (progress: Progress) => told.push(progress) };
    expect(await inThread({ does: 'count' }, job)).toBe('count');
    expect(told).toEqual([{ stage: 'count', done: 1, total: 2 }]);
  });

  it('throws what it throws, as data of an error', async () => {
    await expect(inThread({ does: 'fail' }, QUIET_JOB)).rejects.toMatchObject({
      code: 'bad-model',
      message: 'No such layer',
      hint: 'Look again.',
      path: '/model',
    });
    await expect(inThread({ does: 'throw' }, QUIET_JOB)).rejects.toMatchObject({
      code: 'failed',
      message: 'a bug',
    });
  });

  it('fails where the thread dies or cannot be loaded', async () => {
    await expect(inThread({ does: 'die' }, QUIET_JOB)).rejects.toThrow(/worker died \(exit code 7\)/);
    const absent = new URL('./absentEntry.ts', import.meta.url);
    await expect(runInThread(absent, {}, QUIET_JOB, 'wait')).rejects.toThrow(/absentEntry/);
  });

  it('is waited for when it is cancelled and saves what it has', async () => {
    const { job } = cancelledOnceRunning();
    const file = join(folder, 'saved');
    const running = inThread({ does: 'save when cancelled', file }, job);
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(readFileSync(file, 'utf8')).toBe('saved');
  });

  it('is left at once when it is cancelled and saves nothing, and hears of it after what it computes', async () => {
    const { job, times } = cancelledOnceRunning();
    const file = join(folder, 'never');
    const running = inThread({ does: 'be busy', file }, job, 'leave');
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(performance.now() - times.cancelledAt).toBeLessThan(300);
    await threadsEnded();
    expect(existsSync(file)).toBe(false);
  });

  it('does not end in the midst of what it writes', async () => {
    const { job } = cancelledOnceRunning();
    const file = join(folder, 'written');
    await expect(inThread({ does: 'write on', file }, job, 'leave')).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(existsSync(file)).toBe(false);
    await threadsEnded();
    expect(readFileSync(file, 'utf8')).toBe('written');
  });

  it('may be cancelled before it begins', async () => {
    const job = { ...QUIET_JOB, signal: AbortSignal.abort() };
    await expect(inThread({ does: 'count' }, job, 'leave')).rejects.toMatchObject({ code: 'cancelled' });
  });
});
