import { Button, Modal } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import type { Destination } from '../../../core/contract/pacs.ts';
import type { ErrorData } from '../../../core/errors.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { loadDestinations } from '../../state/pacsActions.ts';
import { setApp, useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { DestinationForm } from './DestinationForm.tsx';
import { DestinationItem } from './DestinationItem.tsx';

/** The settings of PACS: the list of those set up, or the form of one. */
export function DestinationsSheet(): ReactNode {
  const open = useApp((state) => state.destinationsOpen);
  const [edited, setEdited] = useState<Destination | 'new' | undefined>(undefined);
  const close = (): void => {
    setEdited(undefined);
    setApp({ destinationsOpen: false });
  };
  const title =
    edited === undefined
      ? text.pacs.title
      : edited === 'new'
        ? text.pacs.newTitle
        : text.pacs.editTitle(edited.name);
  return (
    <Modal opened={open} onClose={close} title={title} closeButtonProps={{ 'aria-label': text.help.close }}>
      {edited === undefined ? (
        <DestinationList onEdit={setEdited} />
      ) : (
        <DestinationForm
          destination={edited === 'new' ? undefined : edited}
          onDone={() => setEdited(undefined)}
        />
      )}
    </Modal>
  );
}

function DestinationList(props: { readonly onEdit: (edited: Destination | 'new') => void }): ReactNode {
  const destinations = useApp((state) => state.destinations);
  const [error, setError] = useState<ErrorData | undefined>(undefined);
  useEffect(() => {
    void loadDestinations().then(setError);
  }, []);
  return (
    <div className="stack">
      <p className="dim small">{text.pacs.intro}</p>
      {error !== undefined && <ErrorNotice error={error} onDismiss={() => setError(undefined)} />}
      {destinations === undefined && error === undefined && <p className="dim">{text.pacs.loading}</p>}
      {destinations?.length === 0 && <p>{text.pacs.none}</p>}
      {destinations !== undefined && destinations.length > 0 && (
        <ul className="destinations" aria-label={text.pacs.list}>
          {destinations.map((destination) => (
            <DestinationItem
              key={destination.name}
              destination={destination}
              onEdit={() => props.onEdit(destination)}
              onError={setError}
            />
          ))}
        </ul>
      )}
      <div className="row end">
        <Button data-autofocus onClick={() => props.onEdit('new')}>
          {text.pacs.add}
        </Button>
      </div>
    </div>
  );
}
