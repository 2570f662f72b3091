import { isDrawing } from '../state/correcting.ts';
import { redo, undo, useHistory } from '../state/history.ts';
import { text } from '../text.ts';
import type { Command } from './command.ts';

export const historyCommands: readonly Command[] = [
  {
    id: 'edit.undo',
    title: text.commands.undo,
    group: 'edit',
    keys: ['Mod+z'],
    repeats: true,
    when: () => !isDrawing() && useHistory.getState().done.length > 0,
    run: undo,
  },
  {
    id: 'edit.redo',
    title: text.commands.redo,
    group: 'edit',
    keys: ['Mod+Shift+z', 'Mod+y'],
    repeats: true,
    when: () => !isDrawing() && useHistory.getState().undone.length > 0,
    run: redo,
  },
];
