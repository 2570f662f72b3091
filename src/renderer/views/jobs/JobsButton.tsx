import { ListChecks } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { ariaKeys, showKey } from '../../commands/showKeys.ts';
import { onJobEnd, setQueue, unfinished, useQueue } from '../../state/queue.ts';
import { text } from '../../text.ts';
import { jobName } from './jobName.ts';

/** Opens the list of jobs; says how many are not done, and aloud when one ends. */
export function JobsButton(): ReactNode {
  const count = useQueue((state) => unfinished(state.jobs).length);
  const [said, setSaid] = useState('');
  useEffect(
    () =>
      onJobEnd((job) => {
        if (job.state === 'done') setSaid(text.jobs.done(jobName(job)));
        else if (job.state === 'failed') setSaid(text.jobs.failedNow(jobName(job)));
      }),
    [],
  );
  return (
    <>
      <button
        type="button"
        className="icon-button jobs-button"
        aria-label={text.jobs.openCount(count)}
        title={`${text.jobs.open} (${showKey('Shift+j')})`}
        aria-keyshortcuts={ariaKeys(['Shift+j'])}
        data-unfinished={count}
        onClick={() => setQueue({ sheetOpen: true })}
      >
        <ListChecks size={16} aria-hidden />
        {count > 0 && (
          <span className="badge" aria-hidden>
            {count}
          </span>
        )}
      </button>
      <span className="unseen" role="status">
        {said}
      </span>
    </>
  );
}
