import type { Evidence } from './contract/auditing.ts';

/** What every long piece of work is given: a place to report progress and a way to be cancelled. */
export interface JobContext {
  readonly progress: (progress: Progress) => void;
  readonly signal: AbortSignal;
  /** Told what the work is done with, for the audit log; later words add to earlier ones. */
  readonly evidence?: ((found: Evidence) => void) | undefined;
}

export interface Progress {
  /** What is being done: `reading`, `registering`, `enhancing`, `exporting`, `training` … */
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly secondsLeft?: number | undefined;
  readonly message?: string | undefined;
}

/** For calls that nobody watches: no progress, never cancelled. */
export const QUIET_JOB: JobContext = { progress: () => {}, signal: new AbortController().signal };
