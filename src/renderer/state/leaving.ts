import { hasUnsavedCorrections, useContours } from './contours.ts';
import { isBusy, type JobKind } from './jobs.ts';
import { useApp } from './store.ts';

/** Work that ends with the window; what the queue does goes on without it. */
const OF_THE_WINDOW: readonly JobKind[] = ['export', 'send', 'receive', 'segmentExport'];

/** Whether something would be lost if the window closed now. */
export function wouldLoseWork(): boolean {
  const { jobs } = useApp.getState();
  return OF_THE_WINDOW.some((kind) => isBusy(jobs[kind])) || hasUnsavedCorrections(useContours.getState());
}

/** A browser asks before it leaves such work. Not in Electron: there a page that asks cannot be closed at all. */
export function warnBeforeLeaving(): void {
  window.addEventListener('beforeunload', (event) => {
    if (useApp.getState().shell === 'browser' && wouldLoseWork()) event.preventDefault();
  });
}
