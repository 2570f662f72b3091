import { Button, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { clearQueued, setQueue, unfinished, useQueue } from '../../state/queue.ts';
import { clearJob } from '../../state/session.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { JobItem } from './JobItem.tsx';

/** The queue: what runs, what waits, how the others ended. */
export function JobsSheet(): ReactNode {
  const open = useQueue((state) => state.sheetOpen);
  return (
    <Modal
      opened={open}
      onClose={() => setQueue({ sheetOpen: false })}
      title={text.jobs.title}
      size="min(720px, 100%)"
      closeButtonProps={{ 'aria-label': text.help.close }}
    >
      {open && <Jobs />}
    </Modal>
  );
}

function Jobs(): ReactNode {
  const jobs = useQueue((state) => state.jobs);
  const error = useQueue((state) => state.error);
  const openError = useApp((state) => state.jobs.open?.error);
  const ended = jobs.length - unfinished(jobs).length;
  return (
    <div className="stack">
      <p className="dim small">{text.jobs.intro}</p>
      {error !== undefined && (
        <ErrorNotice error={error} title={text.jobs.lost} onDismiss={() => setQueue({ error: undefined })} />
      )}
      {openError !== undefined && <ErrorNotice error={openError} onDismiss={() => clearJob('open')} />}
      {jobs.length === 0 && <p className="dim">{text.jobs.none}</p>}
      <ul className="jobs" aria-label={text.jobs.title}>
        {jobs.map((job) => (
          <JobItem key={job.id} job={job} />
        ))}
      </ul>
      {ended > 0 && (
        <div className="row end">
          <Button variant="default" size="compact-sm" onClick={() => void clearQueued()}>
            {text.jobs.clearAll}
          </Button>
        </div>
      )}
    </div>
  );
}
