import { setApp, useApp } from '../state/store.ts';
import { text } from '../text.ts';
import type { Command } from './command.ts';

export const windowCommands: readonly Command[] = [
  {
    id: 'window.panel',
    title: text.viewer.panelToggle,
    group: 'window',
    keys: ['b'],
    run: () => setApp({ panelOpen: !useApp.getState().panelOpen }),
  },
  {
    id: 'window.palette',
    title: text.palette.open,
    group: 'window',
    keys: ['Mod+k', 'Mod+Shift+p'],
    run: () => setApp({ paletteOpen: true }),
  },
];
