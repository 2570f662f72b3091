import type { QueuedJob } from '../../core/contract/jobs.ts';
import { dropVolumes } from '../viewer/volumeCache.ts';
import { stateOfModel } from './modelStates.ts';
import { useQueue } from './queue.ts';
import { isOfPair, type MadeOf } from './queuedRun.ts';
import { type Computing, setApp, useApp } from './store.ts';
import { setView, useView } from './view.ts';

/** The job that enhances the pair that is shown, while its slices come in; null where there is none. */
export function computingOf(jobs: readonly QueuedJob[], pair: MadeOf): Computing | null {
  const job = jobs.find(
    ({ state, progress, subject }) =>
      state === 'running' && progress?.stage === 'enhancing' && progress.done > 0 && isOfPair(subject, pair),
  );
  if (job?.order.kind !== 'enhance') return null;
  const { scale, model } = job.order.request;
  const { models } = useApp.getState();
  return {
    resultId: job.resultId,
    scale,
    model: model.split(/[\\/]/).at(-1) ?? model,
    modelState: stateOfModel(models, model),
  };
}

function look(): void {
  const { studyUid, targetUid, referenceUid, computing } = useApp.getState();
  const next = computingOf(useQueue.getState().jobs, { studyUid, targetUid, referenceUid });
  if (next?.resultId === computing?.resultId) return;
  setApp({ computing: next });
  // What was there of the run is worth nothing beside the whole of it, or without it.
  dropVolumes((key) => key.startsWith('computing-'));
  const kept = Object.entries(useView.getState().volumes).filter(([key]) => !key.startsWith('computing-'));
  setView({ volumes: Object.fromEntries(kept) });
}

/** Follows the queue and the pair, so that an enhancement is shown as it is computed. */
export function followComputing(): void {
  useQueue.subscribe(look);
  useApp.subscribe((state, before) => {
    if (
      state.studyUid !== before.studyUid ||
      state.targetUid !== before.targetUid ||
      state.referenceUid !== before.referenceUid
    )
      look();
  });
}
