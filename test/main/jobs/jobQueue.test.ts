import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QueuedJob } from '../../../src/core/contract/jobs.ts';
import { operations, type Request, type Result } from '../../../src/core/contract/operations.ts';
import type { CallOptions, Workstation } from '../../../src/core/contract/workstation.ts';
import { TandemError } from '../../../src/core/errors.ts';
import { JobQueue } from '../../../src/main/jobs/jobQueue.ts';
import { Library } from '../../../src/main/library/library.ts';
import { change } from '../../../src/main/library/sqlite.ts';
import { ENHANCED } from './enhanced.ts';

let folder: string;
let queues: JobQueue[];
let libraries: Library[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-jobs-'));
  queues = [];
  libraries = [];
});
afterEach(() => {
  for (const queue of queues) queue.close();
  for (const library of libraries) library.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Asked {
  readonly request: Request<'enhance'>;
  readonly options: CallOptions;
  readonly finish: (result?: Partial<Result<'enhance'>>) => void;
  readonly fail: (error: TandemError) => void;
}

/** A process with a queue, whose compute host the test plays. */
function program(): { queue: JobQueue; asked: Asked[]; library: Library } {
  const library = new Library(folder);
  const asked: Asked[] = [];
  const workstation = {
    call: (kind: string, request: Request<'enhance'>, options: CallOptions) =>
      new Promise((resolve, reject) => {
        options.signal?.addEventListener('abort', () => reject(new TandemError('cancelled', 'Cancelled')));
        asked.push({
          request,
          options,
          finish: (result) =>
            resolve(kind === 'enhance' ? { ...ENHANCED, id: request.keepAs, ...result } : result),
          fail: reject,
        });
      }),
  } as unknown as Workstation;
  const queue = new JobQueue({ library, workstation, isStored: () => false });
  queues.push(queue);
  libraries.push(library);
  return { queue, asked, library };
}

function orders(...models: string[]): Request<'jobsSubmit'> {
  return operations.jobsSubmit.request.parse({
    orders: models.map((model) => ({
      order: {
        kind: 'enhance',
        request: { target: { paths: ['/s'], series: '1' }, scale: 2, model, device: 'cpu' },
      },
    })),
  });
}

async function jobs(queue: JobQueue): Promise<QueuedJob[]> {
  return (await queue.list({ waitMs: 0 }, new AbortController().signal)).jobs;
}

function tunings(...folders: string[]): Request<'jobsSubmit'> {
  return operations.jobsSubmit.request.parse({
    orders: folders.map((out) => ({
      order: { kind: 'finetune', request: { base: 'glmamba-x2', cases: ['/scans'], steps: 9, out } },
    })),
  });
}

/** What a fine-tuning answers that was asked to pause. */
const PAUSED: Result<'finetune'> = operations.finetune.result.parse({
  state: 'paused',
  path: '/runs/one',
  run: {
    model: 'one',
    base: { id: 'glmamba-x2', version: '1.0.0', weightsSha256: 'a'.repeat(64) },
    target: 't2',
    reference: 't1',
    change: 'all',
    trained: 1,
    parameters: 1,
    device: 'cpu',
    cases: [],
    leftOut: [],
    samePeople: [],
    dataSha256: 'b'.repeat(64),
    lockedSha256: null,
    thresholdsSha256: 'c'.repeat(64),
    notes: [],
  },
  steps: 12,
  plannedSteps: 100,
  seconds: 4,
  ended: null,
  keptStep: null,
  validation: { base: null, tuned: null },
  weightsSha256: null,
  acceptance: null,
});

function modelOf({ order }: QueuedJob): string {
  return order.kind === 'enhance' ? order.request.model : 'tuning';
}

async function states(queue: JobQueue): Promise<string[]> {
  const all = await jobs(queue);
  return all.map((job) => `${modelOf(job)} ${job.state}${job.place ?? ''}`).sort();
}

describe('the queue of jobs', () => {
  it('runs one job at a time, in order, and tells the others their place', async () => {
    const { queue, asked } = program();
    queue.submit(orders('a', 'b', 'c'));
    await expect.poll(() => asked.length).toBe(1);
    expect(await states(queue)).toEqual(['a running', 'b waiting1', 'c waiting2']);
    asked[0]!.finish();
    await expect.poll(() => asked.length).toBe(2);
    expect(await states(queue)).toEqual(['a done', 'b running', 'c waiting1']);
    asked[1]!.fail(new TandemError('out-of-memory', 'Too much', { hint: 'Less' }));
    await expect.poll(() => asked.length).toBe(3);
    asked[2]!.finish({ seconds: 7 });
    await queue.idle();
    const all = await jobs(queue);
    expect(all.map(({ state }) => state)).toEqual(['done', 'failed', 'done']);
    expect(all[0]!.result?.seconds).toBe(7);
    expect(all[1]!.error).toEqual({ code: 'out-of-memory', message: 'Too much', hint: 'Less' });
    expect(asked.map(({ request }) => request.keepAs)).toEqual([...all].reverse().map((job) => job.resultId));
  });

  it('answers a follower when something changes, and not before', async () => {
    const { queue, asked } = program();
    const { signal } = new AbortController();
    const before = await queue.list({ waitMs: 0 }, signal);
    let answered = false;
    const next = queue.list({ since: before.revision, waitMs: 20_000 }, signal).then((list) => {
      answered = true;
      return list;
    });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(answered).toBe(false);
    queue.submit(orders('a'));
    const after = await next;
    expect(after.revision).toBeGreaterThan(before.revision);
    expect(after.jobs).toHaveLength(1);
    await expect.poll(() => asked.length).toBe(1);
    asked[0]!.options.onProgress?.({ stage: 'enhancing', done: 3, total: 9, secondsLeft: 4 });
    await expect
      .poll(async () => (await jobs(queue))[0]?.progress)
      .toEqual({ stage: 'enhancing', done: 3, total: 9, secondsLeft: 4 });
    const empty = await queue.list(
      { since: (await queue.list({ waitMs: 0 }, signal)).revision, waitMs: 50 },
      signal,
    );
    expect(empty.jobs).toHaveLength(1);
    await expect(
      queue.list({ since: empty.revision, waitMs: 20_000 }, AbortSignal.abort()),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('cancels what waits at once, and what runs by its signal; the queue goes on', async () => {
    const { queue, asked } = program();
    const { jobs: submitted } = queue.submit(orders('a', 'b', 'c'));
    await expect.poll(() => asked.length).toBe(1);
    expect(queue.cancel({ id: submitted[1]!.id }).job.state).toBe('cancelled');
    expect(queue.cancel({ id: submitted[0]!.id }).job.cancelling).toBe(true);
    await expect.poll(() => states(queue)).toEqual(['a cancelled', 'b cancelled', 'c running']);
    expect(() => queue.cancel({ id: 'none' })).toThrow(/no job/);
    expect(asked[1]!.request.model).toBe('c');
  });

  it('fails the job that the compute host dies with, goes on, and the retry works', async () => {
    const { queue, asked } = program();
    const { jobs: submitted } = queue.submit(orders('a', 'b'));
    const id = submitted[0]!.id;
    await expect.poll(() => asked.length).toBe(1);
    asked[0]!.fail(new TandemError('host-crashed', 'The compute process ended unexpectedly'));
    await expect.poll(() => asked.length).toBe(2);
    expect((await jobs(queue)).find((job) => job.id === id)?.error?.code).toBe('host-crashed');
    const again = queue.retry({ id, change: { acceptRegistration: true } }).job;
    expect(again).toMatchObject({ state: 'waiting', place: 1, attempt: 2, error: null });
    expect(again.resultId).not.toBe(submitted[0]!.resultId);
    asked[1]!.finish();
    await expect.poll(() => asked.length).toBe(3);
    expect(asked[2]!.request).toMatchObject({ model: 'a', acceptRegistration: true, keepAs: again.resultId });
    asked[2]!.finish();
    await queue.idle();
    expect(await states(queue)).toEqual(['a done', 'b done']);
    expect(() => queue.retry({ id })).toThrow(/nothing to try again/);
    expect(queue.clear({ id }).cleared).toBe(1);
    expect(queue.clear({}).cleared).toBe(1);
  });

  it('calls a job interrupted that ran when its program ended, and what waited goes on at the next start', async () => {
    const first = program();
    first.queue.submit(orders('a', 'b'));
    await expect.poll(() => first.asked.length).toBe(1);
    first.queue.close();
    const second = program();
    expect(await states(second.queue)).toEqual(['a interrupted', 'b waiting1']);
    expect(second.asked).toHaveLength(0);
    second.queue.resume();
    await expect.poll(() => second.asked.length).toBe(1);
    expect(second.asked[0]!.request.model).toBe('b');
    const interrupted = (await jobs(second.queue)).find((job) => job.state === 'interrupted');
    expect(interrupted?.error?.message).toMatch(/ended while this job was running/);
    second.queue.retry({ id: interrupted!.id });
    second.asked[0]!.finish();
    await expect.poll(() => second.asked.length).toBe(2);
  });

  it('finds out that the program which ran a job was killed', async () => {
    const { queue, library } = program();
    queue.submit(orders('a'));
    // As a killed process leaves it: a runner that is no more, a job that says it runs.
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    queue.close();
    library.change((database) => {
      change(database, `UPDATE jobs SET state = 'running', ended_at = NULL`);
      change(database, `INSERT OR REPLACE INTO runner VALUES (1, 'dead', ?, ?)`, dead, Date.now());
    });
    const next = program();
    expect(await states(next.queue)).toEqual(['a interrupted']);
  });

  it('has one runner for all programs: the second sees, cancels and puts back what the first runs', async () => {
    const window = program();
    const commandLine = program();
    window.queue.submit(orders('a'));
    await expect.poll(() => window.asked.length).toBe(1);
    const [running] = await jobs(commandLine.queue);
    expect(running).toMatchObject({ state: 'running' });
    commandLine.queue.submit(orders('b'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(commandLine.asked).toHaveLength(0);
    commandLine.queue.cancel({ id: running!.id });
    await expect.poll(() => states(window.queue), { timeout: 5000 }).toEqual(['a cancelled', 'b running']);
    expect(window.asked[1]!.request.model).toBe('b');
  });

  it('runs a fine-tuning beside enhancements, which do not wait for it, and each kind in its own order', async () => {
    const { queue, asked } = program();
    queue.submit(tunings('/runs/one', '/runs/two'));
    queue.submit(orders('a', 'b'));
    await expect.poll(() => asked.length).toBe(2);
    expect(await states(queue)).toEqual(['a running', 'b waiting1', 'tuning running', 'tuning waiting1']);
    const enhancing = asked.find(({ request }) => 'model' in request)!;
    enhancing.finish();
    await expect.poll(() => asked.length).toBe(3);
    expect(await states(queue)).toEqual(['a done', 'b running', 'tuning running', 'tuning waiting1']);
    // Starting the second enhancement did not interrupt what runs beside it, and both are this program's to end.
    const [tuning] = (await jobs(queue)).filter(({ order }) => order.kind === 'finetune');
    queue.cancel({ id: tuning!.id });
    await expect.poll(() => asked.length).toBe(4);
    expect(await states(queue)).toEqual(['a done', 'b running', 'tuning cancelled', 'tuning running']);
    queue.close();
    const next = program();
    expect(await states(next.queue)).toEqual([
      'a done',
      'b interrupted',
      'tuning cancelled',
      'tuning interrupted',
    ]);
  });

  it('knows a fine-tuning that was paused, and goes on with it where it was', async () => {
    const { queue, asked } = program();
    queue.submit(tunings('/runs/one'));
    await expect.poll(() => asked.length).toBe(1);
    expect(asked[0]!.request).toMatchObject({ resume: false, out: '/runs/one' });
    asked[0]!.finish(PAUSED as never);
    await queue.idle();
    const [paused] = await jobs(queue);
    expect(paused).toMatchObject({ state: 'paused', result: null, tuned: { state: 'paused', steps: 12 } });
    queue.retry({ id: paused!.id });
    await expect.poll(() => asked.length).toBe(2);
    expect(asked[1]!.request).toMatchObject({ resume: true, out: '/runs/one' });
    asked[1]!.finish({ ...PAUSED, state: 'finished', ended: 'planned' } as never);
    await queue.idle();
    expect((await jobs(queue))[0]).toMatchObject({ state: 'done', tuned: { state: 'finished' } });
  });

  it('takes over when the program that ran the queue is gone', async () => {
    const first = program();
    const second = program();
    second.queue.resume();
    first.queue.submit(orders('a', 'b'));
    await expect.poll(() => first.asked.length).toBe(1);
    first.queue.close();
    await expect.poll(() => second.asked.length, { timeout: 8000 }).toBe(1);
    expect(second.asked[0]!.request.model).toBe('b');
  });
});
