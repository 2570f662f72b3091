import type { OperationName } from '../../core/contract/operations.ts';

/**
 * What the main process answers itself: the queue of jobs, which outlives every compute host, and what windows
 * want remembered. None of it reads an image or computes.
 */
export const DESK_OPERATIONS = [
  'jobsSubmit',
  'jobsList',
  'jobsCancel',
  'jobsRetry',
  'jobsClear',
  'remember',
  'recall',
  'rememberOfStudy',
  'recallOfStudy',
  'alignmentKeep',
  'diagnostics',
] as const satisfies readonly OperationName[];

export type DeskOperation = (typeof DESK_OPERATIONS)[number];
export type HostOperation = Exclude<OperationName, DeskOperation>;

export function isHostOperation(name: OperationName): name is HostOperation {
  return !(DESK_OPERATIONS as readonly OperationName[]).includes(name);
}
