import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { JobProgress } from '../../components/JobProgress.tsx';
import { isBusy } from '../../state/jobs.ts';
import { clearJob } from '../../state/session.ts';
import { useApp } from '../../state/store.ts';
import { keepOpenStudies } from '../../state/studyActions.ts';
import { text } from '../../text.ts';

/** Dropped files are gone with the workstation: offers to keep copies of them. */
export function KeepCopy(): ReactNode {
  const pathsAreCopies = useApp((state) => state.pathsAreCopies);
  const job = useApp((state) => state.jobs.copy);
  if (job?.status === 'done') {
    return (
      <p className="dim small" role="status">
        {text.library.kept}
      </p>
    );
  }
  if (!pathsAreCopies) return null;
  if (isBusy(job)) return <JobProgress kind="copy" />;
  return (
    <div className="notice notice-warn">
      <div className="notice-body small">
        <span>{text.library.keepCopyNote}</span>
        {job?.error !== undefined && <ErrorNotice error={job.error} onDismiss={() => clearJob('copy')} />}
        <div>
          <Button size="compact-xs" variant="default" onClick={() => void keepOpenStudies()}>
            {text.library.keepCopy}
          </Button>
        </div>
      </div>
    </div>
  );
}
