import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { type JobOrder, jobOrder, type QueuedJob } from '../../core/contract/jobs.ts';
import type { Request, Result } from '../../core/contract/operations.ts';
import type { CallOptions, Workstation } from '../../core/contract/workstation.ts';
import { type ErrorData, TandemError, throwIfCancelled, toErrorData } from '../../core/errors.ts';
import type { Progress } from '../../core/job.ts';
import type { Library } from '../library/library.ts';
import type { Database } from '../library/sqlite.ts';
import {
  addJob,
  allJobs,
  askToCancel,
  clearEnded,
  endJob,
  hasRunning,
  hasWaiting,
  interruptRunning,
  isAskedToCancel,
  jobById,
  jobsRevision,
  type KeptJob,
  requeue,
  setProgress,
  startNext,
} from './jobRows.ts';
import { beat, isLeased, type Runner, releaseLease, takeLease } from './lease.ts';

export interface JobQueueOptions {
  readonly library: Library;
  /** Does the work; a job that it loses (`host-crashed`) fails, and the next one is given to it. */
  readonly workstation: Workstation;
  /** Whether the enhanced series of this id is stored. */
  readonly isStored: (resultId: string) => boolean;
}

/** Progress is written this often: often enough to follow slices, seldom enough to cost nothing. */
const PROGRESS_EVERY_MS = 200;
/** How often to look for what other processes did: a cancel, a job put back, a runner that is gone. */
const LOOK_EVERY_MS = 400;

const ENDED_WITH_PROGRAM: ErrorData = {
  code: 'host-crashed',
  message: 'The program ended while this job was running',
  hint: 'Start it again with Retry.',
};

type Kind = JobOrder['kind'];
const KINDS: readonly Kind[] = jobOrder.options.map(({ shape }) => shape.kind.value);

/**
 * The queue of jobs in the main process. Everything is in the library before it is answered, so that neither a
 * window nor a compute host nor this process takes a job with it; one process runs jobs at a time (see
 * `lease.ts`), one of a kind, and all processes see the same list.
 */
export class JobQueue {
  readonly #library: Library;
  readonly #workstation: Workstation;
  readonly #isStored: (resultId: string) => boolean;
  readonly #runner: Runner = { token: randomUUID(), pid: process.pid };
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #running = new Map<Kind, { readonly id: string; readonly controller: AbortController }>();
  readonly #pumps = new Map<Kind, Promise<void>>();
  #watch: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  constructor(options: JobQueueOptions) {
    this.#library = options.library;
    this.#workstation = options.workstation;
    this.#isStored = options.isStored;
  }

  /** Begins to run what waits, and goes on to whenever something does: for programs that stay. */
  resume(): void {
    this.#start();
    this.#watch ??= setInterval(() => this.#start(), 5 * LOOK_EVERY_MS);
    this.#watch.unref();
  }

  submit({ orders }: Request<'jobsSubmit'>): Result<'jobsSubmit'> {
    const atMs = Date.now();
    const ids = orders.map(() => randomUUID());
    this.#change((database) => {
      for (const [n, { order, subject }] of orders.entries()) {
        addJob(database, { id: ids[n]!, resultId: randomUUID(), order, subject, atMs });
      }
    });
    this.#start();
    const { jobs } = this.#read();
    return { jobs: ids.flatMap((id) => jobs.find((job) => job.id === id) ?? []) };
  }

  /** All jobs; with `since`, as soon as there is something newer, or when `waitMs` is over. */
  async list({ since, waitMs }: Request<'jobsList'>, signal: AbortSignal): Promise<Result<'jobsList'>> {
    const until = Date.now() + waitMs;
    for (;;) {
      throwIfCancelled(signal);
      const left = until - Date.now();
      if (since === undefined || left <= 0 || this.#revision() !== since) return this.#read();
      await this.#changeOrTime(Math.min(left, LOOK_EVERY_MS), signal);
    }
  }

  /** Throws `not-found`. */
  cancel({ id }: Request<'jobsCancel'>): Result<'jobsCancel'> {
    this.#change((database) => {
      const { state } = required(jobById(database, id), id);
      if (state === 'waiting') endJob(database, id, { state: 'cancelled', atMs: Date.now() });
      else askToCancel(database, id);
    });
    for (const running of this.#running.values()) if (running.id === id) running.controller.abort();
    return { job: this.#job(id) };
  }

  /** Throws `not-found`, `usage` for a job that has not ended or is done. */
  retry({ id, change = {} }: Request<'jobsRetry'>): Result<'jobsRetry'> {
    this.#change((database) => {
      const { state, order } = required(jobById(database, id), id);
      if (state === 'waiting' || state === 'running' || state === 'done') {
        throw new TandemError('usage', `This job is ${state}: there is nothing to try again`);
      }
      requeue(database, id, { resultId: randomUUID(), order: orderAgain(order, change), atMs: Date.now() });
    });
    this.#start();
    return { job: this.#job(id) };
  }

  clear({ id }: Request<'jobsClear'>): Result<'jobsClear'> {
    return { cleared: this.#change((database) => clearEnded(database, id)) };
  }

  /** Whether this process runs a job now. */
  get isRunning(): boolean {
    return this.#pumps.size > 0;
  }

  /** Resolves when this process has no job to run any more. */
  async idle(): Promise<void> {
    while (this.#pumps.size > 0) await Promise.all(this.#pumps.values());
  }

  /** The program ends: what runs is interrupted, what waits goes on waiting. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#watch);
    this.#changes.emit('change');
    const running = [...this.#running.values()];
    if (running.length === 0) return;
    try {
      this.#library.change((database) => {
        for (const { id } of running) {
          endJob(database, id, { state: 'interrupted', atMs: Date.now(), error: ENDED_WITH_PROGRAM });
        }
        releaseLease(database, this.#runner);
      });
    } catch (error) {
      // The next start finds it running without a runner, and says the same.
      console.error(error);
    }
    for (const { controller } of running) controller.abort();
  }

  #start(): void {
    if (this.#closed) return;
    const idle = KINDS.filter((kind) => !this.#pumps.has(kind));
    for (const kind of this.#library.use((database) => idle.filter((one) => hasWaiting(database, one)))) {
      const pump = this.#runAll(kind)
        .catch((error: unknown) => console.error(error))
        .finally(() => {
          this.#pumps.delete(kind);
          this.#changes.emit('change');
        });
      this.#pumps.set(kind, pump);
    }
  }

  async #runAll(kind: Kind): Promise<void> {
    for (;;) {
      if (this.#closed) return;
      const job = this.#change((database) => {
        const atMs = Date.now();
        // Another process runs them: what this one was given waits there.
        if (!takeLease(database, this.#runner, atMs)) return undefined;
        const own = new Set([...this.#running.values()].map(({ id }) => id));
        interruptRunning(database, atMs, ENDED_WITH_PROGRAM, own);
        const next = startNext(database, kind, atMs);
        if (next === undefined && own.size === 0) releaseLease(database, this.#runner);
        return next;
      });
      if (job === undefined) return;
      await this.#runOne(job);
    }
  }

  async #runOne(job: KeptJob): Promise<void> {
    const controller = new AbortController();
    const { kind } = job.order;
    this.#running.set(kind, { id: job.id, controller });
    const report = this.#reporter(job.id);
    const look = setInterval(() => this.#lookAfter(job.id, controller), LOOK_EVERY_MS);
    try {
      const result = await this.#do(job, { signal: controller.signal, onProgress: report.take });
      report.stop();
      const state = 'state' in result && result.state === 'paused' ? 'paused' : 'done';
      this.#change((database) => endJob(database, job.id, { state, atMs: Date.now(), result }));
    } catch (error) {
      report.stop();
      const data = toErrorData(error);
      const state = data.code === 'cancelled' ? 'cancelled' : 'failed';
      const outcome = { state, atMs: Date.now(), error: state === 'failed' ? data : undefined } as const;
      this.#change((database) => endJob(database, job.id, outcome));
    } finally {
      clearInterval(look);
      this.#running.delete(kind);
    }
  }

  #do({ order, resultId }: KeptJob, options: CallOptions): Promise<Result<Kind>> {
    if (order.kind === 'finetune') return this.#workstation.call('finetune', order.request, options);
    return this.#workstation.call('enhance', { ...order.request, keepAs: resultId }, options);
  }

  /** What other processes asked for, and whether this is still the one that runs jobs. */
  #lookAfter(id: string, controller: AbortController): void {
    try {
      const goesOn = this.#library.use(
        (database) => beat(database, this.#runner, Date.now()) && !isAskedToCancel(database, id),
      );
      if (!goesOn) controller.abort();
    } catch (error) {
      // A library that cannot be reached for a moment is no reason to end a job.
      console.error(error);
    }
  }

  #reporter(id: string): { take: (progress: Progress) => void; stop: () => void } {
    let latest: Progress | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let writtenAtMs = 0;
    const write = (): void => {
      timer = undefined;
      writtenAtMs = Date.now();
      const progress = latest;
      if (progress === undefined || this.#closed) return;
      try {
        this.#library.use((database) => {
          // Progress may be lost with the power; it is not worth waiting for the disk.
          database.exec('PRAGMA synchronous = NORMAL');
          try {
            setProgress(database, id, progress);
          } finally {
            database.exec('PRAGMA synchronous = FULL');
          }
        });
        this.#changes.emit('change');
      } catch (error) {
        console.error(error);
      }
    };
    return {
      take: (progress) => {
        latest = progress;
        timer ??= setTimeout(write, Math.max(0, writtenAtMs + PROGRESS_EVERY_MS - Date.now()));
      },
      stop: () => {
        clearTimeout(timer);
        latest = undefined;
      },
    };
  }

  #change<T>(work: (database: Database) => T): T {
    const result = this.#library.change(work);
    this.#changes.emit('change');
    return result;
  }

  #revision(): number {
    this.#noticeLoss();
    return this.#library.use(jobsRevision);
  }

  /** A job that runs without anybody who runs jobs was interrupted. */
  #noticeLoss(): void {
    const isLost = (database: Database): boolean => hasRunning(database) && !isLeased(database, Date.now());
    if (!this.#library.use(isLost)) return;
    this.#change((database) => {
      if (isLost(database)) interruptRunning(database, Date.now(), ENDED_WITH_PROGRAM);
    });
  }

  #read(): Result<'jobsList'> {
    this.#noticeLoss();
    // The revision first: what changes between the two reads is told again, never missed.
    const { revision, jobs } = this.#library.use((database) => ({
      revision: jobsRevision(database),
      jobs: allJobs(database),
    }));
    const places = new Map<Kind, number>();
    const nextPlace = (kind: Kind): number => {
      places.set(kind, (places.get(kind) ?? 0) + 1);
      return places.get(kind)!;
    };
    return {
      revision,
      jobs: jobs.map((job) => ({
        ...job,
        place: job.state === 'waiting' ? nextPlace(job.order.kind) : null,
        stored: job.state === 'done' && this.#isStored(job.resultId),
      })),
    };
  }

  #job(id: string): QueuedJob {
    return required(
      this.#read().jobs.find((job) => job.id === id),
      id,
    );
  }

  async #changeOrTime(ms: number, signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const timer = setTimeout(() => ended.abort(), ms);
    const either = AbortSignal.any([signal, ended.signal]);
    await once(this.#changes, 'change', { signal: either }).catch(() => {});
    clearTimeout(timer);
  }
}

/** What is asked when a job is tried again: a fine-tuning goes on where it was. */
function orderAgain(order: JobOrder, change: Request<'jobsRetry'>['change']): JobOrder {
  if (order.kind === 'finetune') return { ...order, request: { ...order.request, resume: true } };
  return { ...order, request: { ...order.request, ...change } };
}

function required<T>(job: T | undefined, id: string): T {
  if (job !== undefined) return job;
  throw new TandemError('not-found', `There is no job “${id}”`, { hint: 'See: tandem jobs list' });
}
