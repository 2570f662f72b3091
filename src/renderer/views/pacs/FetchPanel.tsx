import { Button, NativeSelect, TextInput } from '@mantine/core';
import { CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { JobProgress } from '../../components/JobProgress.tsx';
import { usePickFolder } from '../../components/usePickFolder.tsx';
import { openDeidentify } from '../../state/deidentifyActions.ts';
import { fetchChosen, openFetched } from '../../state/findActions.ts';
import { isBusy } from '../../state/jobs.ts';
import { type FetchDraft, type GetResult, setPacs, usePacs } from '../../state/pacsStore.ts';
import { wordsOf } from '../../state/pacsWords.ts';
import { clearJob } from '../../state/session.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { FoundSeries } from './FoundSeries.tsx';

const SHOWN = 4;

/** The chosen study: its series, where they go, and how far fetching is. */
export function FetchPanel(): ReactNode {
  const studyUid = usePacs((state) => state.studyUid);
  const series = usePacs((state) => state.series);
  const seriesError = usePacs((state) => state.seriesError);
  const chosen = usePacs((state) => state.chosenSeries);
  const fetched = usePacs((state) => state.fetched);
  const job = useApp((state) => state.jobs.fetch);
  const opening = useApp((state) => state.jobs.open);
  const busy = isBusy(job);
  if (studyUid === null) return null;
  if (seriesError !== undefined) return <ErrorNotice error={seriesError} title={text.pacsFind.notListed} />;
  if (series === undefined) {
    return (
      <p className="dim" role="status">
        {text.pacsFind.listing}
      </p>
    );
  }
  if (series.length === 0) return <p role="status">{text.pacsFind.noSeries}</p>;
  return (
    <form
      className="stack fetch"
      onSubmit={(event) => {
        event.preventDefault();
        void fetchChosen();
      }}
    >
      <FoundSeries series={series} disabled={busy} />
      <Folder disabled={busy} />
      <Method disabled={busy} />
      {busy ? (
        <JobProgress kind="fetch" />
      ) : (
        <div className="row end">
          <span className="dim small grow">{text.pacsFind.keeps}</span>
          <Button type="submit" disabled={chosen.length === 0}>
            {text.pacsFind.fetch(chosen.length)}
          </Button>
        </div>
      )}
      {job?.status === 'cancelled' && (
        <p className="dim small" role="status">
          {text.pacsFind.cancelled}
        </p>
      )}
      {job?.error !== undefined && (
        <ErrorNotice
          error={wordsOf(job.error)}
          title={text.pacsFind.notFetched}
          onDismiss={() => clearJob('fetch')}
        />
      )}
      {fetched !== null && <Fetched fetched={fetched} />}
      <JobProgress kind="open" />
      {fetched !== null && opening?.error !== undefined && (
        <ErrorNotice error={opening.error} onDismiss={() => clearJob('open')} />
      )}
    </form>
  );
}

function Folder({ disabled }: { readonly disabled: boolean }): ReactNode {
  const folder = usePacs((state) => state.folder);
  const receivedFolder = usePacs((state) => state.receivedFolder);
  const { pick, dialog } = usePickFolder(text.browse.titleFolder, (path) => setPacs({ folder: path }));
  return (
    <div className="row bottom">
      <TextInput
        className="grow"
        label={text.pacsFind.folder}
        value={folder}
        disabled={disabled}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setPacs({ folder: event.currentTarget.value })}
      />
      <Button variant="default" disabled={disabled} onClick={() => pick(receivedFolder)}>
        {text.export.browse}
      </Button>
      {dialog}
    </div>
  );
}

/** DIMSE has two ways of fetching; the web has one. */
function Method({ disabled }: { readonly disabled: boolean }): ReactNode {
  const peer = usePacs((state) => state.peer);
  const fetching = usePacs((state) => state.fetching);
  const destination = useApp((state) => state.destinations?.find(({ name }) => name === peer));
  if (destination?.kind !== 'dimse') return null;
  const change = (part: Partial<FetchDraft>): void => setPacs({ fetching: { ...fetching, ...part } });
  return (
    <div className="row bottom">
      <NativeSelect
        label={text.pacsFind.method}
        value={fetching.method}
        disabled={disabled}
        data={[
          { value: 'get', label: text.pacsFind.get },
          { value: 'move', label: text.pacsFind.move },
        ]}
        onChange={(event) => change({ method: event.currentTarget.value === 'move' ? 'move' : 'get' })}
      />
      {fetching.method === 'move' && (
        <>
          <TextInput
            label={text.pacsFind.movePort}
            value={fetching.movePort}
            disabled={disabled}
            inputMode="numeric"
            pattern="[0-9]{1,5}"
            required
            withAsterisk={false}
            onChange={(event) => change({ movePort: event.currentTarget.value })}
          />
          <TextInput
            className="grow"
            label={text.pacsFind.moveFrom}
            placeholder={destination.calledAeTitle}
            value={fetching.moveFrom}
            disabled={disabled}
            spellCheck={false}
            onChange={(event) => change({ moveFrom: event.currentTarget.value })}
          />
        </>
      )}
    </div>
  );
}

function Fetched({ fetched }: { readonly fetched: GetResult }): ReactNode {
  const { received, present, failed, folder } = fetched;
  return (
    <div className="outcome" role="status" data-fetched={received} data-missing={failed.length}>
      <p className="row">
        {failed.length === 0 && <CircleCheck size={15} aria-hidden className="good" />}
        {text.pacsFind.fetched(received)} {present > 0 && text.pacsFind.present(present)}
      </p>
      <span className="mono path">{folder}</span>
      {failed.length > 0 && (
        <ErrorNotice error={{ code: 'refused-by-peer', message: text.pacsFind.missing(failed.length) }}>
          <ul className="files small">
            {failed.slice(0, SHOWN).map((one) => (
              <li key={one.sopInstanceUid ?? one.message}>{one.message}</li>
            ))}
            {failed.length > SHOWN && <li>{text.export.more(failed.length - SHOWN)}</li>}
          </ul>
        </ErrorNotice>
      )}
      <div className="row">
        <Button variant="default" size="compact-xs" onClick={() => void openFetched()}>
          {text.pacsFind.openFetched}
        </Button>
        <Button
          variant="default"
          size="compact-xs"
          onClick={() => {
            setPacs({ page: null });
            openDeidentify(folder);
          }}
        >
          {text.deidentify.open}
        </Button>
      </div>
    </div>
  );
}
