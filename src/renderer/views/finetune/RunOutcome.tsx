import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { FinetuneResult } from '../../../core/contract/finetune.ts';
import { readReport } from '../../state/modelsActions.ts';
import { setModels, useModels } from '../../state/modelsStore.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { StateForm } from '../models/StateForm.tsx';

/** How a run ended: what was kept, what the report says, and the way to accept it. */
export function RunOutcome({ result }: { readonly result: FinetuneResult }): ReactNode {
  const { acceptance, ended, keptStep, run, path } = result;
  const change = useModels((state) => state.change);
  const model = useApp((state) => state.models.find(({ id }) => id === run.model));
  const isAccepted = model?.standing.state === 'accepted';
  return (
    <section className="outcome stack" data-passed={acceptance?.passed ?? 'none'}>
      <p className="small" role="status">
        {ended !== null && text.finetune.ended[ended]}{' '}
        {keptStep !== null && keptStep > 0 && text.finetune.kept(keptStep)}
      </p>
      {acceptance === null ? (
        <p className="small">{text.finetune.noReport}</p>
      ) : (
        <>
          <p className={acceptance.passed ? 'good' : 'warn'}>
            {acceptance.passed ? text.finetune.passed : text.finetune.notPassed}
          </p>
          {acceptance.psnr.mean !== null && <p className="small numbers">{gainWords(acceptance.psnr)}</p>}
          <ul className="reasons small">
            {acceptance.failures.map((failure) => (
              <li key={failure}>{failure}</li>
            ))}
          </ul>
        </>
      )}
      {isAccepted && <p className="small good">{text.finetune.accepted(run.model)}</p>}
      {change === 'accept' ? (
        <StateForm model={{ id: run.model, path, predecessor: null }} change="accept" busy={false} />
      ) : (
        <div className="row wrap">
          {acceptance !== null && (
            <Button variant="default" onClick={() => void readReport({ path })}>
              {text.finetune.report}
            </Button>
          )}
          {acceptance?.passed === true && !isAccepted && (
            <Button onClick={() => setModels({ change: 'accept' })}>{text.finetune.accept}</Button>
          )}
        </div>
      )}
    </section>
  );
}

function gainWords({
  mean,
  interval95,
  patients,
}: NonNullable<FinetuneResult['acceptance']>['psnr']): string {
  const decibels = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
  const interval =
    interval95 === null ? '' : text.finetune.interval(decibels(interval95[0]), decibels(interval95[1]));
  return text.finetune.gain(decibels(mean ?? 0), interval, patients);
}
