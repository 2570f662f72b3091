import type { ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { useQueue } from '../../state/queue.ts';
import { isOfPair } from '../../state/queuedRun.ts';
import { useApp } from '../../state/store.ts';
import { useWatched } from '../../state/watchJob.ts';
import { text } from '../../text.ts';
import { JobItem } from '../jobs/JobItem.tsx';

/**
 * The jobs of the pair beside the one that is watched: those that wait their turn, and those that came to no good
 * end and can be tried again.
 */
export function PairJobs(): ReactNode {
  const watched = useWatched((state) => state.id);
  const pair = useApp(
    useShallow(({ studyUid, targetUid, referenceUid }) => ({ studyUid, targetUid, referenceUid })),
  );
  const jobs = useQueue(
    useShallow((state) =>
      state.jobs.filter(
        ({ id, state: how, subject }) =>
          id !== watched && how !== 'done' && how !== 'cancelled' && isOfPair(subject, pair),
      ),
    ),
  );
  if (jobs.length === 0) return null;
  return (
    <section aria-label={text.enhance.others}>
      <h3>{text.enhance.others}</h3>
      <ul className="jobs">
        {jobs.map((job) => (
          <JobItem key={job.id} job={job} />
        ))}
      </ul>
    </section>
  );
}
