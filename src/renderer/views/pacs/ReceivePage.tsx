import { Button, NativeSelect, TextInput } from '@mantine/core';
import { Radio } from 'lucide-react';
import type { ReactNode } from 'react';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { studyName } from '../../components/names.ts';
import { usePickFolder } from '../../components/usePickFolder.tsx';
import { openFolder } from '../../state/findActions.ts';
import { joinPath } from '../../state/hostPaths.ts';
import { isBusy } from '../../state/jobs.ts';
import { type ReceiveDraft, setPacs, usePacs } from '../../state/pacsStore.ts';
import { wordsOf } from '../../state/pacsWords.ts';
import { inbox, startReceiving, stopReceiving } from '../../state/receiveActions.ts';
import { clearJob } from '../../state/session.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';

const SAID_SHOWN = 5;

/** The storage provider: off until it is switched on, and then it says that it listens. */
export function ReceivePage(): ReactNode {
  const job = useApp((state) => state.jobs.receive);
  const received = usePacs((state) => state.received);
  const draft = usePacs((state) => state.receive);
  const isOn = isBusy(job);
  const isListening = job?.progress !== undefined && isOn;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void startReceiving();
      }}
    >
      <p className="dim small">{text.pacsReceive.intro}</p>
      <Fields disabled={isOn} />
      {draft.allow.trim() === '' && <p className="small warn">{text.pacsReceive.anybody}</p>}
      <div className="row">
        {isOn ? (
          <>
            <output className="row grow" data-listening={isListening}>
              <Radio size={15} aria-hidden className="good" />
              {isListening
                ? text.pacsReceive.listening(draft.aeTitle, draft.port, draft.listenOn === 'local')
                : text.pacsReceive.starting}
            </output>
            <Button variant="default" disabled={job?.status === 'cancelling'} onClick={stopReceiving}>
              {text.pacsReceive.stop}
            </Button>
          </>
        ) : (
          <>
            <span className="grow dim">{text.pacsReceive.off}</span>
            <Button type="submit">{text.pacsReceive.start}</Button>
          </>
        )}
      </div>
      {job?.error !== undefined && (
        <ErrorNotice
          error={wordsOf(job.error)}
          title={text.pacsReceive.notStarted}
          onDismiss={() => clearJob('receive')}
        />
      )}
      <Arrived />
      {received !== null && !isOn && (
        <p className="small" role="status" data-received={received.received}>
          {text.pacsReceive.ended(received.received, received.associations, received.rejected)}
          {received.failed.length > 0 && ` ${text.pacsReceive.failed(received.failed.length)}`}
        </p>
      )}
    </form>
  );
}

function Fields({ disabled }: { readonly disabled: boolean }): ReactNode {
  const draft = usePacs((state) => state.receive);
  const receivedFolder = usePacs((state) => state.receivedFolder);
  const change = (part: Partial<ReceiveDraft>): void =>
    setPacs({ receive: { ...usePacs.getState().receive, ...part } });
  const { pick, dialog } = usePickFolder(text.browse.titleFolder, (folder) => change({ folder }));
  return (
    <>
      <div className="search-grid">
        <TextInput
          label={text.pacsReceive.aeTitle}
          value={draft.aeTitle}
          disabled={disabled}
          maxLength={16}
          required
          withAsterisk={false}
          spellCheck={false}
          onChange={(event) => change({ aeTitle: event.currentTarget.value })}
        />
        <TextInput
          label={text.pacs.port}
          value={draft.port}
          disabled={disabled}
          inputMode="numeric"
          pattern="[0-9]{1,5}"
          required
          withAsterisk={false}
          onChange={(event) => change({ port: event.currentTarget.value })}
        />
        <NativeSelect
          label={text.pacsReceive.listenOn}
          value={draft.listenOn}
          disabled={disabled}
          data={[
            { value: 'all', label: text.pacsReceive.everywhere },
            { value: 'local', label: text.pacsReceive.local },
          ]}
          onChange={(event) => change({ listenOn: event.currentTarget.value === 'local' ? 'local' : 'all' })}
        />
        <TextInput
          label={text.pacsReceive.allow}
          value={draft.allow}
          disabled={disabled}
          spellCheck={false}
          onChange={(event) => change({ allow: event.currentTarget.value })}
        />
      </div>
      <div className="row bottom">
        <TextInput
          className="grow"
          label={text.pacsReceive.folder}
          placeholder={receivedFolder === '' ? '' : joinPath(receivedFolder, 'inbox')}
          value={draft.folder}
          disabled={disabled}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => change({ folder: event.currentTarget.value })}
        />
        <Button variant="default" disabled={disabled} onClick={() => pick(receivedFolder)}>
          {text.export.browse}
        </Button>
        {dialog}
      </div>
    </>
  );
}

function Arrived(): ReactNode {
  const arrivals = usePacs((state) => state.arrivals);
  const opening = useApp((state) => state.jobs.open);
  if (arrivals === null) return null;
  const { count, studies, said } = arrivals;
  return (
    <section className="outcome" aria-label={text.pacsReceive.arrived} data-arrived={count}>
      <p className="row">
        <span className="grow" role="status">
          {text.pacsReceive.count(count)}
        </span>
        <Button
          variant="default"
          size="compact-xs"
          disabled={count === 0 || isBusy(opening)}
          onClick={() => void openFolder(inbox())}
        >
          {text.pacsReceive.open}
        </Button>
      </p>
      {studies.length > 0 && (
        <ul className="small">
          {studies.map((study) => (
            <li key={study.uid}>
              {studyName(study) || text.studies.noDescription}
              <span className="dim"> · {text.studies.found(1, study.series.length)}</span>
            </li>
          ))}
        </ul>
      )}
      {said.length > 0 && (
        <ul className="small dim">
          {said.slice(0, SAID_SHOWN).map((words, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same words may come twice
            <li key={n}>{words}</li>
          ))}
        </ul>
      )}
      {opening?.error !== undefined && (
        <ErrorNotice error={opening.error} onDismiss={() => clearJob('open')} />
      )}
    </section>
  );
}
