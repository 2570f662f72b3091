import { useEffect } from 'react';
import { useApp } from '../state/store.ts';
import type { Command } from './command.ts';
import { COMMANDS, commandOfKey } from './index.ts';
import { keyName } from './keys.ts';

/** Where letters are typed: all keys are the field's. */
const TYPED_IN =
  'textarea, select, [contenteditable="true"], input:not([type="checkbox"], [type="radio"], [type="range"], [type="button"])';
/** Controls that move with these keys, and the side panel, which scrolls with them. */
const MOVING_KEYS = /^(Arrow|Page|Home$|End$)/;
const MOVED_BY_KEYS =
  'input, [role="slider"], [role="listbox"], [role="tablist"], [role="menu"], [role="tree"], [role="grid"], ' +
  '[role="separator"], [role="radiogroup"], .panel';
const PRESSED_BY_KEYS = 'button, a, summary, input, [role="button"], [role="option"], [role="checkbox"]';
/** Opens, and closes again: works over its own dialog too. */
const OVER_DIALOGS: ReadonlySet<string> = new Set(['help.shortcuts']);

/** Whether a key belongs to the control that has the focus. */
export function isOwnKey(target: Element, name: string): boolean {
  if (target.closest(TYPED_IN) !== null) return !/^Mod\+(Shift\+)?[kp]$/.test(name);
  if (MOVING_KEYS.test(name)) return target.closest(MOVED_BY_KEYS) !== null;
  if (name === 'Space' || name === 'Enter') return target.closest(PRESSED_BY_KEYS) !== null;
  return false;
}

/** The command that a key press runs now; none where the key belongs to a control or a dialog is open. */
export function pressedCommand(
  event: KeyboardEvent,
  commands: readonly Command[] = COMMANDS,
): Command | undefined {
  if (event.defaultPrevented || event.isComposing) return undefined;
  const name = keyName(event);
  const target = event.target instanceof Element ? event.target : document.body;
  if (isOwnKey(target, name)) return undefined;
  const command = commandOfKey(name, useApp.getState().task, commands);
  if (command === undefined) return undefined;
  const inDialog = document.querySelector('[role="dialog"][aria-modal="true"]') !== null;
  if (inDialog && !OVER_DIALOGS.has(command.id)) return undefined;
  return command;
}

/** The window's shortcuts. */
export function useShortcuts(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const command = pressedCommand(event);
      if (command === undefined) return;
      event.preventDefault();
      if (!event.repeat || command.repeats === true) command.run();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
