import { create } from 'zustand';
import type { QueuedJob } from '../../core/contract/jobs.ts';
import { unfinished, useQueue } from './queue.ts';
import { followQueued, isOfPair, resultOf } from './queuedRun.ts';
import { abandonJob, clearJob, runJob } from './session.ts';
import { isSamePair, setApp, useApp } from './store.ts';
import { suggestedFolder } from './suggestedFolder.ts';
import { forgetEnhancedVolumes } from './viewActions.ts';

/** The job of the queue that the window watches as its own; null where it watches none. */
export const useWatched = create<{ readonly id: string | null }>()(() => ({ id: null }));

/**
 * Watches a job of the queue as the window's enhancement, with progress and cancel, and shows what comes of it.
 * Nothing where another is watched already.
 *
 * @param submit puts the job into the queue; returns its id
 */
export async function watchJob(submit: () => Promise<string>, startedAtMs?: number): Promise<void> {
  const job = await runJob(
    'enhance',
    async (options) => {
      useWatched.setState({ id: null });
      const id = await submit();
      if (!options.signal.aborted) useWatched.setState({ id });
      return followQueued(id, options);
    },
    startedAtMs,
  );
  if (job !== undefined) showMade(job);
  look();
}

/** Shows what a job made, where its pair is still the one that is shown. */
function showMade(job: QueuedJob): void {
  const made = resultOf(job);
  const state = useApp.getState();
  if (made === undefined || !isOfPair(job.subject, state)) return;
  // What is about to be exported must not become something else under the user's hands.
  if (state.task === 'export' && state.enhanced !== null) return;
  forgetEnhancedVolumes();
  clearJob('export');
  setApp({ enhanced: made, exported: null, exportFolder: suggestedFolder(state, made.result.model) });
}

/** The next job of the pair that is shown that has not ended: the one that runs, else the first that waits. */
function nextOfPair(): QueuedJob | undefined {
  const state = useApp.getState();
  return unfinished(useQueue.getState().jobs).find(
    ({ order, subject }) => order.kind === 'enhance' && isOfPair(subject, state),
  );
}

let isFollowing = false;

function look(): void {
  if (!isFollowing || isWatching()) return;
  const job = nextOfPair();
  if (job === undefined) return;
  void watchJob(async () => job.id, job.startedAtMs ?? job.submittedAtMs);
}

function isWatching(): boolean {
  const status = useApp.getState().jobs.enhance?.status;
  return status === 'running' || status === 'cancelling';
}

/** Stops watching a job of another pair than the one that is shown; it goes on. */
function leaveOther(): void {
  const { id } = useWatched.getState();
  const job = useQueue.getState().jobs.find((one) => one.id === id);
  if (isWatching() && job !== undefined && !isOfPair(job.subject, useApp.getState())) abandonJob('enhance');
}

/**
 * Watches, from now on, whatever job of the pair that is shown runs or comes next, whoever put it into the queue:
 * this window before it was reloaded, another one, a row of several models. Returns how to stop.
 */
export function followPairJobs(): () => void {
  const stops = [
    useQueue.subscribe(look),
    useApp.subscribe((state, before) => {
      if (isSamePair(state, before)) return;
      leaveOther();
      look();
    }),
  ];
  isFollowing = true;
  look();
  return () => {
    isFollowing = false;
    for (const stop of stops) stop();
  };
}
