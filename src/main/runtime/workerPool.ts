import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, type ErrorData, fromErrorData, TandemError } from '../../core/errors.ts';

/**
 * What a pool sends to a worker thread: one task, what a later task needs (see `material`), or that it is
 * to end itself (`endThread`) as soon as it reads this.
 */
export type ToWorker<Task> =
  | { readonly type: 'task'; readonly ticket: number; readonly task: Task }
  | { readonly type: 'material'; readonly key: string; readonly material: unknown }
  | { readonly type: 'end' };

/** What a worker thread answers: the reply, or an error that another attempt would meet again. */
export type FromWorker<Reply> =
  | { readonly type: 'reply'; readonly ticket: number; readonly reply: Reply }
  | { readonly type: 'error'; readonly ticket: number; readonly error: ErrorData };

export interface WorkerPoolOptions<Task> {
  /** Entry of the worker threads; it answers `ToWorker` messages with `FromWorker` ones. */
  readonly entry: URL;
  /** Threads that run at the same time. They start when there is work for them. */
  readonly workers: number;
  /** Given to every thread at its start: shared buffers are shared, all else is copied. */
  readonly workerData?: unknown;
  /** Something large that a task needs and that a thread keeps: sent to each thread once a key. */
  readonly material?: ((task: Task) => { readonly key: string; readonly value: () => unknown }) | undefined;
  /** Buffers of a task that are handed over and not copied: not available for another attempt. */
  readonly attempts?: number;
}

interface Job<Task, Reply> {
  readonly ticket: number;
  readonly task: Task;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
  attempts: number;
}

interface Thread<Task, Reply> {
  readonly worker: Worker;
  readonly materials: Set<string>;
  job: Job<Task, Reply> | undefined;
  lastError: Error | undefined;
}

/**
 * A thread that was told to end and has not is stopped by force after this time. Not before: a thread that
 * is stopped inside onnxruntime takes the whole process with it (its C++ meets a JavaScript engine that is
 * gone: `terminate called after throwing an instance of 'Napi::Error'`).
 */
const FORCE_AFTER_MS = 30_000;

/** Threads that were told to end and still run. */
const ending = new Set<Promise<void>>();

/** Resolves when no thread of a closed pool runs any more: what they computed last is over. */
export async function threadsEnded(): Promise<void> {
  await Promise.all(ending);
}

/** How many tasks beyond the number of workers are taken from the source before the first reply is out. */
const QUEUED_AHEAD = 2;

/**
 * Worker threads that run tasks in parallel and give the replies in the order of the tasks. Memory does
 * not grow with the number of tasks: no more than `workers + 2` are taken from the source before their
 * replies are consumed. A thread that dies is replaced and its task tried again.
 */
export class WorkerPool<Task, Reply> {
  readonly workers: number;
  readonly #options: WorkerPoolOptions<Task>;
  readonly #threads = new Set<Thread<Task, Reply>>();
  #queue: Job<Task, Reply>[] = [];
  #nextTicket = 0;
  #closed = false;

  constructor(options: WorkerPoolOptions<Task>) {
    this.#options = options;
    this.workers = Math.max(1, Math.min(options.workers, availableParallelism() * 4));
  }

  /**
   * Replies in the order of `tasks`. Stops and throws `cancelled` at once when `signal` fires: threads end
   * after what they compute, and are not waited for. Throws what a task threw; `failed` (`out-of-memory`) where
   * a task's threads died every time. After any of these the pool is closed.
   */
  async *run(tasks: Iterable<Task> | AsyncIterable<Task>, signal?: AbortSignal): AsyncGenerator<Reply> {
    if (this.#closed) throw new TandemError('failed', 'This worker pool is closed');
    const onAbort = () => this.#fail(new TandemError('cancelled', 'Cancelled'));
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const pending: Promise<Reply>[] = [];
    let finished = false;
    try {
      for await (const task of tasks) {
        pending.push(this.#submit(task));
        if (pending.length >= this.workers + QUEUED_AHEAD) yield await pending.shift()!;
      }
      for (let next = pending.shift(); next !== undefined; next = pending.shift()) yield await next;
      finished = true;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      if (!finished) this.#fail(new TandemError('cancelled', 'Cancelled'));
    }
  }

  /** Ends all threads, each after what it computes now; they are not waited for (see `threadsEnded`). */
  close(): void {
    this.#fail(new TandemError('cancelled', 'Cancelled'));
  }

  #submit(task: Task): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    // A reply that is never consumed, because an earlier one failed, must not count as unhandled.
    promise.catch(() => {});
    const job = { ticket: this.#nextTicket++, task, resolve, reject, attempts: 0 };
    if (this.#closed) reject(new TandemError('cancelled', 'Cancelled'));
    else this.#queue.push(job);
    this.#dispatch();
    return promise;
  }

  #dispatch(): void {
    while (this.#queue.length > 0 && !this.#closed) {
      const thread = this.#idleThread();
      if (thread === undefined) return;
      const job = this.#queue.shift()!;
      thread.job = job;
      job.attempts++;
      const material = this.#options.material?.(job.task);
      if (material !== undefined && !thread.materials.has(material.key)) {
        thread.materials.add(material.key);
        this.#post(thread, { type: 'material', key: material.key, material: material.value() });
      }
      this.#post(thread, { type: 'task', ticket: job.ticket, task: job.task });
    }
  }

  #post(thread: Thread<Task, Reply>, message: ToWorker<Task>): void {
    thread.worker.postMessage(message);
  }

  #idleThread(): Thread<Task, Reply> | undefined {
    for (const thread of this.#threads) if (thread.job === undefined) return thread;
    return this.#threads.size < this.workers ? this.#start() : undefined;
  }

  #start(): Thread<Task, Reply> {
    const worker = new Worker(this.#options.entry, { workerData: this.#options.workerData, execArgv: [] });
    const thread: Thread<Task, Reply> = {
      worker,
      materials: new Set(),
      job: undefined,
      lastError: undefined,
    };
    this.#threads.add(thread);
    worker.on('message', (message: FromWorker<Reply>) => this.#onMessage(thread, message));
    worker.on('error', (error) => {
      thread.lastError = error instanceof Error ? error : new Error(String(error));
    });
    worker.on('exit', (code) => this.#onExit(thread, code));
    return thread;
  }

  #onMessage(thread: Thread<Task, Reply>, message: FromWorker<Reply>): void {
    const job = thread.job;
    if (job === undefined || job.ticket !== message.ticket) return;
    thread.job = undefined;
    if (message.type === 'reply') job.resolve(message.reply);
    else job.reject(fromErrorData(message.error));
    this.#dispatch();
  }

  #onExit(thread: Thread<Task, Reply>, code: number): void {
    if (!this.#threads.delete(thread)) return;
    const job = thread.job;
    if (job !== undefined) {
      if (job.attempts < (this.#options.attempts ?? 3)) this.#queue.unshift(job);
      else job.reject(deathError(thread.lastError, code, job.attempts));
    }
    this.#dispatch();
  }

  /** Closes the pool and rejects everything that is not done. */
  #fail(error: TandemError): void {
    this.#closed = true;
    for (const job of this.#queue) job.reject(error);
    this.#queue = [];
    for (const thread of this.#threads) {
      thread.job?.reject(error);
      thread.job = undefined;
      endThread(thread.worker);
    }
    this.#threads.clear();
  }
}

function endThread(worker: Worker): void {
  const force = setTimeout(() => void worker.terminate(), FORCE_AFTER_MS);
  force.unref();
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve())).then(() => {
    clearTimeout(force);
    ending.delete(ended);
  });
  ending.add(ended);
  worker.postMessage({ type: 'end' } satisfies ToWorker<never>);
}

function deathError(cause: Error | undefined, code: number, attempts: number): TandemError {
  const outOfMemory = (cause as { code?: string } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
  const errorCode: ErrorCode = outOfMemory ? 'out-of-memory' : 'failed';
  const why = cause === undefined ? `exit code ${code}` : cause.message;
  return new TandemError(errorCode, `A worker died ${attempts} times at the same task (${why})`, {
    cause,
    hint: outOfMemory ? 'Close other programs, or lower the memory that a worker may take.' : undefined,
  });
}
