import { openDeidentify } from '../state/deidentifyActions.ts';
import { setPacs } from '../state/pacsStore.ts';
import { currentStudy, useApp } from '../state/store.ts';
import { closeStudies, swapPair } from '../state/studyActions.ts';
import { text } from '../text.ts';
import type { Command } from './command.ts';

export const studiesCommands: readonly Command[] = [
  {
    id: 'studies.another',
    title: text.open.another,
    group: 'study',
    keys: ['Mod+o'],
    when: () => currentStudy(useApp.getState()) !== undefined,
    run: closeStudies,
  },
  {
    id: 'studies.swap',
    title: text.pair.swap,
    group: 'study',
    when: () => useApp.getState().targetUid !== null && useApp.getState().referenceUid !== null,
    run: swapPair,
  },
  {
    id: 'studies.pacs',
    title: text.pacsFind.open,
    group: 'study',
    keys: ['p'],
    run: () => setPacs({ page: 'find' }),
  },
  {
    id: 'studies.pacsSettings',
    title: text.pacs.setUp,
    group: 'study',
    run: () => setPacs({ page: 'settings' }),
  },
  {
    id: 'studies.deidentify',
    title: text.deidentify.openLong,
    group: 'study',
    run: () => openDeidentify(useApp.getState().paths[0] ?? ''),
  },
];
