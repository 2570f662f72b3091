// @vitest-environment jsdom
import { act, fireEvent, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Command } from '../../../src/renderer/commands/command.ts';
import { fuzzyMatch } from '../../../src/renderer/commands/fuzzy.ts';
import { COMMANDS, commandOfKey } from '../../../src/renderer/commands/index.ts';
import { isKeyName, keyName } from '../../../src/renderer/commands/keys.ts';
import { showKey } from '../../../src/renderer/commands/showKeys.ts';
import { useShortcuts } from '../../../src/renderer/commands/useShortcuts.ts';
import { useApp } from '../../../src/renderer/state/store.ts';
import { useView } from '../../../src/renderer/state/view.ts';
import { HelpSheet, shortcutGroups } from '../../../src/renderer/views/help/HelpSheet.tsx';
import { PaletteSheet } from '../../../src/renderer/views/palette/PaletteSheet.tsx';
import { STUDY, show } from '../page.tsx';

afterEach(() => vi.useRealTimers());

const key = (name: string, change: KeyboardEventInit = {}): string =>
  keyName(new KeyboardEvent('keydown', { key: name, ...change }));

/** Keys that two commands claim at once: in the same task, or one of a task's own twice. */
function clashes(commands: readonly Command[]): string[] {
  const claimed = new Map<string, string>();
  return commands.flatMap((command) =>
    (command.keys ?? []).flatMap((one) => {
      const place = `${command.task ?? 'all'} ${one}`;
      const other = claimed.get(place);
      claimed.set(place, command.id);
      return other === undefined ? [] : [`${one}: ${other}, ${command.id}`];
    }),
  );
}

describe('the commands', () => {
  it('have no key twice, no id twice, and no two titles that look alike', () => {
    expect(clashes(COMMANDS)).toEqual([]);
    expect(new Set(COMMANDS.map(({ id }) => id)).size).toBe(COMMANDS.length);
    const titles = COMMANDS.map(({ group, title }) => `${group} ${title}`);
    expect(new Set(titles).size).toBe(COMMANDS.length);
  });

  it('are rows of the shortcut sheet that can be told apart, with keys that can', () => {
    const groups = shortcutGroups();
    expect(new Set(groups.map(({ title }) => title)).size).toBe(groups.length);
    for (const { rows } of groups) {
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
      for (const { keys } of rows) expect(new Set(keys).size).toBe(keys.length);
    }
    expect(groups.flatMap(({ rows }) => rows).length).toBeGreaterThan(40);
  });

  it('would be told of a clash', () => {
    const [first] = COMMANDS.filter(({ keys }) => keys !== undefined);
    expect(clashes([...COMMANDS, { ...(first as Command), id: 'other' }])).not.toEqual([]);
  });

  it('write their keys as key presses are written, and leave the browser its own', () => {
    const keys = COMMANDS.flatMap((command) => command.keys ?? []);
    expect(keys.filter((one) => !isKeyName(one))).toEqual([]);
    // Tab moves the focus; the others close, reload, print or search the page.
    const taken = keys.filter((one) => /^(Tab|Shift\+Tab|F5|Mod\+[wrtnplf])$/.test(one));
    expect(taken).toEqual([]);
  });

  it('prefer the one of the task, and pass over what cannot be done', () => {
    const command = (id: string, change: Partial<Command>): Command => ({
      id,
      title: id,
      group: 'images',
      keys: ['w'],
      run: () => {},
      ...change,
    });
    const all = [
      command('all', {}),
      command('own', { task: 'pair' }),
      command('not', { task: 'review', when: () => false }),
    ];
    expect(commandOfKey('w', 'pair', all)?.id).toBe('own');
    expect(commandOfKey('w', 'review', all)?.id).toBe('all');
    expect(commandOfKey('v', 'pair', all)).toBeUndefined();
  });
});

describe('names of keys', () => {
  it('do not depend on Caps Lock, the script or how a sign is typed', () => {
    expect(key('w')).toBe('w');
    expect(key('W')).toBe('w');
    expect(key('W', { shiftKey: true })).toBe('Shift+w');
    expect(key('ц', { code: 'KeyW' })).toBe('w');
    expect(key('?', { shiftKey: true })).toBe('?');
    expect(key('ArrowUp', { shiftKey: true })).toBe('Shift+ArrowUp');
    expect(key('K', { ctrlKey: true, shiftKey: true })).toBe('Mod+Shift+k');
    expect(key('k', { metaKey: true })).toBe('Mod+k');
    expect(key(' ')).toBe('Space');
    const altGr = new KeyboardEvent('keydown', { key: '[', ctrlKey: true, altKey: true });
    vi.spyOn(altGr, 'getModifierState').mockImplementation((name) => name === 'AltGraph');
    expect(keyName(altGr)).toBe('[');
  });

  it('are shown as on keyboards', () => {
    expect(showKey('Mod+Shift+p')).toBe('Ctrl + Shift + P');
    expect(showKey('+')).toBe('+');
    expect(showKey('ArrowUp')).toBe('↑');
  });
});

function Window() {
  useShortcuts();
  return (
    <>
      <input aria-label="Name" />
      <input type="checkbox" aria-label="Tick" />
      <button type="button">Go</button>
      <HelpSheet />
      <PaletteSheet />
    </>
  );
}

describe('keys pressed in the window', () => {
  const open = (): void => {
    useApp.setState({ studies: [STUDY], studyUid: STUDY.uid, targetUid: STUDY.series[0]?.uid ?? null });
    show(<Window />);
  };

  it('run commands, but not while something is typed', () => {
    open();
    fireEvent.keyDown(document.body, { key: 's' });
    expect(useView.getState().layout).toBe('sagittal');
    fireEvent.keyDown(screen.getByLabelText('Name'), { key: 'c' });
    expect(useView.getState().layout).toBe('sagittal');
    fireEvent.keyDown(screen.getByLabelText('Tick'), { key: 'c' });
    expect(useView.getState().layout).toBe('coronal');
  });

  it('run a toggle once however long the key is held', () => {
    open();
    const before = useView.getState().smooth;
    fireEvent.keyDown(document.body, { key: 'i' });
    fireEvent.keyDown(document.body, { key: 'i', repeat: true });
    expect(useView.getState().smooth).toBe(!before);
  });

  it('do nothing behind a dialog, and ? closes its own sheet', async () => {
    open();
    fireEvent.keyDown(document.body, { key: '?', shiftKey: true });
    const dialog = await screen.findByRole('dialog', { name: 'Shortcuts' });
    expect(dialog.textContent).toContain('Sagittal plane large');
    fireEvent.keyDown(dialog, { key: 'c' });
    expect(useView.getState().layout).toBe('all');
    fireEvent.keyDown(dialog, { key: '?', shiftKey: true });
    expect(useApp.getState().helpOpen).toBe(false);
  });
});

describe('the palette', () => {
  it('finds a command by a few letters and runs it with the keyboard', async () => {
    useApp.setState({ studies: [STUDY], studyUid: STUDY.uid, targetUid: STUDY.series[0]?.uid ?? null });
    show(<Window />);
    fireEvent.keyDown(screen.getByLabelText('Name'), { key: 'k', ctrlKey: true });
    const box = await screen.findByRole('combobox', { name: 'What do you want to do?' });
    fireEvent.change(box, { target: { value: 'sagpl' } });
    const [first] = screen.getAllByRole('option');
    expect(first?.textContent).toContain('Sagittal plane large');
    expect(first?.getAttribute('aria-selected')).toBe('true');
    expect(box.getAttribute('aria-activedescendant')).toBe(first?.id);
    fireEvent.keyDown(box, { key: 'Enter' });
    await vi.waitFor(() => expect(useView.getState().layout).toBe('sagittal'));
    expect(useApp.getState().paletteOpen).toBe(false);
  });

  it('moves through the list and comes round', async () => {
    show(<Window />);
    act(() => useApp.setState({ paletteOpen: true }));
    const box = await screen.findByRole('combobox');
    const chosen = (): number =>
      screen.getAllByRole('option').findIndex((one) => one.getAttribute('aria-selected') === 'true');
    expect(chosen()).toBe(0);
    fireEvent.keyDown(box, { key: 'ArrowUp' });
    expect(chosen()).toBe(screen.getAllByRole('option').length - 1);
    fireEvent.keyDown(box, { key: 'ArrowDown' });
    expect(chosen()).toBe(0);
    fireEvent.change(box, { target: { value: 'qqqq' } });
    expect(screen.queryAllByRole('option')).toEqual([]);
    expect(screen.getByText('No command is called that.')).toBeDefined();
  });

  it('does not offer what cannot be done', async () => {
    show(<Window />);
    act(() => useApp.setState({ paletteOpen: true }));
    await screen.findByRole('combobox');
    expect(screen.queryByText('Sagittal plane large')).toBeNull();
  });
});

describe('fuzzy matching', () => {
  const best = (typed: string, ...titles: string[]): string | undefined =>
    titles
      .flatMap((title) => {
        const match = fuzzyMatch(typed, title);
        return match === undefined ? [] : [{ title, score: match.score }];
      })
      .sort((a, b) => b.score - a.score)[0]?.title;

  it('wants all letters in their order', () => {
    expect(fuzzyMatch('tsx', 'Next task')).toBeUndefined();
    expect(fuzzyMatch('ntask', 'Next task')?.at).toEqual([0, 5, 6, 7, 8]);
    expect(fuzzyMatch('', 'Next task')).toEqual({ score: 0, at: [] });
  });

  it('prefers beginnings of words, then runs, then short titles', () => {
    expect(best('rw', 'Crown view', 'Reset the windows')).toBe('Reset the windows');
    expect(best('pan', 'Places to begin', 'Side panel')).toBe('Side panel');
    expect(best('undo', 'Undo the last measurement', 'Undo')).toBe('Undo');
    expect(best('ÉXPORT', 'Go to Export')).toBe('Go to Export');
  });
});
