import { Button, NativeSelect, SegmentedControl } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import type { DeviceChoice } from '../../../core/contract/schemas.ts';
import type { ErrorData } from '../../../core/errors.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { JobProgress } from '../../components/JobProgress.tsx';
import { Missing } from '../../components/Missing.tsx';
import { useAlign } from '../../state/align.ts';
import { needsYes } from '../../state/alignActions.ts';
import {
  ALWAYS_OFFERED,
  chooseScale,
  enhance,
  enhanceWithAll,
  loadDevices,
} from '../../state/enhanceActions.ts';
import { isBusy } from '../../state/jobs.ts';
import { clearJob } from '../../state/session.ts';
import { setApp, useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { AlignmentLine } from './AlignmentLine.tsx';
import { EnhanceOutcome } from './EnhanceOutcome.tsx';
import { EstimateLine } from './EstimateLine.tsx';
import { ModelChoice } from './ModelChoice.tsx';
import { PairJobs } from './PairJobs.tsx';
import { PairSummary } from './PairSummary.tsx';

/** Model, scale, device; the job with its progress; what came of it. */
export function EnhanceView(): ReactNode {
  const targetUid = useApp((state) => state.targetUid);
  if (targetUid === null) return <Missing>{text.pair.nothing}</Missing>;
  return (
    <div className="panel-content">
      <PairSummary />
      <Settings />
      <Start />
      <PairJobs />
      <EnhanceOutcome />
    </div>
  );
}

function Settings(): ReactNode {
  const scale = useApp((state) => state.scale);
  const device = useApp((state) => state.device);
  const devices = useApp((state) => state.devices) ?? ALWAYS_OFFERED;
  useEffect(() => void loadDevices(), []);
  const guided = useApp(
    (state) => state.models.find((model) => model.id === state.modelId)?.usesReference === true,
  );
  return (
    <fieldset className="settings">
      <div className="field">
        <span className="field-label" id="scale-label">
          {text.enhance.scale}
        </span>
        <SegmentedControl
          fullWidth
          aria-labelledby="scale-label"
          value={String(scale)}
          data={[
            { value: '2', label: '×2' },
            { value: '4', label: '×4' },
          ]}
          onChange={(value) => chooseScale(value === '4' ? 4 : 2)}
        />
      </div>
      <ModelChoice />
      {guided && <AlignmentLine />}
      <NativeSelect
        label={text.enhance.device}
        value={device}
        data={(['auto', ...devices] as const).map((value) => ({ value, label: text.devices[value] }))}
        onChange={(event) => setApp({ device: event.currentTarget.value as DeviceChoice })}
      />
      <EstimateLine />
    </fieldset>
  );
}

/** A second job while one runs: it waits its turn. */
function QueueAnother({ disabled }: { readonly disabled: boolean }): ReactNode {
  const [error, setError] = useState<ErrorData | undefined>(undefined);
  const queue = async (): Promise<void> => {
    const { models, modelId } = useApp.getState();
    setError(await enhanceWithAll(models.filter(({ id }) => id === modelId)));
  };
  return (
    <>
      <Button fullWidth variant="default" disabled={disabled} onClick={() => void queue()}>
        {text.enhance.queueIt}
      </Button>
      {error !== undefined && <ErrorNotice error={error} onDismiss={() => setError(undefined)} />}
    </>
  );
}

function Start(): ReactNode {
  const modelId = useApp((state) => state.modelId);
  const job = useApp((state) => state.jobs.enhance);
  const enhanced = useApp((state) => state.enhanced);
  const blocked = useAlign(needsYes);
  if (isBusy(job)) {
    return (
      <>
        <JobProgress kind="enhance" />
        <QueueAnother disabled={modelId === null || blocked} />
      </>
    );
  }
  const untrusted = job?.error?.code === 'registration-untrusted';
  return (
    <>
      <Button
        fullWidth
        variant={enhanced === null ? 'filled' : 'default'}
        disabled={modelId === null || blocked}
        onClick={() => void enhance()}
      >
        {enhanced === null ? text.enhance.start : text.enhance.again}
      </Button>
      {job?.status === 'cancelled' && (
        <p className="dim small" role="status">
          {text.enhance.cancelled}
        </p>
      )}
      {job?.error !== undefined && (
        <ErrorNotice
          error={job.error}
          onDismiss={() => clearJob('enhance')}
          {...(untrusted ? { title: text.enhance.untrusted } : {})}
        >
          {untrusted && (
            <div className="row wrap">
              <Button
                size="compact-xs"
                variant="default"
                onClick={() => void enhance({ acceptRegistration: true })}
              >
                {text.enhance.accept}
              </Button>
              <Button
                size="compact-xs"
                variant="default"
                onClick={() => void enhance({ registration: 'none' })}
              >
                {text.enhance.without}
              </Button>
            </div>
          )}
        </ErrorNotice>
      )}
    </>
  );
}
