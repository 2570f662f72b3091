import { Button, NativeSelect, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Destination } from '../../../core/contract/pacs.ts';
import { choosePeer, search } from '../../state/findActions.ts';
import { isBusy } from '../../state/jobs.ts';
import { type SearchDraft, setPacs, usePacs } from '../../state/pacsStore.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';

/** What is looked for, and where. */
export function SearchForm({ destinations }: { readonly destinations: readonly Destination[] }): ReactNode {
  const peer = usePacs((state) => state.peer);
  const busy = useApp((state) => isBusy(state.jobs.find) || isBusy(state.jobs.fetch));
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void search();
      }}
    >
      <div className="search-grid">
        <NativeSelect
          label={text.pacsFind.where}
          value={peer ?? ''}
          disabled={busy}
          data={destinations.map(({ name }) => name)}
          onChange={(event) => choosePeer(event.currentTarget.value)}
        />
        <Field of="patientName" autoFocus />
        <Field of="patientId" />
        <Field of="accession" />
        <Field of="description" />
        <Field of="modality" />
        <Field of="from" type="date" />
        <Field of="to" type="date" />
      </div>
      <div className="row">
        <p className="dim small grow">{text.pacsFind.wildcards}</p>
        <Button type="submit" disabled={busy || peer === null}>
          {text.pacsFind.search}
        </Button>
      </div>
    </form>
  );
}

function Field(props: {
  readonly of: keyof SearchDraft;
  readonly type?: 'date';
  readonly autoFocus?: boolean;
}): ReactNode {
  const { of, type, autoFocus } = props;
  const value = usePacs((state) => state.search[of]);
  return (
    <TextInput
      label={text.pacsFind.fields[of]}
      type={type ?? 'text'}
      value={value}
      spellCheck={false}
      autoComplete="off"
      {...(autoFocus === true ? { 'data-autofocus': true } : {})}
      onChange={(event) =>
        setPacs({ search: { ...usePacs.getState().search, [of]: event.currentTarget.value } })
      }
    />
  );
}
