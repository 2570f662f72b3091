import { Button, Progress } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { isBusy, type JobKind } from '../state/jobs.ts';
import { cancelJob } from '../state/session.ts';
import { useApp } from '../state/store.ts';
import { text } from '../text.ts';
import { formatSeconds } from './names.ts';

/** How far the running job of a kind is, with time left and Cancel; nothing where none runs. */
export function JobProgress({ kind }: { readonly kind: JobKind }): ReactNode {
  const job = useApp((state) => state.jobs[kind]);
  const [, tick] = useState(0);
  const busy = isBusy(job);
  useEffect(() => {
    if (!busy) return;
    const timer = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, [busy]);
  if (job === undefined || !busy) return null;
  const { progress } = job;
  const share =
    progress === undefined || progress.total <= 0 ? undefined : (100 * progress.done) / progress.total;
  const stage = progress === undefined ? text.enhance.starting : text.stage(progress.stage);
  return (
    <div className="job" role="status" data-job={kind}>
      <div className="job-line">
        <span>
          {stage}
          {progress !== undefined && progress.total > 1 && (
            <span className="numbers"> {text.enhance.progress(progress.done, progress.total)}</span>
          )}
        </span>
        <span className="dim numbers">
          {progress?.secondsLeft === undefined
            ? formatSeconds(Math.round((Date.now() - job.startedAtMs) / 1000))
            : text.enhance.secondsLeft(formatSeconds(Math.max(1, Math.round(progress.secondsLeft))))}
        </span>
      </div>
      <Progress
        value={share ?? 100}
        animated={share === undefined}
        size="sm"
        aria-label={stage}
        transitionDuration={150}
      />
      {progress?.message !== undefined && <div className="dim job-message">{progress.message}</div>}
      <Button
        className="job-cancel"
        variant="default"
        size="compact-xs"
        disabled={job.status === 'cancelling'}
        onClick={() => cancelJob(kind)}
      >
        {job.status === 'cancelling' ? text.enhance.cancelling : text.enhance.cancel}
      </Button>
    </div>
  );
}
