import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { COMMAND_GROUPS } from '../../commands/command.ts';
import { COMMANDS } from '../../commands/index.ts';
import { showKey } from '../../commands/showKeys.ts';
import { setApp, useApp } from '../../state/store.ts';
import { text } from '../../text.ts';

interface ShortcutRow {
  /** Unique in its group: two commands may say the same. */
  readonly id: string;
  readonly keys: readonly string[];
  readonly what: string;
}

/** The rows of the sheet by their headings: the mouse, then the commands that have keys. */
export function shortcutGroups(): readonly {
  readonly title: string;
  readonly rows: readonly ShortcutRow[];
}[] {
  const mouse = text.help.rows.map(([keys, what]) => ({ id: keys, keys: [keys], what }));
  const groups = COMMAND_GROUPS.map((group) => ({
    title: text.commands.groups[group],
    rows: COMMANDS.filter((command) => command.group === group && command.keys !== undefined).map(
      ({ id, keys = [], title }) => ({ id, keys: keys.map(showKey), what: title }),
    ),
  }));
  return [{ title: text.help.mouse, rows: mouse }, ...groups].filter(({ rows }) => rows.length > 0);
}

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
        {shortcutGroups().map(({ title, rows }) => (
          <Shortcuts key={title} title={title} rows={rows} />
        ))}
      </div>
    </Modal>
  );
}

function Shortcuts(props: { readonly title: string; readonly rows: readonly ShortcutRow[] }): ReactNode {
  return (
    <section>
      <h3>{props.title}</h3>
      <dl className="shortcuts">
        {props.rows.map(({ id, keys, what }) => (
          <div key={id}>
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
