// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { QueuedJob } from '../../../src/core/contract/jobs.ts';
import { operations } from '../../../src/core/contract/operations.ts';
import { TandemError } from '../../../src/core/errors.ts';
import {
  cancelQueued,
  followQueue,
  INITIAL_QUEUE,
  onJobEnd,
  setQueue,
  useQueue,
} from '../../../src/renderer/state/queue.ts';
import { makeJob, useAnswers } from '../page.tsx';

afterEach(() => {
  setQueue(INITIAL_QUEUE);
  vi.useRealTimers();
});

/** A workstation whose queue the test moves on. */
function queue() {
  let revision = 0;
  let jobs: QueuedJob[] = [];
  let tell: () => void = () => {};
  return {
    answer: async (request: { since?: number | undefined; waitMs?: number | undefined }) => {
      if (request.since === revision) await new Promise<void>((resolve) => (tell = resolve));
      return { revision, jobs };
    },
    move: async (next: QueuedJob[]) => {
      revision++;
      jobs = next;
      tell();
      await new Promise((resolve) => setTimeout(resolve, 5));
    },
  };
}

describe('the window’s list of jobs', () => {
  it('follows the workstation and says once of each job that it ended', async () => {
    const there = queue();
    useAnswers({ jobsList: there.answer });
    const ended: string[] = [];
    const stop = onJobEnd(({ id, state }) => ended.push(`${id} ${state}`));
    await there.move([makeJob({ id: 'old', state: 'done' }), makeJob({ id: 'a', state: 'running' })]);
    followQueue();
    await expect.poll(() => useQueue.getState().jobs.length).toBe(2);
    await there.move([
      makeJob({ id: 'a', state: 'running' }),
      makeJob({ id: 'b', state: 'waiting', place: 1 }),
    ]);
    expect(ended).toEqual([]);
    await there.move([makeJob({ id: 'b', state: 'running' }), makeJob({ id: 'a', state: 'failed' })]);
    // One that was submitted and ended between two answers is told as well.
    await there.move([
      makeJob({ id: 'c', state: 'done' }),
      makeJob({ id: 'b', state: 'done' }),
      makeJob({ id: 'a', state: 'failed' }),
    ]);
    expect(ended.sort()).toEqual(['a failed', 'b done', 'c done']);
    stop();
  });

  it('asks again after an error, more and more seldom, and stops where the connection is gone', async () => {
    vi.useFakeTimers();
    let asked = 0;
    let code: 'write-failed' | 'host-crashed' = 'write-failed';
    useAnswers({
      jobsList: async () => {
        asked++;
        throw new TandemError(code, 'Not now');
      },
    });
    followQueue();
    await vi.advanceTimersByTimeAsync(10);
    expect(useQueue.getState().error?.message).toBe('Not now');
    expect(asked).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toBe(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toBe(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toBe(3);
    code = 'host-crashed';
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(4);
  });

  it('shows what could not be done about a job', async () => {
    useAnswers({ jobsCancel: async () => Promise.reject(new TandemError('not-found', 'There is no job')) });
    await cancelQueued('x');
    expect(useQueue.getState().error).toMatchObject({ code: 'not-found' });
    useAnswers({ jobsCancel: async () => ({ job: makeJob({ id: 'x' }) }) });
    await cancelQueued('x');
    expect(useQueue.getState().error).toBeUndefined();
  });

  it('makes jobs for its tests that the contract allows', () => {
    expect(operations.jobsCancel.result.parse({ job: makeJob({ id: 'x' }) }).job.id).toBe('x');
  });
});
