import type { CallOptions } from '../../core/contract/workstation.ts';
import { TandemError, toErrorData } from '../../core/errors.ts';
import { isBusy, type JobKind, type JobState } from './jobs.ts';
import { setApp, useApp } from './store.ts';
import type { WindowWorkstation } from './workstation.ts';

let current: WindowWorkstation | undefined;
const controllers = new Map<JobKind, AbortController>();

/** Called once, when the window has its workstation (and by tests, with their own). */
export function setWorkstation(workstation: WindowWorkstation): void {
  current = workstation;
}

/** Throws `host-crashed` before the window is connected. */
export function workstation(): WindowWorkstation {
  if (current === undefined) throw new TandemError('host-crashed', 'The window is not connected yet');
  return current;
}

function setJob(kind: JobKind, change: Partial<JobState>): void {
  const jobs = useApp.getState().jobs;
  const before: JobState = jobs[kind] ?? {
    status: 'running',
    progress: undefined,
    error: undefined,
    startedAtMs: Date.now(),
  };
  setApp({ jobs: { ...jobs, [kind]: { ...before, ...change } } });
}

/** Forgets how the last job of a kind ended. */
export function clearJob(kind: JobKind): void {
  const { [kind]: _, ...jobs } = useApp.getState().jobs;
  setApp({ jobs });
}

/**
 * Runs one job of a kind with progress and cancel in the store; `undefined` when it failed, was cancelled
 * or another of its kind is still running. Never throws.
 */
export async function runJob<T>(
  kind: JobKind,
  work: (options: Required<Pick<CallOptions, 'onProgress' | 'signal'>>) => Promise<T>,
  startedAtMs = Date.now(),
): Promise<T | undefined> {
  if (isBusy(useApp.getState().jobs[kind])) return undefined;
  const controller = new AbortController();
  controllers.set(kind, controller);
  const abandoned = (): boolean => controllers.get(kind) !== controller;
  setJob(kind, { status: 'running', progress: undefined, error: undefined, startedAtMs });
  try {
    const result = await work({
      signal: controller.signal,
      onProgress: (progress) => {
        if (!controller.signal.aborted && !abandoned()) setJob(kind, { progress });
      },
    });
    if (abandoned()) return undefined;
    setJob(kind, { status: 'done', progress: undefined });
    return result;
  } catch (error) {
    if (abandoned()) return undefined;
    const data = toErrorData(error);
    const cancelled = data.code === 'cancelled';
    setJob(kind, {
      status: cancelled ? 'cancelled' : 'failed',
      progress: undefined,
      error: cancelled ? undefined : data,
    });
    return undefined;
  } finally {
    if (!abandoned()) controllers.delete(kind);
  }
}

/** Cancels a job that nobody waits for any more, and forgets it: how it ends is not shown. */
export function abandonJob(kind: JobKind): void {
  const controller = controllers.get(kind);
  controllers.delete(kind);
  controller?.abort();
  clearJob(kind);
}

export function cancelJob(kind: JobKind): void {
  const controller = controllers.get(kind);
  if (controller === undefined) return;
  setJob(kind, { status: 'cancelling' });
  controller.abort();
}
