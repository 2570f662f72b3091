import { Button, Modal, TextInput } from '@mantine/core';
import { CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Result } from '../../../core/contract/operations.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { JobProgress } from '../../components/JobProgress.tsx';
import { usePickFolder } from '../../components/usePickFolder.tsx';
import { besideOf, closeDeidentify, deidentify, openDeidentified } from '../../state/deidentifyActions.ts';
import { setDeidentify, useDeidentify } from '../../state/deidentifyStore.ts';
import { isBusy } from '../../state/jobs.ts';
import { wordsOf } from '../../state/pacsWords.ts';
import { clearJob } from '../../state/session.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { RefusedList } from '../studies/RefusedList.tsx';
import { ChangesTable } from './ChangesTable.tsx';
import { DeidentifyFields } from './DeidentifyFields.tsx';

/** A folder of DICOM files into a new one without names: seen first, then done. */
export function DeidentifySheet(): ReactNode {
  const isOpen = useDeidentify((state) => state.isOpen);
  return (
    <Modal
      opened={isOpen}
      onClose={closeDeidentify}
      title={text.deidentify.title}
      size="min(820px, 100%)"
      closeButtonProps={{ 'aria-label': text.help.close }}
    >
      {isOpen && <DeidentifyForm />}
    </Modal>
  );
}

function DeidentifyForm(): ReactNode {
  const { path, out, draft, result } = useDeidentify();
  const job = useApp((state) => state.jobs.deidentify);
  const busy = isBusy(job);
  const isReady = path.trim() !== '';
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void deidentify(false);
      }}
    >
      <p className="dim small">{text.deidentify.intro}</p>
      <Folder
        label={text.deidentify.from}
        value={path}
        disabled={busy}
        onChange={(value) => setDeidentify({ path: value, out: besideOf(value), result: null })}
      />
      <Folder
        label={text.deidentify.to}
        value={out}
        disabled={busy}
        onChange={(value) => setDeidentify({ out: value })}
      />
      <DeidentifyFields
        draft={draft}
        disabled={busy}
        onChange={(changed) => setDeidentify({ draft: changed, result: null })}
      />
      {busy ? (
        <JobProgress kind="deidentify" />
      ) : (
        <div className="row end">
          <Button variant="default" disabled={!isReady} onClick={() => void deidentify(true)}>
            {text.deidentify.dryRun}
          </Button>
          <Button type="submit" disabled={!isReady || out.trim() === ''}>
            {text.deidentify.start}
          </Button>
        </div>
      )}
      {job?.status === 'cancelled' && (
        <p className="dim small" role="status">
          {text.export.cancelled}
        </p>
      )}
      {job?.error !== undefined && (
        <ErrorNotice error={wordsOf(job.error)} onDismiss={() => clearJob('deidentify')} />
      )}
      {result !== null && <Outcome result={result} />}
    </form>
  );
}

function Folder(props: {
  readonly label: string;
  readonly value: string;
  readonly disabled: boolean;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const { label, value, disabled, onChange } = props;
  const { pick, dialog } = usePickFolder(text.browse.title, onChange);
  return (
    <div className="row bottom">
      <TextInput
        className="grow"
        label={label}
        value={value}
        disabled={disabled}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <Button
        variant="default"
        disabled={disabled}
        aria-label={text.deidentify.browse(label)}
        onClick={() => pick(value.trim() === '' ? undefined : value)}
      >
        {text.export.browse}
      </Button>
      {dialog}
    </div>
  );
}

function Outcome({ result }: { readonly result: Result<'deidentify'> }): ReactNode {
  const { files, patients, studies, series, out, key } = result;
  return (
    <section className="outcome" aria-label={text.deidentify.outcome} data-deidentified={out ?? ''}>
      <p className="row" role="status">
        {out !== null && <CircleCheck size={15} aria-hidden className="good" />}
        {out === null
          ? text.deidentify.wouldChange(files, patients, studies, series)
          : text.deidentify.changed(files, patients, studies, series)}
      </p>
      {out !== null && (
        <>
          <span className="mono path">{out}</span>
          <p className="dim small">{text.deidentify.keys[key]}</p>
          <div>
            <Button variant="default" size="compact-xs" onClick={() => void openDeidentified()}>
              {text.deidentify.openResult}
            </Button>
          </div>
        </>
      )}
      <ChangesTable changes={result} />
      <RefusedList refused={result.refused} />
    </section>
  );
}
