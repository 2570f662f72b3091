import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/**
 * Gives this process the lowest priority, so that whatever else runs on the machine comes first. On Linux priority is
 * a thread's: those that run already get it one by one, later ones inherit it. Where it is not allowed, it stays.
 */
export function lowerPriority(): void {
  for (const id of [process.pid, ...threads()]) {
    try {
      setPriority(id, constants.priority.PRIORITY_LOW);
    } catch {
      // A thread that has just ended, or a system that allows no change.
    }
  }
}

/** Ids of the threads of this process, on Linux. */
function threads(): readonly number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [];
  }
}
