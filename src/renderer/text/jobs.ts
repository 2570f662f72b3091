import type { QueuedJobState } from '../../core/contract/jobs.ts';

/** Words of the queue of jobs. */
export const jobsText = {
  open: 'Jobs',
  /** For the button that says how many are not done yet. */
  openCount: (running: number): string =>
    running === 0 ? 'Jobs' : `Jobs: ${running} ${running === 1 ? 'is' : 'are'} not done`,
  title: 'Jobs',
  intro:
    'Jobs run one after another on the workstation, fine-tuning beside them. They go on when this window closes; what they made is kept.',
  none: 'No jobs yet. An enhancement becomes a job when it is started.',
  states: {
    waiting: 'Waiting',
    running: 'Running',
    done: 'Done',
    failed: 'Failed',
    cancelled: 'Cancelled',
    interrupted: 'Interrupted',
    paused: 'Paused',
  } satisfies Record<QueuedJobState, string>,
  place: (place: number): string => (place === 1 ? 'Next' : `${place}. in the queue`),
  runningNow: (job: string, progress: string): string => `Running: ${job}, ${progress}`,
  cancelling: 'Cancelling …',
  cancel: 'Cancel',
  retry: 'Retry',
  resume: 'Go on',
  openResult: 'Open result',
  clear: 'Remove from the list',
  clearAll: 'Clear ended jobs',
  cancelRunning: 'Cancel the running job',
  enhance: (scale: number, model: string): string => `Enhance ×${scale} · ${model}`,
  tune: (base: string, made: string): string => `Tune ${base} · ${made}`,
  pair: (target: string, reference: string | null): string =>
    reference === null ? target : `${target} ← ${reference}`,
  attempt: (n: number): string => `attempt ${n}`,
  took: (duration: string): string => `took ${duration}`,
  onlyInMemory:
    'It could not be stored (is the disk full?) and is lost when the program ends. Open it and export it before.',
  notStored: 'Its result is not stored any more. Enhance again; the result is the same.',
  of: (job: string): string => `: ${job}`,
  done: (job: string): string => `Done: ${job}`,
  failedNow: (job: string): string => `Failed: ${job}`,
  lost: 'The list of jobs cannot be read',
} as const;
