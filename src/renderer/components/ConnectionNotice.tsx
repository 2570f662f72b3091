import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { workstation } from '../state/session.ts';
import { useApp } from '../state/store.ts';
import { text } from '../text.ts';
import { ErrorNotice } from './ErrorNotice.tsx';

/** Says when the workstation is not there. */
export function ConnectionNotice(): ReactNode {
  const connection = useApp((state) => state.connection);
  const error = useApp((state) => state.connectionError);
  if (error !== undefined) {
    return (
      <div className="connection">
        <ErrorNotice error={error} title={text.connection.noneTitle} />
      </div>
    );
  }
  if (connection === 'ready') return null;
  if (connection === 'connecting') {
    return (
      <div className="connection dim" role="status">
        {text.connection.connecting}
      </div>
    );
  }
  const refused = connection === 'refused';
  return (
    <div className="connection">
      <ErrorNotice
        title={refused ? text.connection.refusedTitle : text.connection.stoppedTitle}
        error={{
          code: 'host-crashed',
          message: refused ? text.connection.refused : text.connection.stopped,
        }}
      >
        {!refused && (
          <div>
            <Button size="compact-xs" variant="default" onClick={() => workstation().reconnect()}>
              {text.connection.retry}
            </Button>
          </div>
        )}
      </ErrorNotice>
    </div>
  );
}
