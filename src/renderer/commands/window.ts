import { changeSettings, THEMES, useSettings } from '../state/settings.ts';
import { setApp, useApp } from '../state/store.ts';
import { text } from '../text.ts';
import type { Command } from './command.ts';

export const windowCommands: readonly Command[] = [
  {
    id: 'window.settings',
    title: text.settings.open,
    group: 'window',
    keys: ['Mod+,'],
    run: () => setApp({ settingsOpen: true }),
  },
  ...THEMES.map(
    (theme): Command => ({
      id: `window.theme.${theme}`,
      title: text.settings.themeCommand(text.settings.themes[theme]),
      group: 'window',
      when: () => useSettings.getState().theme !== theme,
      run: () => void changeSettings({ theme }),
    }),
  ),
  {
    id: 'window.hidePatient',
    title: text.settings.hidePatient,
    group: 'window',
    run: () => void changeSettings({ hidePatient: !useSettings.getState().hidePatient }),
  },
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
