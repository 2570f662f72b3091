import { change, type Database, row } from '../library/sqlite.ts';
import { isProcessAlive } from '../processAlive.ts';

/**
 * Which process runs the queue. Several may have the library open; one at a time runs jobs, and when it is
 * gone another takes over. It says every now and then that it is there, in case another program was given
 * its process number.
 */
export interface Runner {
  readonly token: string;
  readonly pid: number;
}

/** A live process number that was silent for so long belongs to something else. */
const SILENT_MS = 5 * 60_000;

interface RunnerRow {
  readonly token: string;
  readonly pid: number;
  readonly beat_at: number;
}

/** Makes this the runner, unless another one is; says whether it is now. */
export function takeLease(database: Database, runner: Runner, atMs: number): boolean {
  const holder = holderOf(database, atMs);
  if (holder !== undefined && holder.token !== runner.token) return false;
  change(
    database,
    'INSERT OR REPLACE INTO runner (only, token, pid, beat_at) VALUES (1, ?, ?, ?)',
    runner.token,
    runner.pid,
    atMs,
  );
  return true;
}

/** Says that the runner is still there; false where it is the runner no more. */
export function beat(database: Database, runner: Runner, atMs: number): boolean {
  return change(database, 'UPDATE runner SET beat_at = ? WHERE token = ?', atMs, runner.token) > 0;
}

export function releaseLease(database: Database, runner: Runner): void {
  change(database, 'DELETE FROM runner WHERE token = ?', runner.token);
}

/** Whether any process runs the queue now. */
export function isLeased(database: Database, atMs: number): boolean {
  return holderOf(database, atMs) !== undefined;
}

function holderOf(database: Database, atMs: number): RunnerRow | undefined {
  const holder = row<RunnerRow>(database, 'SELECT token, pid, beat_at FROM runner');
  if (holder === undefined || atMs - holder.beat_at > SILENT_MS) return undefined;
  return isProcessAlive(holder.pid) ? holder : undefined;
}
