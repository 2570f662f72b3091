import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, type ErrorData, fromErrorData, TandemError } from '../../core/errors.ts';

/**
 * What a pool sends to a worker thread: one task with the keys of what it needs, what has such a key, that a
 * key is not needed any more, or that it is to end itself (`endThread`) as soon as it reads this.
 */
export type ToWorker<Task> =
  | {
      readonly type: 'task';
      readonly ticket: number;
      readonly task: Task;
      readonly materials: readonly string[];
    }
  | { readonly type: 'material'; readonly key: string; readonly material: unknown }
  | { readonly type: 'drop'; readonly key: string }
  | { readonly type: 'end' };

/** Something large that tasks need and that a thread keeps: sent to each thread once. */
export interface Material {
  readonly key: string;
  /** Of each kind a thread keeps the last few that it used (`WorkerPoolOptions.keep`, else one). */
  readonly kind: string;
  readonly value: () => unknown;
}

/** What a worker thread answers: the reply, or an error that another attempt would meet again. */
export type FromWorker<Reply> =
  | { readonly type: 'reply'; readonly ticket: number; readonly reply: Reply }
  | { readonly type: 'error'; readonly ticket: number; readonly error: ErrorData };

export interface WorkerPoolOptions {
  /** Entry of the worker threads; it answers `ToWorker` messages with `FromWorker` ones. */
  readonly entry: URL;
  /** Threads that run at the same time. They start when there is work for them. */
  readonly workers: number;
  /** Given to every thread at its start: shared buffers are shared, all else is copied. */
  readonly workerData?: unknown;
  /** How many materials of a kind a thread keeps. */
  readonly keep?: Readonly<Record<string, number>>;
  /** Buffers of a task that are handed over and not copied: not available for another attempt. */
  readonly attempts?: number;
}

interface Job<Task, Reply> {
  readonly ticket: number;
  readonly task: Task;
  readonly materials: readonly Material[];
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
  attempts: number;
}

interface Thread<Task, Reply> {
  readonly worker: Worker;
  /** Kinds by key, the last used one last. */
  readonly materials: Map<string, string>;
  job: Job<Task, Reply> | undefined;
  lastError: Error | undefined;
}

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
  readonly #options: WorkerPoolOptions;
  #workers = 1;
  readonly #threads = new Set<Thread<Task, Reply>>();
  #queue: Job<Task, Reply>[] = [];
  #nextTicket = 0;
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.workers = options.workers;
  }

  /** Threads that may run at the same time. */
  get workers(): number {
    return this.#workers;
  }

  /** Threads beyond the number end, each after what it computes. */
  set workers(workers: number) {
    this.#workers = Math.max(1, Math.min(workers, availableParallelism() * 4));
    for (const thread of this.#threads) {
      if (this.#threads.size <= this.#workers) return;
      if (thread.job !== undefined) continue;
      this.#threads.delete(thread);
      endThread(thread.worker);
    }
  }

  /** Whether it was closed, or a run failed or was left. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Replies in the order of `tasks`. Stops and throws `cancelled` at once when `signal` fires: threads end
   * after what they compute, and are not waited for. Throws what a task threw; `failed` (`out-of-memory`) where
   * a task's threads died every time. After any of these the pool is closed.
   *
   * @param materials what a task needs of the thread that does it
   */
  async *run(
    tasks: Iterable<Task> | AsyncIterable<Task>,
    signal?: AbortSignal,
    materials: (task: Task) => readonly Material[] = () => [],
  ): AsyncGenerator<Reply> {
    if (this.#closed) throw new TandemError('failed', 'This worker pool is closed');
    for (const { worker } of this.#threads) worker.ref();
    const onAbort = () => this.#fail(new TandemError('cancelled', 'Cancelled'));
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const pending: Promise<Reply>[] = [];
    let finished = false;
    try {
      for await (const task of tasks) {
        pending.push(this.#submit(task, materials(task)));
        if (pending.length >= this.workers + QUEUED_AHEAD) yield await pending.shift()!;
      }
      for (let next = pending.shift(); next !== undefined; next = pending.shift()) yield await next;
      finished = true;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      if (!finished) this.#fail(new TandemError('cancelled', 'Cancelled'));
    }
  }

  /** Between two runs: threads let go of what they keep of a kind, and do not keep the process alive. */
  rest(kind: string): void {
    for (const thread of this.#threads) {
      for (const [key, own] of thread.materials) if (own === kind) this.#drop(thread, key);
      thread.worker.unref();
    }
  }

  /** Ends all threads, each after what it computes now; they are not waited for (see `threadsEnded`). */
  close(): void {
    this.#fail(new TandemError('cancelled', 'Cancelled'));
  }

  #submit(task: Task, materials: readonly Material[]): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    // A reply that is never consumed, because an earlier one failed, must not count as unhandled.
    promise.catch(() => {});
    const job = { ticket: this.#nextTicket++, task, materials, resolve, reject, attempts: 0 };
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
      const { materials } = job;
      for (const material of materials) this.#provide(thread, material);
      for (const { kind } of materials) this.#forget(thread, kind);
      const keys = materials.map(({ key }) => key);
      this.#post(thread, { type: 'task', ticket: job.ticket, task: job.task, materials: keys });
    }
  }

  #provide(thread: Thread<Task, Reply>, { key, kind, value }: Material): void {
    const known = thread.materials.delete(key);
    thread.materials.set(key, kind);
    if (!known) this.#post(thread, { type: 'material', key, material: value() });
  }

  /** Drops what was used longest ago, down to what is kept of a kind. */
  #forget(thread: Thread<Task, Reply>, kind: string): void {
    const keys = [...thread.materials].filter(([, own]) => own === kind).map(([key]) => key);
    for (const key of keys.slice(0, -(this.#options.keep?.[kind] ?? 1))) this.#drop(thread, key);
  }

  #drop(thread: Thread<Task, Reply>, key: string): void {
    thread.materials.delete(key);
    this.#post(thread, { type: 'drop', key });
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
      materials: new Map(),
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

/**
 * Tells a thread to end itself after what it computes; `threadsEnded` waits for it. It is never stopped by
 * force, however long that takes: it would not stop inside onnxruntime, and take the whole process with it when
 * it comes out (its C++ meets a JavaScript engine that is gone: `terminate called after throwing an instance of
 * 'Napi::Error'`).
 */
export function endThread(worker: Worker): void {
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve())).then(() => {
    ending.delete(ended);
  });
  ending.add(ended);
  // One that rested did not keep the process alive: a process should not end before its threads.
  worker.ref();
  worker.postMessage({ type: 'end' } satisfies ToWorker<never>);
}

/** The error of a thread that died, as often as it was tried. */
export function deathError(cause: Error | undefined, code: number, attempts: number): TandemError {
  const outOfMemory = (cause as { code?: string } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
  const errorCode: ErrorCode = outOfMemory ? 'out-of-memory' : 'failed';
  const why = cause === undefined ? `exit code ${code}` : cause.message;
  const times = attempts === 1 ? '' : ` ${attempts} times at the same task`;
  return new TandemError(errorCode, `A worker died${times} (${why})`, {
    cause,
    hint: outOfMemory ? 'Close other programs, or lower the memory that a worker may take.' : undefined,
  });
}
