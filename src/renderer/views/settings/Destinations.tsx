import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Destination } from '../../../core/contract/pacs.ts';
import type { ErrorData } from '../../../core/errors.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { DestinationForm } from './DestinationForm.tsx';
import { DestinationItem } from './DestinationItem.tsx';

/** The PACS whose form is open: one of the list, a new one, or none. */
export type Edited = Destination | 'new' | undefined;

/** The settings of PACS: the list of those set up, or the form of one. */
export function Destinations(props: {
  readonly edited: Edited;
  readonly onEdit: (edited: Edited) => void;
}): ReactNode {
  const { edited, onEdit } = props;
  if (edited === undefined) return <DestinationList onEdit={onEdit} />;
  return (
    <DestinationForm destination={edited === 'new' ? undefined : edited} onDone={() => onEdit(undefined)} />
  );
}

function DestinationList(props: { readonly onEdit: (edited: Edited) => void }): ReactNode {
  const destinations = useApp((state) => state.destinations);
  const [error, setError] = useState<ErrorData | undefined>(undefined);
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
