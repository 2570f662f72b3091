import { Button, NativeSelect, NumberInput, Radio } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ContrastName } from '../../../core/contract/schemas.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { JobProgress } from '../../components/JobProgress.tsx';
import { NewFolderField } from '../../components/NewFolderField.tsx';
import { baseOf, lookAtCases, planTuning, startTuning } from '../../state/finetuneActions.ts';
import { changeDraft, TUNING_REGISTRATIONS, useTuning } from '../../state/finetuneStore.ts';
import { isBusy } from '../../state/jobs.ts';
import { clearJob } from '../../state/session.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { CasesFound } from './CasesFound.tsx';
import { PlanFound } from './PlanFound.tsx';
import { Sources } from './Sources.tsx';

const CONTRASTS = Object.entries(text.contrasts).filter(
  ([name]) => !['localizer', 'derived', 'unknown'].includes(name),
);

/** What a new run learns from, what it begins with, and how long it may take. */
export function SetUp(): ReactNode {
  const { draft, found, plan } = useTuning();
  const models = useApp((state) => state.models);
  const devices = useApp((state) => state.devices);
  const job = useApp((state) => state.jobs.tuning);
  const busy = isBusy(job);
  const base = baseOf(draft, models);
  const ready = draft.folders.length > 0 && base !== undefined;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void startTuning();
      }}
    >
      <p className="dim small">{text.finetune.intro}</p>
      <Sources disabled={busy} />
      <div className="row wrap bottom">
        <NativeSelect
          label={text.finetune.base}
          value={base?.id ?? ''}
          disabled={busy}
          data={models.map(({ id }) => id)}
          onChange={(event) => changeDraft({ base: event.currentTarget.value })}
        />
        <ContrastField of="target" disabled={busy} />
        {base?.usesReference === true && (
          <>
            <ContrastField of="reference" disabled={busy} />
            <NativeSelect
              label={text.finetune.registration}
              value={draft.registration}
              disabled={busy}
              data={TUNING_REGISTRATIONS.map((value) => ({
                value,
                label: text.finetune.registrations[value],
              }))}
              onChange={(event) => {
                const chosen = TUNING_REGISTRATIONS.find((one) => one === event.currentTarget.value);
                if (chosen !== undefined) changeDraft({ registration: chosen });
              }}
            />
          </>
        )}
      </div>
      <div className="row end">
        <Button variant="default" disabled={!ready || busy} onClick={() => void lookAtCases()}>
          {text.finetune.look}
        </Button>
      </div>
      {found !== undefined && <CasesFound found={found} />}
      <Radio.Group
        label={text.finetune.change}
        value={draft.change}
        onChange={(value) => changeDraft({ change: value === 'last-stages' ? 'last-stages' : 'all' })}
      >
        {(['all', 'last-stages'] as const).map((value) => (
          <Radio key={value} value={value} label={text.finetune.changes[value]} size="xs" mt={6} />
        ))}
      </Radio.Group>
      <div className="row wrap bottom">
        <NumberInput
          label={text.finetune.hours}
          value={draft.hours}
          min={0.01}
          max={1000}
          step={1}
          decimalScale={2}
          onChange={(value) => {
            if (typeof value === 'number' && value > 0) changeDraft({ hours: value });
          }}
        />
        <NativeSelect
          label={text.finetune.device}
          value={draft.device}
          data={(devices ?? [draft.device])
            .filter((device) => device !== 'auto')
            .map((device) => ({ value: device, label: text.devices[device] }))}
          onChange={(event) => {
            const device = devices?.find((one) => one === event.currentTarget.value);
            if (device !== undefined) changeDraft({ device });
          }}
        />
      </div>
      <NewFolderField
        label={text.finetune.out}
        description={text.finetune.outHint}
        value={draft.out}
        suggested={base === undefined ? 'tuned' : `${base.id}-tuned`}
        required
        onChange={(out) => changeDraft({ out })}
      />
      {busy && <JobProgress kind="tuning" />}
      {job?.error !== undefined && <ErrorNotice error={job.error} onDismiss={() => clearJob('tuning')} />}
      {plan !== undefined && <PlanFound plan={plan} />}
      <div className="row end">
        <Button variant="default" disabled={!ready || busy} onClick={() => void planTuning()}>
          {text.finetune.plan}
        </Button>
        <Button type="submit" disabled={!ready || busy || draft.out.trim() === ''}>
          {text.finetune.start}
        </Button>
      </div>
    </form>
  );
}

function ContrastField(props: {
  readonly of: 'target' | 'reference';
  readonly disabled: boolean;
}): ReactNode {
  const { of, disabled } = props;
  const value = useTuning((state) => state.draft[of]);
  return (
    <NativeSelect
      label={text.finetune[of]}
      value={value}
      disabled={disabled}
      data={[
        { value: '', label: text.finetune.likeBase },
        ...CONTRASTS.map(([name, label]) => ({ value: name, label })),
      ]}
      onChange={(event) => changeDraft({ [of]: event.currentTarget.value as ContrastName | '' })}
    />
  );
}
