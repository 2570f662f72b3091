import type { QueuedJob } from '../../core/contract/jobs.ts';
import type { Enhancement } from '../../core/contract/library.ts';
import { onJobEnd, useQueue } from './queue.ts';
import { canBeOpened, isOfPair, type MadeOf, resultOf } from './queuedRun.ts';
import { workstation } from './session.ts';
import { isSamePair, type PairResult, setApp, useApp } from './store.ts';

/**
 * The enhanced series that are stored of the pair that is shown, the latest first: what the library's history has,
 * and what the queue made of studies that the library has not. Kept up to date as jobs end.
 */

/** Results of a pair out of the history and the list of jobs, each once, the latest first. */
export function resultsOfPair(
  history: readonly Enhancement[],
  jobs: readonly QueuedJob[],
  pair: MadeOf,
): PairResult[] {
  const found = new Map<string, PairResult>();
  for (const job of jobs) {
    const made = canBeOpened(job) && isOfPair(job.subject, pair) ? resultOf(job) : undefined;
    if (made === undefined) continue;
    const { id, model, modelState } = made.result;
    const { scale, targetUid, referenceUid } = made;
    found.set(id, { id, scale, model, modelState, targetUid, referenceUid, madeAtMs: job.endedAtMs ?? 0 });
  }
  for (const made of history) {
    if (!made.stored || !isOfPair(made, pair)) continue;
    const { id, scale, model, modelState, targetUid, referenceUid, madeAtMs } = made;
    found.set(id, { id, scale, model, modelState, targetUid, referenceUid, madeAtMs });
  }
  return [...found.values()].sort((a, b) => b.madeAtMs - a.madeAtMs);
}

let asked = 0;

/** Asks what there is of the pair now. Never throws: without an answer the list of jobs is all that is known. */
export async function refreshResults(): Promise<void> {
  const mine = ++asked;
  const { studyUid, targetUid, referenceUid } = useApp.getState();
  const pair = { studyUid, targetUid, referenceUid };
  const show = (history: readonly Enhancement[]): void =>
    setApp({ results: resultsOfPair(history, useQueue.getState().jobs, pair) });
  if (studyUid === null || targetUid === null) {
    setApp({ results: [] });
    return;
  }
  let history: readonly Enhancement[] = [];
  try {
    history = (await workstation().call('libraryStudy', { uid: studyUid })).study.enhancements;
  } catch {
    // A study that was dropped is in no library.
  }
  if (mine === asked) show(history);
}

/** Follows the pair and the queue from now on; returns how to stop. */
export function followResults(): () => void {
  const stops = [
    useApp.subscribe((state, before) => {
      if (isSamePair(state, before)) return;
      // Those of another pair must not stand beside these images.
      if (state.results.length > 0) setApp({ results: [] });
      void refreshResults();
    }),
    onJobEnd((job) => {
      if (job.state === 'done' && isOfPair(job.subject, useApp.getState())) void refreshResults();
    }),
  ];
  void refreshResults();
  return () => {
    for (const stop of stops) stop();
  };
}
