export const connectionText = {
  connecting: 'Connecting to the workstation…',
  ready: 'Connected',
  stoppedTitle: 'The workstation has stopped',
  stopped:
    'Start it again, and this window comes back by itself. A job that was running can then be tried again.',
  refusedTitle: 'This window is no longer known to the workstation',
  refused:
    'Its address works once, in one browser. Start “tandem serve” again and open the address that it prints.',
  retry: 'Try now',
  noneTitle: 'No workstation',
};

export const errorsText = {
  title: 'This did not work',
  hint: 'What to do',
  crashed: 'The window has met an error',
  crashedHint: 'Your originals are untouched. Reload the window to go on.',
  reload: 'Reload',
  dismiss: 'Dismiss',
  retry: 'Try again',
  retryPart: (part: string): string => `Try again: ${part}`,
  broken: (part: string): string => `${part}: this part of the window has met an error`,
  brokenHint: 'Everything else goes on working, and your originals are untouched.',
};

export const unitsText = {
  mm: 'mm',
  cm: 'cm',
  mm2: 'mm²',
  seconds: (s: number): string => `${Number.isInteger(s) || s >= 10 ? Math.round(s) : s.toFixed(1)} s`,
  minutes: (m: number, s: number): string => `${m} min ${s} s`,
};
