import type { ErrorData } from '../../core/errors.ts';
import type { Progress } from '../../core/job.ts';

/** The long pieces of work that the window can have running, one of a kind at a time. */
export type JobKind =
  | 'open'
  | 'align'
  | 'judge'
  | 'estimate'
  | 'enhance'
  | 'export'
  | 'send'
  | 'echo'
  | 'find'
  | 'fetch'
  | 'receive'
  | 'deidentify'
  | 'preview'
  | 'companion'
  | 'copy'
  | 'models'
  | 'tuning'
  | 'segment'
  | 'segmentExport';

export interface JobState {
  readonly status: 'running' | 'cancelling' | 'done' | 'failed' | 'cancelled';
  readonly progress: Progress | undefined;
  readonly error: ErrorData | undefined;
  readonly startedAtMs: number;
}

export function isBusy(job: JobState | undefined): boolean {
  return job?.status === 'running' || job?.status === 'cancelling';
}
