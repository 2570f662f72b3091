import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Destination } from '../../../core/contract/pacs.ts';
import type { ErrorData } from '../../../core/errors.ts';
import { removeDestination } from '../../state/pacsActions.ts';
import { text } from '../../text.ts';
import { TestResult, useTest } from './useTest.tsx';

/** One PACS of the list: what it is, test, edit, remove. */
export function DestinationItem(props: {
  readonly destination: Destination;
  readonly onEdit: () => void;
  readonly onError: (error: ErrorData | undefined) => void;
}): ReactNode {
  const { destination, onEdit, onError } = props;
  const { name } = destination;
  const [removing, setRemoving] = useState(false);
  const test = useTest();
  const named = (what: string): string => text.pacs.of(what, name);
  return (
    <li className="destination" data-destination={name}>
      <div className="row">
        <div className="grow">
          <strong>{name}</strong>
          <div className="dim small">{place(destination)}</div>
        </div>
        {removing ? (
          <>
            <Button
              size="compact-xs"
              color="red"
              data-autofocus
              onClick={() => void removeDestination(name).then(onError)}
            >
              {text.pacs.reallyRemove}
            </Button>
            <Button size="compact-xs" variant="default" onClick={() => setRemoving(false)}>
              {text.pacs.keep}
            </Button>
          </>
        ) : (
          <>
            <Button
              size="compact-xs"
              variant="default"
              aria-label={named(text.pacs.test)}
              disabled={test.busy}
              onClick={() => test.run(name)}
            >
              {test.busy ? text.pacs.testing : text.pacs.test}
            </Button>
            <Button size="compact-xs" variant="default" aria-label={named(text.pacs.edit)} onClick={onEdit}>
              {text.pacs.edit}
            </Button>
            <Button
              size="compact-xs"
              variant="default"
              aria-label={named(text.pacs.remove)}
              onClick={() => setRemoving(true)}
            >
              {text.pacs.remove}
            </Button>
          </>
        )}
      </div>
      <TestResult test={test} />
    </li>
  );
}

function place(destination: Destination): string {
  const tls = destination.tls === undefined ? [] : [text.pacs.encrypted];
  if (destination.kind === 'dimse') {
    const { calledAeTitle, host, port } = destination;
    return [`${text.pacs.dimse}: ${calledAeTitle}, ${host}:${port}`, ...tls].join(', ');
  }
  const signedIn = destination.tokenFile ?? destination.user;
  return [
    `${text.pacs.web}: ${destination.url}`,
    ...(signedIn === undefined ? [] : [text.pacs.signedIn]),
  ].join(', ');
}
