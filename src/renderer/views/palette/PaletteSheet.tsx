import { Modal } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Command } from '../../commands/command.ts';
import { COMMANDS, isPossible } from '../../commands/index.ts';
import { showKey } from '../../commands/showKeys.ts';
import { setApp, useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { type Found, findCommands } from './findCommands.ts';

/** The command palette: type a few letters of what is to be done. */
export function PaletteSheet(): ReactNode {
  const open = useApp((state) => state.paletteOpen);
  return (
    <Modal
      opened={open}
      onClose={close}
      title={text.palette.title}
      closeButtonProps={{ 'aria-label': text.help.close }}
    >
      <Palette />
    </Modal>
  );
}

function close(): void {
  setApp({ paletteOpen: false });
}

/** Run once the dialog is gone: the focus is back where it was, and a sheet can open. */
function runAfterClosing(command: Command): void {
  close();
  setTimeout(() => {
    if (isPossible(command)) command.run();
  });
}

function Palette(): ReactNode {
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  // What can be done is settled when the palette opens: the list must not move under the user's hand.
  const [possible] = useState(() =>
    COMMANDS.filter((command) => command.id !== 'window.palette' && isPossible(command)),
  );
  const input = useRef<HTMLInputElement>(null);
  // At once: the dialog would move the focus a moment later, and the first letters would be lost.
  useLayoutEffect(() => input.current?.focus(), []);
  const found = findCommands(typed, possible);
  const current = found[Math.min(chosen, found.length - 1)];
  const onKey = (event: KeyboardEvent): void => {
    const last = found.length - 1;
    const moved: Partial<Record<string, number>> = {
      ArrowDown: chosen >= last ? 0 : chosen + 1,
      ArrowUp: chosen <= 0 ? last : chosen - 1,
      PageDown: Math.min(last, chosen + 8),
      PageUp: Math.max(0, chosen - 8),
    };
    const to = moved[event.key];
    if (to !== undefined) {
      event.preventDefault();
      setChosen(Math.max(0, to));
    } else if (event.key === 'Enter' && current !== undefined) {
      event.preventDefault();
      runAfterClosing(current.command);
    }
  };
  return (
    <div className="palette">
      <input
        ref={input}
        className="palette-input"
        role="combobox"
        aria-label={text.palette.label}
        placeholder={text.palette.label}
        aria-expanded={found.length > 0}
        aria-controls="palette-list"
        aria-autocomplete="list"
        aria-activedescendant={current && optionId(current)}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKey}
        spellCheck={false}
        autoComplete="off"
        data-autofocus
      />
      <div id="palette-list" className="palette-list" role="listbox" aria-label={text.palette.list}>
        {found.map((one) => (
          <Option key={one.command.id} found={one} isChosen={one === current} />
        ))}
      </div>
      <p className={found.length === 0 ? 'dim' : 'unseen'} role="status">
        {found.length === 0 ? text.palette.none : text.palette.found(found.length)}
      </p>
    </div>
  );
}

function optionId({ command }: Found): string {
  return `palette-${command.id.replaceAll('.', '-')}`;
}

function Option({ found, isChosen }: { readonly found: Found; readonly isChosen: boolean }): ReactNode {
  const { command } = found;
  const option = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isChosen) option.current?.scrollIntoView?.({ block: 'nearest' });
  }, [isChosen]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the combobox's, as its pattern asks
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the combobox, as its pattern asks
    <div
      ref={option}
      id={optionId(found)}
      role="option"
      aria-selected={isChosen}
      className="palette-option"
      onClick={() => runAfterClosing(command)}
    >
      <span className="palette-group dim small">{text.commands.groups[command.group]}</span>
      <span className="grow">{marked(command.title, found.at)}</span>
      {command.keys?.map((key) => (
        <kbd key={key}>{showKey(key)}</kbd>
      ))}
    </div>
  );
}

function marked(title: string, at: readonly number[]): ReactNode {
  const letters = [...title];
  return letters.map((letter, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: letters have no other name than their place
    at.includes(index) ? <mark key={index}>{letter}</mark> : letter,
  );
}
