import { useAlign } from './align.ts';
import { type AppState, currentStudy, type Task } from './store.ts';

/** `missing`: what it works on is not there yet; it can be opened all the same, and says so itself. */
export type TaskState = 'done' | 'open' | 'missing';

/** How far a task is, for the row of tasks. */
export function taskState(task: Task, state: AppState, align = useAlign.getState()): TaskState {
  const { targetUid, referenceUid, enhanced, exported } = state;
  switch (task) {
    case 'studies':
      return currentStudy(state) === undefined ? 'open' : 'done';
    case 'pair':
      return targetUid !== null && referenceUid !== null ? 'done' : 'open';
    case 'align': {
      if (referenceUid === null) return 'missing';
      const isSettled =
        align.accepted ||
        align.withoutReference ||
        align.position.verdict?.registration.verdict === 'trusted';
      return isSettled ? 'done' : 'open';
    }
    case 'enhance':
      return targetUid === null ? 'missing' : enhanced === null ? 'open' : 'done';
    case 'review':
      return targetUid === null ? 'missing' : 'open';
    case 'export':
      return enhanced === null ? 'missing' : exported === null ? 'open' : 'done';
  }
}
