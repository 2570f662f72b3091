import { Button, Progress } from '@mantine/core';
import type { ReactNode } from 'react';
import type { QueuedJob } from '../../../core/contract/jobs.ts';
import { formatSeconds } from '../../components/names.ts';
import { stateOfModel } from '../../state/modelStates.ts';
import { openJobResult } from '../../state/openResult.ts';
import { cancelQueued, clearQueued, retryQueued, setQueue } from '../../state/queue.ts';
import { canBeOpened, isOnlyInMemory } from '../../state/queuedRun.ts';
import { useSettings } from '../../state/settings.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { jobName, jobTitle } from './jobName.ts';

/** One job: what it does to what, how far it is or how it ended, and what can be done about it. */
export function JobItem({ job }: { readonly job: QueuedJob }): ReactNode {
  const { subject, state } = job;
  const name = jobName(job);
  // Of what is made the state then counts; of what is to be made, the state now.
  const now = useApp(({ models }) =>
    job.order.kind === 'enhance' ? stateOfModel(models, job.order.request.model) : undefined,
  );
  const modelState = job.result === null ? now : job.result.modelState;
  const hidden = useSettings((settings) => settings.hidePatient);
  return (
    <li className="job-item" data-queued={job.id} data-state={state}>
      <div className="row">
        <strong className="grow">{text.enhance.marked(jobTitle(job), modelState)}</strong>
        <span className={`job-state ${state}`}>{stateOf(job)}</span>
      </div>
      {subject !== null && (
        <div className="small">
          {text.jobs.pair(subject.target, subject.reference)}
          <span className="dim"> · {hidden ? text.settings.hidden : subject.study}</span>
        </div>
      )}
      {state === 'running' && <JobAdvance job={job} name={name} />}
      {job.error !== null && (
        <div className="small job-error" data-code={job.error.code}>
          {job.error.message} {job.error.path !== undefined && <span className="mono">{job.error.path}</span>}{' '}
          <span className="dim">{job.error.hint}</span>
        </div>
      )}
      {state === 'done' && job.order.kind === 'enhance' && !job.stored && (
        <div className="dim small" data-kept={isOnlyInMemory(job) ? 'memory' : 'no'}>
          {isOnlyInMemory(job) ? text.jobs.onlyInMemory : text.jobs.notStored}
        </div>
      )}
      <JobActions job={job} name={name} />
    </li>
  );
}

function stateOf({ state, place, cancelling, startedAtMs, endedAtMs, attempt }: QueuedJob): string {
  if (cancelling) return text.jobs.cancelling;
  const words = [state === 'waiting' && place !== null ? text.jobs.place(place) : text.jobs.states[state]];
  if (state === 'done' && startedAtMs !== null && endedAtMs !== null) {
    words.push(text.jobs.took(formatSeconds(Math.max(1, Math.round((endedAtMs - startedAtMs) / 1000)))));
  }
  if (attempt > 1) words.push(text.jobs.attempt(attempt));
  return words.join(' · ');
}

function JobAdvance({ job, name }: { readonly job: QueuedJob; readonly name: string }): ReactNode {
  const { progress } = job;
  const share = progress === null || progress.total <= 0 ? undefined : (100 * progress.done) / progress.total;
  const stage = progress === null ? text.enhance.starting : text.stage(progress.stage);
  return (
    <div className="job-advance">
      <div className="job-line small">
        <span className="numbers">
          {stage}
          {progress !== null &&
            progress.total > 1 &&
            ` ${text.enhance.progress(progress.done, progress.total)}`}
        </span>
        {progress?.secondsLeft !== undefined && (
          <span className="dim numbers">
            {text.enhance.secondsLeft(formatSeconds(Math.max(1, Math.round(progress.secondsLeft))))}
          </span>
        )}
      </div>
      <Progress
        value={share ?? 100}
        animated={share === undefined}
        size="sm"
        aria-label={`${stage}, ${name}`}
      />
    </div>
  );
}

function JobActions({ job, name }: { readonly job: QueuedJob; readonly name: string }): ReactNode {
  const { id, state } = job;
  const named = (action: string): string => action + text.jobs.of(name);
  const openIt = async (): Promise<void> => {
    if (await openJobResult(job)) setQueue({ sheetOpen: false });
  };
  if (state === 'waiting' || state === 'running') {
    return (
      <div className="row end">
        <Button
          variant="default"
          size="compact-xs"
          aria-label={named(text.jobs.cancel)}
          disabled={job.cancelling}
          onClick={() => void cancelQueued(id)}
        >
          {text.jobs.cancel}
        </Button>
      </div>
    );
  }
  return (
    <div className="row end">
      <Button
        variant="subtle"
        size="compact-xs"
        aria-label={named(text.jobs.clear)}
        onClick={() => void clearQueued(id)}
      >
        {text.jobs.clear}
      </Button>
      {state === 'done' && job.order.kind !== 'enhance' ? null : state === 'done' ? (
        <Button
          size="compact-xs"
          aria-label={named(text.jobs.openResult)}
          disabled={!canBeOpened(job)}
          onClick={() => void openIt()}
        >
          {text.jobs.openResult}
        </Button>
      ) : (
        <Again job={job} named={named} />
      )}
    </div>
  );
}

/** Trying again what did not come to its end; of an alignment that was not trusted, what to do differently. */
function Again(props: { readonly job: QueuedJob; readonly named: (action: string) => string }): ReactNode {
  const { job, named } = props;
  const isUntrusted = job.error?.code === 'registration-untrusted';
  const ways = isUntrusted
    ? ([
        [text.enhance.accept, { acceptRegistration: true }],
        [text.enhance.without, { registration: 'none' }],
      ] as const)
    : ([[job.order.kind === 'finetune' ? text.jobs.resume : text.jobs.retry, undefined]] as const);
  return ways.map(([action, change]) => (
    <Button
      key={action}
      variant="default"
      size="compact-xs"
      aria-label={named(action)}
      onClick={() => void retryQueued(job.id, change)}
    >
      {action}
    </Button>
  ));
}
