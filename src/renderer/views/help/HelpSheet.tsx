import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { COMMAND_GROUPS } from '../../commands/command.ts';
import { COMMANDS } from '../../commands/index.ts';
import { showKey } from '../../commands/showKeys.ts';
import { setApp, useApp } from '../../state/store.ts';
import { text } from '../../text.ts';

/** The sheet of mouse and keyboard shortcuts, made of the commands themselves. */
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
        <Shortcuts title={text.help.mouse} rows={text.help.rows.map(([keys, what]) => [[keys], what])} />
        {COMMAND_GROUPS.map((group) => {
          const rows = COMMANDS.filter(
            (command) => command.group === group && command.keys !== undefined,
          ).map((command) => [(command.keys ?? []).map(showKey), command.title] as const);
          return rows.length === 0 ? null : (
            <Shortcuts key={group} title={text.commands.groups[group]} rows={rows} />
          );
        })}
      </div>
    </Modal>
  );
}

function Shortcuts(props: {
  readonly title: string;
  readonly rows: readonly (readonly [readonly string[], string])[];
}): ReactNode {
  return (
    <section>
      <h3>{props.title}</h3>
      <dl className="shortcuts">
        {props.rows.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
