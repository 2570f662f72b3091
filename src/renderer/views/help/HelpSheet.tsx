import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { setApp, useApp } from '../../state/store.ts';
import { text } from '../../text.ts';

/** The sheet of mouse and keyboard shortcuts. */
export function HelpSheet(): ReactNode {
  const open = useApp((state) => state.helpOpen);
  return (
    <Modal
      opened={open}
      onClose={() => setApp({ helpOpen: false })}
      title={text.help.title}
      closeButtonProps={{ 'aria-label': text.help.close }}
    >
      <div className="help">
        <Shortcuts title={text.help.mouse} rows={text.help.rows} />
        <Shortcuts title={text.help.keyboard} rows={text.help.keys} />
      </div>
    </Modal>
  );
}

function Shortcuts(props: {
  readonly title: string;
  readonly rows: readonly (readonly [string, string])[];
}): ReactNode {
  return (
    <section>
      <h3>{props.title}</h3>
      <dl className="shortcuts">
        {props.rows.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
