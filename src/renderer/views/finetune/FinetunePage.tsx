import { NativeSelect } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { tuningJobs, watchRun } from '../../state/finetuneActions.ts';
import { setTuning, useTuning } from '../../state/finetuneStore.ts';
import { useQueue } from '../../state/queue.ts';
import { text } from '../../text.ts';
import { RunPage } from './RunPage.tsx';
import { runName } from './runWords.ts';
import { SetUp } from './SetUp.tsx';

/** A new fine-tuning, or one that is, or was, under way. */
export function FinetunePage(): ReactNode {
  useQueue((state) => state.jobs);
  const { jobId, error } = useTuning();
  const jobs = tuningJobs();
  const job = jobs.find(({ id }) => id === jobId);
  const going = jobs.find(({ state }) => state === 'running');
  // biome-ignore lint/correctness/useExhaustiveDependencies: only at first is the run that goes on looked at unasked
  useEffect(() => {
    if (jobId === null && going !== undefined) watchRun(going.id);
  }, []);
  return (
    <div className="stack" data-tuning={job === undefined ? 'new' : job.state}>
      {jobs.length > 0 && (
        <NativeSelect
          label={text.finetune.which}
          value={job?.id ?? ''}
          data={[
            { value: '', label: text.finetune.newRun },
            ...jobs.map((one) => ({ value: one.id, label: runName(one) })),
          ]}
          onChange={(event) => watchRun(event.currentTarget.value || null)}
        />
      )}
      {error !== undefined && <ErrorNotice error={error} onDismiss={() => setTuning({ error: undefined })} />}
      {job === undefined ? <SetUp /> : <RunPage key={job.id} job={job} />}
    </div>
  );
}
