import { parentPort, Worker, workerData } from 'node:worker_threads';
import { type ErrorData, fromErrorData, TandemError, toErrorData } from '../../core/errors.ts';
import type { JobContext, Progress } from '../../core/job.ts';
import { releaseKeptPools } from './keptPools.ts';
import { deathError, endThread, threadsEnded } from './workerPool.ts';

type ToThread = { readonly type: 'cancel' } | { readonly type: 'end' };

type FromThread<Result> =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'result'; readonly result: Result }
  | { readonly type: 'error'; readonly error: ErrorData };

/**
 * Runs a whole job in a thread of its own: one that calls onnxruntime itself, whose every run blocks its
 * thread, so that the process that answers the contract does not wait for it.
 *
 * Throws what the job throws; `failed` (`out-of-memory`) where the thread died. A request to cancel is handed on.
 *
 * @param entry of the thread, which calls `serveJob`
 * @param whenCancelled whether the job is waited for, because it saves what it has, or left to end by itself
 */
export async function runInThread<Request, Result>(
  entry: URL,
  request: Request,
  job: JobContext,
  whenCancelled: 'wait' | 'leave',
): Promise<Result> {
  const worker = new Worker(entry, { workerData: request, execArgv: [] });
  const { promise: left, reject: leave } = Promise.withResolvers<never>();
  left.catch(() => {});
  const cancel = () => {
    worker.postMessage({ type: 'cancel' } satisfies ToThread);
    if (whenCancelled === 'leave') leave(new TandemError('cancelled', 'Cancelled'));
  };
  if (job.signal.aborted) cancel();
  job.signal.addEventListener('abort', cancel, { once: true });
  let alive = true;
  try {
    const done = new Promise<Result>((resolve, reject) => {
      let cause: Error | undefined;
      worker.on('message', (message: FromThread<Result>) => {
        if (message.type === 'progress') job.progress(message.progress);
        else if (message.type === 'result') resolve(message.result);
        else reject(fromErrorData(message.error));
      });
      worker.on('error', (error) => {
        cause = error instanceof Error ? error : new Error(String(error));
      });
      worker.on('exit', (code) => {
        alive = false;
        reject(deathError(cause, code, 1));
      });
    });
    return await Promise.race([done, left]);
  } finally {
    job.signal.removeEventListener('abort', cancel);
    if (alive) endThread(worker);
  }
}

/** Makes this thread one of `runInThread`: runs the job that it was started with. Call once. */
export function serveJob<Request, Result>(run: (request: Request, job: JobContext) => Promise<Result>): void {
  const port = parentPort;
  if (port === null) throw new TandemError('failed', 'This runs only as a worker thread');
  const controller = new AbortController();
  const send = (message: FromThread<Result>) => port.postMessage(message);
  port.on('message', async (message: ToThread) => {
    if (message.type === 'cancel') {
      controller.abort(new TandemError('cancelled', 'Cancelled'));
      return;
    }
    // A job that was left is let come to its end: it may be writing.
    await running;
    // The threads that this one started end with it, and must not do so inside onnxruntime.
    releaseKeptPools();
    await threadsEnded();
    process.exit(0);
  });
  const job: JobContext = {
    signal: controller.signal,
    progress: (progress) => send({ type: 'progress', progress }),
  };
  const running = run(workerData as Request, job).then(
    (result) => send({ type: 'result', result }),
    (error: unknown) => send({ type: 'error', error: toErrorData(error) }),
  );
}
