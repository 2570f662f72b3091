import { Button, Progress } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { formatSeconds } from '../../components/names.ts';
import { cancelRun, controlRun, readStatus, resumeRun } from '../../state/finetuneActions.ts';
import { type TuningStatus, useTuning } from '../../state/finetuneStore.ts';
import type { FinetuneJob } from '../../state/queue.ts';
import { text } from '../../text.ts';
import { CaseTable, LeftOut } from './CaseTable.tsx';
import { Curves } from './Curves.tsx';
import { RunOutcome } from './RunOutcome.tsx';
import { Samples } from './Samples.tsx';

const LOOK_EVERY_MS = 2000;

/** A run while it goes on, and afterwards. */
export function RunPage({ job }: { readonly job: FinetuneJob }): ReactNode {
  const status = useTuning((state) => state.status);
  useEffect(() => {
    void readStatus();
    if (job.state !== 'running' && job.state !== 'waiting') return;
    const timer = setInterval(() => void readStatus(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [job.state]);
  return (
    <div className="stack" data-run={status?.stage ?? 'none'}>
      <p className="mono small path">{job.order.request.out}</p>
      {job.error !== null && (
        <p className="small job-error" data-code={job.error.code}>
          {job.error.message} <span className="dim">{job.error.hint}</span>
        </p>
      )}
      <Advance job={job} status={status} />
      <Controls job={job} status={status} />
      {status?.result && <RunOutcome result={status.result} />}
      {status !== undefined && (
        <>
          <Curves records={status.records} base={status.result?.validation.base ?? null} />
          <Samples samples={status.samples} />
          <Written run={status.run} />
        </>
      )}
    </div>
  );
}

interface Shown {
  readonly job: FinetuneJob;
  readonly status: TuningStatus | undefined;
}

function Advance({ job, status }: Shown): ReactNode {
  const { state, progress } = job;
  if (state === 'waiting') return <p className="small">{text.finetune.waiting}</p>;
  if (state !== 'running') {
    const stage = status === undefined || status.stage === 'none' ? undefined : status.stage;
    return (
      <p className="small">{stage === undefined ? text.jobs.states[state] : text.finetune.stages[stage]}</p>
    );
  }
  const stage = status?.stage ?? 'preparing';
  const isTraining = stage === 'training' && status !== undefined && status.steps > 0;
  const share = isTraining
    ? (100 * status.step) / status.steps
    : progress !== null && progress.total > 0
      ? (100 * progress.done) / progress.total
      : undefined;
  return (
    <div className="job" role="status">
      <div className="job-line">
        <span>
          {text.finetune.stages[stage]}
          {isTraining && <span className="numbers"> · {text.finetune.steps(status.step, status.steps)}</span>}
        </span>
        {isTraining && status.secondsLeft !== null && (
          <span className="dim numbers">
            {text.finetune.left(formatSeconds(Math.round(status.secondsLeft)))}
          </span>
        )}
      </div>
      <Progress
        value={share ?? 100}
        animated={share === undefined}
        size="sm"
        aria-label={text.finetune.stages[stage]}
      />
      <div className="dim job-message">
        {status?.asked != null ? text.finetune.asked[status.asked] : (progress?.message ?? status?.message)}
      </div>
    </div>
  );
}

function Controls({ job, status }: Shown): ReactNode {
  const { state } = job;
  const goesOn = state === 'running' || state === 'waiting';
  const canAsk = state === 'running' && status?.stage === 'training' && status.asked === null;
  const canResume =
    state === 'paused' || state === 'failed' || state === 'cancelled' || state === 'interrupted';
  if (!goesOn && !canResume) return null;
  return (
    <div className="row wrap">
      {canAsk && (
        <>
          <Button variant="default" onClick={() => void controlRun(job, 'pause')}>
            {text.finetune.pause}
          </Button>
          <Button variant="default" onClick={() => void controlRun(job, 'finish')}>
            {text.finetune.finish}
          </Button>
        </>
      )}
      {goesOn && (
        <Button variant="default" disabled={job.cancelling} onClick={() => void cancelRun(job)}>
          {text.finetune.cancel}
        </Button>
      )}
      {canResume && <Button onClick={() => void resumeRun(job)}>{text.finetune.resume}</Button>}
    </div>
  );
}

/** Who learns, who judges, and the hashes that were written down before the first step. */
function Written({ run }: { readonly run: TuningStatus['run'] }): ReactNode {
  if (run === null) return null;
  const of = (side: 'train' | 'validation' | 'test') => run.cases.filter((one) => one.side === side).length;
  const facts = [
    [text.finetune.data, run.dataSha256],
    [text.finetune.locked, run.lockedSha256 ?? text.finetune.noLocked],
    [text.finetune.thresholds, run.thresholdsSha256],
  ] as const;
  return (
    <section className="stack" aria-label={text.finetune.written}>
      <h3>{text.finetune.written}</h3>
      <p className="small">
        {text.finetune.from(run.base.id, run.target, run.reference)}.{' '}
        {text.finetune.trained(run.trained, run.parameters, text.locale)}{' '}
        {text.finetune.caseCount(of('train'), of('validation'), of('test'))}
      </p>
      {run.notes.length > 0 && (
        <ul className="reasons small">
          {run.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <CaseTable cases={run.cases.map((one) => ({ ...one, registration: null }))} />
      {run.samePeople.length > 0 && (
        <ul className="reasons small">
          {run.samePeople.map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      )}
      <LeftOut leftOut={run.leftOut} />
      <dl className="facts small">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="path">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
