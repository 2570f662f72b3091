import { create } from 'zustand';
import type { JobOrder, JobSubject, QueuedJob } from '../../core/contract/jobs.ts';
import type { RequestInput } from '../../core/contract/operations.ts';
import { type ErrorData, toErrorData } from '../../core/errors.ts';
import { workstation } from './session.ts';

/** The workstation's queue of jobs as the window knows it: the list, followed as long as there is a connection. */

export interface QueueState {
  readonly jobs: readonly QueuedJob[];
  /** Undefined until the first list came. */
  readonly revision: number | undefined;
  readonly error: ErrorData | undefined;
  readonly sheetOpen: boolean;
}

export const INITIAL_QUEUE: QueueState = {
  jobs: [],
  revision: undefined,
  error: undefined,
  sheetOpen: false,
};

export const useQueue = create<QueueState>()(() => INITIAL_QUEUE);

export function setQueue(change: Partial<QueueState>): void {
  useQueue.setState(change);
}

/** Running and waiting ones. */
export function unfinished(jobs: readonly QueuedJob[]): QueuedJob[] {
  return jobs.filter(({ state }) => state === 'running' || state === 'waiting');
}

export type JobEnd = (job: QueuedJob) => void;
const endListeners = new Set<JobEnd>();

/** Calls the listener for each job that ends from now on, once; returns how to stop. */
export function onJobEnd(listener: JobEnd): () => void {
  endListeners.add(listener);
  return () => endListeners.delete(listener);
}

/** An answer is waited for this long: shorter than any rule of networks that breaks silent connections. */
const WAIT_MS = 20_000;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 15_000;

let following: AbortController | undefined;

/** Follows the queue from now on, until the connection breaks; again after it is back. */
export function followQueue(): void {
  following?.abort();
  following = new AbortController();
  void follow(following.signal);
}

async function follow(signal: AbortSignal): Promise<void> {
  let retryMs = FIRST_RETRY_MS;
  let since: number | undefined;
  while (!signal.aborted) {
    try {
      const waitMs = since === undefined ? 0 : WAIT_MS;
      const list = await workstation().call('jobsList', { since, waitMs }, { signal });
      if (signal.aborted) return;
      take(list.jobs, list.revision);
      since = list.revision;
      retryMs = FIRST_RETRY_MS;
    } catch (error) {
      if (signal.aborted) return;
      const data = toErrorData(error);
      // The connection: the window says so in its own place, and follows again when it is back.
      if (data.code === 'host-crashed' || data.code === 'cancelled') return;
      setQueue({ error: data });
      await new Promise((resolve) => setTimeout(resolve, retryMs));
      retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
    }
  }
}

function take(jobs: readonly QueuedJob[], revision: number): void {
  const before = useQueue.getState();
  setQueue({ jobs, revision, error: undefined });
  if (before.revision === undefined) return;
  const open = new Set(unfinished(before.jobs).map(({ id }) => id));
  const known = new Set(before.jobs.map(({ id }) => id));
  for (const job of jobs) {
    // One that was never seen waiting was submitted and ended between two answers.
    const isNew = open.has(job.id) || !known.has(job.id);
    if (!isNew || job.state === 'running' || job.state === 'waiting') continue;
    for (const listener of endListeners) listener(job);
  }
}

export type NewJob = {
  readonly order: { readonly kind: 'enhance'; readonly request: RequestInput<'enhance'> };
  readonly subject: JobSubject;
};

/** Puts jobs at the end of the queue. Throws what the workstation says. */
export function submitJobs(orders: readonly NewJob[]): Promise<readonly QueuedJob[]> {
  return submitOrders([...orders]);
}

/** Puts jobs of any kind at the end of the queue. Throws what the workstation says. */
export async function submitOrders(
  orders: RequestInput<'jobsSubmit'>['orders'],
): Promise<readonly QueuedJob[]> {
  const { jobs } = await workstation().call('jobsSubmit', { orders });
  return jobs;
}

/** A fine-tuning in the queue. */
export type FinetuneJob = QueuedJob & { readonly order: Extract<JobOrder, { kind: 'finetune' }> };

export function isFinetune(job: QueuedJob): job is FinetuneJob {
  return job.order.kind === 'finetune';
}

/** Asks for something about a job; what goes wrong is shown with the list. */
async function ask(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
    setQueue({ error: undefined });
  } catch (error) {
    setQueue({ error: toErrorData(error) });
  }
}

export function cancelQueued(id: string): Promise<void> {
  return ask(() => workstation().call('jobsCancel', { id }));
}

export function retryQueued(id: string, change?: RequestInput<'jobsRetry'>['change']): Promise<void> {
  return ask(() => workstation().call('jobsRetry', { id, ...(change === undefined ? {} : { change }) }));
}

export function clearQueued(id?: string): Promise<void> {
  return ask(() => workstation().call('jobsClear', id === undefined ? {} : { id }));
}
