import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { QueuedJob } from '../../../core/contract/jobs.ts';
import { cancelQueued, setQueue, useQueue } from '../../state/queue.ts';
import { text } from '../../text.ts';
import { jobName } from './jobName.ts';

/** An enhancement, which somebody waits for, before a fine-tuning, which runs for hours beside it. */
function runningJob(jobs: readonly QueuedJob[]): QueuedJob | undefined {
  const running = jobs.filter(({ state }) => state === 'running');
  return running.find(({ order }) => order.kind === 'enhance') ?? running[0];
}

/** The job that runs now, in the header of every screen: how far it is, and the way to stop it. */
export function HeaderJob(): ReactNode {
  const job = useQueue(useShallow(({ jobs }) => runningJob(jobs)));
  if (job === undefined) return null;
  const { progress } = job;
  const isCounted = progress !== null && progress.total > 1;
  const stage = progress === null ? text.enhance.starting : text.stage(progress.stage);
  const words = job.cancelling
    ? text.jobs.cancelling
    : isCounted
      ? `${stage} ${text.enhance.progress(progress.done, progress.total)}`
      : stage;
  const name = jobName(job);
  return (
    <div className="header-job" data-header-job={job.id}>
      <button
        type="button"
        className="header-job-open"
        aria-label={text.jobs.runningNow(name, words)}
        title={name}
        onClick={() => setQueue({ sheetOpen: true })}
      >
        <progress
          aria-hidden
          max={isCounted ? progress.total : 1}
          {...(isCounted ? { value: progress.done } : {})}
        />
        <span className="numbers">{words}</span>
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={text.jobs.cancel + text.jobs.of(name)}
        title={text.jobs.cancel}
        disabled={job.cancelling}
        onClick={() => void cancelQueued(job.id)}
      >
        <X size={14} aria-hidden />
      </button>
    </div>
  );
}
