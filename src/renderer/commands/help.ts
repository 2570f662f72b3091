import { useSettings } from '../state/settings.ts';
import { setApp, useApp } from '../state/store.ts';
import { leaveTour, startTour } from '../state/tour.ts';
import { text } from '../text.ts';
import type { Command } from './command.ts';

export const helpCommands: readonly Command[] = [
  {
    id: 'help.pages',
    title: text.helpCentre.open,
    group: 'help',
    keys: ['F1'],
    run: () => setApp({ helpTab: 'pages' }),
  },
  {
    id: 'help.diagnostics',
    title: text.helpCentre.diagnostics,
    group: 'help',
    run: () => setApp({ helpTab: 'diagnostics' }),
  },
  {
    id: 'help.tour',
    title: text.tour.try,
    group: 'help',
    when: () => useSettings.getState().tour !== 'on',
    run: () => void startTour(),
  },
  {
    id: 'help.leaveTour',
    title: text.tour.leave,
    group: 'help',
    when: () => useSettings.getState().tour === 'on',
    run: leaveTour,
  },
  {
    id: 'help.shortcuts',
    title: text.help.title,
    group: 'help',
    keys: ['?'],
    run: () => setApp({ helpOpen: !useApp.getState().helpOpen }),
  },
];
