import type { JobSubject, QueuedJob } from '../../core/contract/jobs.ts';
import type { CallOptions } from '../../core/contract/workstation.ts';
import { fromErrorData, TandemError } from '../../core/errors.ts';
import { seriesName, studyName } from '../components/names.ts';
import { cancelQueued, useQueue } from './queue.ts';
import { type AppState, currentStudy, type Enhanced, seriesByUid, useApp } from './store.ts';
import { readErrorData } from './transport/messages.ts';

/** What a job on the chosen target works on, in words for the list. Undefined where no target is chosen. */
export function subjectOf(state: AppState, referenceUid: string | null): JobSubject | undefined {
  const study = currentStudy(state);
  const target = seriesByUid(state, state.targetUid);
  if (study === undefined || target === undefined) return undefined;
  const reference = seriesByUid(state, referenceUid);
  return {
    studyUid: study.uid,
    study: studyName(study),
    targetUid: target.uid,
    target: seriesName(target),
    referenceUid: reference?.uid ?? null,
    reference: reference === undefined ? null : seriesName(reference),
  };
}

/** What is made of a study's target, with a reference or without one. */
export interface MadeOf {
  readonly studyUid: string | null;
  readonly targetUid: string | null;
  readonly referenceUid: string | null;
}

/** Whether something was, or will be, made of a pair: of its target, with its reference or with none. */
export function isOfPair(made: MadeOf | null, pair: MadeOf): boolean {
  return (
    made !== null &&
    made.studyUid === pair.studyUid &&
    made.targetUid === pair.targetUid &&
    (made.referenceUid === null || made.referenceUid === pair.referenceUid)
  );
}

/** The result of a job that is done; undefined where it has none that can be shown. */
export function resultOf({ result, subject, order }: QueuedJob): Enhanced | undefined {
  if (result === null || subject === null || order.kind !== 'enhance') return undefined;
  const { targetUid, referenceUid } = subject;
  return { result, scale: order.request.scale, targetUid, referenceUid };
}

/** Whether a result lies in the workstation's memory alone, as one does that could not be stored: until it ends. */
export function isOnlyInMemory({ result }: Pick<QueuedJob, 'result'>): boolean {
  return result?.warnings.some(({ code }) => code === 'not-stored') === true;
}

/** Whether the result of a job can be opened now. */
export function canBeOpened(job: QueuedJob): boolean {
  return resultOf(job) !== undefined && (job.stored || isOnlyInMemory(job));
}

/**
 * Follows a job of the workstation's queue to its end. Cancelling it in the window cancels it there; going on to
 * other images only ends the watching: the job goes on.
 *
 * @returns the job, done
 * @throws TandemError what the job ended with
 */
export async function followQueued(
  id: string,
  { signal, onProgress }: Required<Pick<CallOptions, 'signal' | 'onProgress'>>,
): Promise<QueuedJob> {
  return new Promise((resolve, reject) => {
    let isSeen = false;
    const end = (settle: () => void): void => {
      stop();
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const look = (): void => {
      const job = useQueue.getState().jobs.find((one) => one.id === id);
      if (job === undefined) {
        // Taken off the list in another window: how it ended is not known here.
        if (isSeen) end(() => reject(new TandemError('cancelled', 'Cancelled')));
        return;
      }
      isSeen = true;
      if (job.state === 'waiting') onProgress({ stage: 'waiting', done: 0, total: 1 });
      else if (job.state === 'running') {
        if (job.progress !== null) onProgress(job.progress);
      } else if (job.state === 'done') end(() => resolve(job));
      else end(() => reject(endOf(job)));
    };
    const onAbort = (): void => {
      const byUser = useApp.getState().jobs.enhance?.status === 'cancelling';
      if (byUser) void cancelQueued(id);
      else end(() => reject(new TandemError('cancelled', 'Cancelled')));
    };
    const stop = useQueue.subscribe(look);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    look();
  });
}

function endOf({ state, error }: QueuedJob): TandemError {
  if (state === 'cancelled') return new TandemError('cancelled', 'Cancelled');
  if (error !== null) return fromErrorData(readErrorData(error));
  return new TandemError('host-crashed', 'The workstation ended while this job ran', {
    hint: 'Start it again.',
  });
}
