import { setApp, useApp } from '../state/store.ts';
import { text } from '../text.ts';
import type { Command } from './command.ts';

export const helpCommands: readonly Command[] = [
  {
    id: 'help.shortcuts',
    title: text.help.title,
    group: 'help',
    keys: ['?'],
    run: () => setApp({ helpOpen: !useApp.getState().helpOpen }),
  },
];
