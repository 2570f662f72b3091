import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type ErrorData, fromErrorData } from '../../core/errors.ts';
import { deathError, endThread } from '../runtime/workerPool.ts';
import { workerUrl } from '../runtime/workerUrl.ts';
import type { ShardPlan } from './parallelShards.ts';

export type ToShardThread = { readonly type: 'work' } | { readonly type: 'end' };
/** One for the start, one for every `work`. */
export type FromShardThread =
  | { readonly type: 'done' }
  | { readonly type: 'error'; readonly error: ErrorData };

/** A thread that computes shards of a plan. Between steps it does not keep the process alive. */
export class ShardThread {
  private readonly worker: Worker;
  private asked: PromiseWithResolvers<void>;
  private cause: Error | undefined;
  /** Once it has ended. */
  private exitCode: number | undefined;

  private constructor(worker: Worker) {
    this.worker = worker;
    this.asked = Promise.withResolvers();
    worker.on('message', (message: FromShardThread) => {
      if (message.type === 'done') this.asked.resolve();
      else this.asked.reject(fromErrorData(message.error));
    });
    worker.on('error', (error) => {
      this.cause = error instanceof Error ? error : new Error(String(error));
    });
    worker.on('exit', (code) => {
      this.exitCode = code;
      this.asked.reject(deathError(this.cause, code, 1));
    });
    // A thread may die while nobody asks anything of it.
    this.asked.promise.catch(() => {});
  }

  /** A thread with its session open. Throws `bad-model` where onnxruntime refuses it, `failed` where it died. */
  static async start(plan: ShardPlan): Promise<ShardThread> {
    const entry = workerUrl('parallelWorker', import.meta.url);
    const thread = new ShardThread(new Worker(entry, { workerData: plan, execArgv: [] }));
    try {
      await thread.asked.promise;
    } catch (error) {
      await thread.end();
      throw error;
    }
    thread.worker.unref();
    return thread;
  }

  get alive(): boolean {
    return this.exitCode === undefined;
  }

  /**
   * Computes shards until none is left to take. Throws what the engine threw, or `failed` (`out-of-memory`)
   * where the thread died: it is not `alive` then.
   */
  async work(): Promise<void> {
    this.asked = Promise.withResolvers();
    if (this.exitCode !== undefined) this.asked.reject(deathError(this.cause, this.exitCode, 1));
    this.worker.ref();
    this.worker.postMessage({ type: 'work' } satisfies ToShardThread);
    try {
      await this.asked.promise;
    } finally {
      this.worker.unref();
    }
  }

  /** Resolves when the thread has ended, after what it computes. */
  async end(): Promise<void> {
    if (!this.alive) return;
    const ended = once(this.worker, 'exit');
    endThread(this.worker);
    await ended;
  }
}
