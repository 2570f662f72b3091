import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { type LibrarySort, librarySort } from '../../../core/contract/library.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import {
  acknowledgeSetAside,
  refreshLibrary,
  searchLibrary,
  setLibrary,
  showMore,
  useLibrary,
} from '../../state/library.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { LibraryStudyItem } from './LibraryStudyItem.tsx';

/** A pause in typing after which is looked. */
const TYPED_MS = 200;
const MOST = 200;

/** The studies that are known: looked through, sorted, opened again. */
export function LibraryView(): ReactNode {
  const ready = useApp((state) => state.connection === 'ready');
  const found = useLibrary((state) => state.found);
  const error = useLibrary((state) => state.error);
  const note = useLibrary((state) => state.note);
  useEffect(() => {
    if (ready) void refreshLibrary();
  }, [ready]);
  return (
    <section className="library" aria-labelledby="library-title">
      <h2 id="library-title">{text.library.title}</h2>
      {found?.setAside && (
        <ErrorNotice
          error={{ code: 'failed', message: text.library.setAside, path: found.setAside.path }}
          title={text.library.setAsideTitle}
        >
          <div>
            <Button size="compact-xs" variant="default" onClick={() => void acknowledgeSetAside()}>
              {text.library.acknowledge}
            </Button>
          </div>
        </ErrorNotice>
      )}
      {found !== undefined && found.all > 0 && <SearchFields />}
      {error !== undefined && (
        <ErrorNotice
          error={error}
          title={text.library.unavailable}
          onDismiss={() => setLibrary({ error: undefined })}
        />
      )}
      <p className="dim small" role="status">
        {note !== '' && `${note}. `}
        {found !== undefined && found.all > 0 && text.library.found(found.studies.length, found.total)}
      </p>
      {found === undefined ? error === undefined && <NotYet /> : <Found />}
    </section>
  );
}

/** Before the first answer: a start takes some seconds, and nothing at all would look like an empty library. */
function NotYet(): ReactNode {
  const isComing = useApp(({ connection }) => connection === 'connecting' || connection === 'ready');
  return (
    <p className="library-reading dim" role="status" data-library="reading">
      {isComing ? text.library.reading : text.library.notConnected}
    </p>
  );
}

function Found(): ReactNode {
  const found = useLibrary((state) => state.found);
  if (found === undefined) return null;
  if (found.all === 0) {
    return (
      <div className="library-reading" data-library="empty">
        <p>{text.library.empty}</p>
        <p className="dim">{text.library.emptyHint}</p>
      </div>
    );
  }
  return (
    <>
      {found.total === 0 && (
        <div className="row">
          <span className="dim">{text.library.nothingFound}</span>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => searchLibrary({ text: '', from: '', to: '' })}
          >
            {text.library.clearSearch}
          </Button>
        </div>
      )}
      <ul className="library-list" aria-label={text.library.title}>
        {found.studies.map((study) => (
          <LibraryStudyItem key={study.uid} study={study} />
        ))}
      </ul>
      {found.studies.length < Math.min(found.total, MOST) && (
        <Button variant="default" onClick={showMore}>
          {text.library.more}
        </Button>
      )}
      <p className="dim small">
        {text.library.storage(
          text.library.gigabytes(found.storage.usedBytes),
          text.library.gigabytes(found.storage.limitBytes),
        )}
      </p>
    </>
  );
}

function SearchFields(): ReactNode {
  const search = useLibrary((state) => state.search);
  const [typed, setTyped] = useState(search.text);
  useEffect(() => setTyped(search.text), [search.text]);
  useEffect(() => {
    if (typed === search.text) return;
    const timer = setTimeout(() => searchLibrary({ text: typed }), TYPED_MS);
    return () => clearTimeout(timer);
  }, [typed, search.text]);
  return (
    <search className="library-search">
      <TextInput
        className="grow"
        label={text.library.search}
        placeholder={text.library.searchPlaceholder}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        spellCheck={false}
        autoComplete="off"
      />
      <TextInput
        type="date"
        label={text.library.from}
        value={search.from}
        onChange={(event) => searchLibrary({ from: event.currentTarget.value })}
      />
      <TextInput
        type="date"
        label={text.library.to}
        value={search.to}
        onChange={(event) => searchLibrary({ to: event.currentTarget.value })}
      />
      <NativeSelect
        label={text.library.sort}
        value={search.sort}
        data={librarySort.options.map((value) => ({ value, label: text.library.sorts[value] }))}
        onChange={(event) => searchLibrary({ sort: event.currentTarget.value as LibrarySort })}
      />
    </search>
  );
}
