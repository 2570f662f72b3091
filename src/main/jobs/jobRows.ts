import { enhanceResult } from '../../core/contract/enhancing.ts';
import { finetuneResult } from '../../core/contract/finetune.ts';
import {
  type JobOrder,
  type JobSubject,
  jobOrder,
  jobSubject,
  type QueuedJob,
  type QueuedJobState,
} from '../../core/contract/jobs.ts';
import type { Result } from '../../core/contract/operations.ts';
import type { ErrorData } from '../../core/errors.ts';
import type { Progress } from '../../core/job.ts';
import { change, type Database, row, rows } from '../library/sqlite.ts';

/** Jobs as they lie in the library. Every change grows the revision that windows wait for. */

interface JobRow {
  readonly id: string;
  readonly turn: number;
  readonly kind: string;
  readonly request: string;
  readonly subject: string | null;
  readonly state: QueuedJobState;
  readonly cancelling: number;
  readonly progress: string | null;
  readonly error: string | null;
  readonly result: string | null;
  readonly result_id: string;
  readonly attempt: number;
  readonly submitted_at: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
}

/** A job without what only the list knows: its place, and whether its result is there. */
export type KeptJob = Omit<QueuedJob, 'place' | 'stored'>;

/** Ended jobs that are remembered; the oldest go. */
const KEPT_ENDED = 60;

export function jobsRevision(database: Database): number {
  return row<{ value: number }>(database, `SELECT value FROM counters WHERE name = 'jobs'`)?.value ?? 0;
}

function grow(database: Database): void {
  change(database, `UPDATE counters SET value = value + 1 WHERE name = 'jobs'`);
}

/** Running and waiting ones in their order, then the ended ones, the latest first. */
export function allJobs(database: Database): KeptJob[] {
  const order = `CASE state WHEN 'running' THEN 0 WHEN 'waiting' THEN 1 ELSE 2 END,
    CASE WHEN state IN ('running', 'waiting') THEN turn ELSE -ended_at END, turn DESC`;
  return rows<JobRow>(database, `SELECT * FROM jobs ORDER BY ${order}`).flatMap(
    (found) => keptJob(found) ?? [],
  );
}

export function jobById(database: Database, id: string): KeptJob | undefined {
  const found = row<JobRow>(database, 'SELECT * FROM jobs WHERE id = ?', id);
  return found && keptJob(found);
}

export function addJob(
  database: Database,
  job: { id: string; resultId: string; order: JobOrder; subject: JobSubject | undefined; atMs: number },
): void {
  const { id, resultId, order, subject, atMs } = job;
  change(
    database,
    `INSERT INTO jobs (id, turn, kind, request, subject, state, result_id, submitted_at)
     VALUES (?, (SELECT COALESCE(MAX(turn), 0) + 1 FROM jobs), ?, ?, ?, 'waiting', ?, ?)`,
    id,
    order.kind,
    JSON.stringify(order.request),
    subject === undefined ? null : JSON.stringify(subject),
    resultId,
    atMs,
  );
  grow(database);
}

/** Makes the next waiting job of a kind a running one; undefined where none waits. */
export function startNext(database: Database, kind: JobOrder['kind'], atMs: number): KeptJob | undefined {
  const next = row<JobRow>(
    database,
    `SELECT * FROM jobs WHERE state = 'waiting' AND kind = ? ORDER BY turn LIMIT 1`,
    kind,
  );
  if (next === undefined) return undefined;
  change(
    database,
    `UPDATE jobs SET state = 'running', started_at = ?, cancelling = 0, progress = NULL WHERE id = ?`,
    atMs,
    next.id,
  );
  grow(database);
  const started = jobById(database, next.id);
  if (started !== undefined) return started;
  // An order that this version does not know, of a later one: it must not hold up the others.
  endJob(database, next.id, {
    state: 'failed',
    atMs,
    error: { code: 'usage', message: 'This version cannot read what was asked' },
  });
  return startNext(database, kind, atMs);
}

export function setProgress(database: Database, id: string, progress: Progress): void {
  const { stage, done, total, secondsLeft, message } = progress;
  const text = JSON.stringify({ stage, done, total, secondsLeft, message });
  if (change(database, `UPDATE jobs SET progress = ? WHERE id = ? AND state = 'running'`, text, id) > 0) {
    grow(database);
  }
}

export interface Outcome {
  readonly state: Extract<QueuedJobState, 'done' | 'failed' | 'cancelled' | 'interrupted' | 'paused'>;
  readonly atMs: number;
  readonly error?: ErrorData | undefined;
  readonly result?: Result<JobOrder['kind']> | undefined;
}

/** Says how a running job ended; nothing where it was said before. */
export function endJob(database: Database, id: string, outcome: Outcome): boolean {
  const { state, atMs, error, result } = outcome;
  const changed = change(
    database,
    `UPDATE jobs SET state = ?, ended_at = ?, error = ?, result = ?, cancelling = 0, progress = NULL
     WHERE id = ? AND state IN ('running', 'waiting')`,
    state,
    atMs,
    error === undefined ? null : JSON.stringify(error),
    result === undefined ? null : JSON.stringify(result),
    id,
  );
  if (changed === 0) return false;
  change(
    database,
    `DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE state NOT IN ('running', 'waiting')
     ORDER BY ended_at DESC LIMIT -1 OFFSET ?)`,
    KEPT_ENDED,
  );
  grow(database);
  return true;
}

export function hasRunning(database: Database): boolean {
  return row(database, `SELECT 1 FROM jobs WHERE state = 'running' LIMIT 1`) !== undefined;
}

export function hasWaiting(database: Database, kind: JobOrder['kind']): boolean {
  return row(database, `SELECT 1 FROM jobs WHERE state = 'waiting' AND kind = ? LIMIT 1`, kind) !== undefined;
}

/** Whoever ran these is gone. @param but jobs that are run here */
export function interruptRunning(
  database: Database,
  atMs: number,
  error: ErrorData,
  but: ReadonlySet<string> = new Set(),
): void {
  for (const { id } of rows<{ id: string }>(database, `SELECT id FROM jobs WHERE state = 'running'`)) {
    if (!but.has(id)) endJob(database, id, { state: 'interrupted', atMs, error });
  }
}

/** Asks a running job to stop. */
export function askToCancel(database: Database, id: string): void {
  if (change(database, `UPDATE jobs SET cancelling = 1 WHERE id = ? AND state = 'running'`, id) > 0) {
    grow(database);
  }
}

export function isAskedToCancel(database: Database, id: string): boolean {
  return (
    row<{ cancelling: number }>(database, 'SELECT cancelling FROM jobs WHERE id = ?', id)?.cancelling === 1
  );
}

/** Puts an ended job at the end of the queue again, its result under an id of its own. */
export function requeue(
  database: Database,
  id: string,
  again: { resultId: string; order: JobOrder; atMs: number },
): void {
  change(
    database,
    `UPDATE jobs SET state = 'waiting', turn = (SELECT MAX(turn) + 1 FROM jobs), attempt = attempt + 1,
       result_id = ?, request = ?, submitted_at = ?, started_at = NULL, ended_at = NULL, error = NULL,
       result = NULL, progress = NULL, cancelling = 0 WHERE id = ?`,
    again.resultId,
    JSON.stringify(again.order.request),
    again.atMs,
    id,
  );
  grow(database);
}

/** Takes ended jobs off: one, or all. */
export function clearEnded(database: Database, id: string | undefined): number {
  const ended = `state NOT IN ('running', 'waiting')`;
  const cleared =
    id === undefined
      ? change(database, `DELETE FROM jobs WHERE ${ended}`)
      : change(database, `DELETE FROM jobs WHERE ${ended} AND id = ?`, id);
  if (cleared > 0) grow(database);
  return cleared;
}

/** Undefined where a later version wrote what this one does not know. */
function keptJob(found: JobRow): KeptJob | undefined {
  const order = jobOrder.safeParse({ kind: found.kind, request: parse(found.request) });
  if (!order.success) return undefined;
  const subject = jobSubject.safeParse(parse(found.subject));
  const result = parse(found.result);
  const isOf = (kind: JobOrder['kind']) => found.kind === kind && result !== null;
  return {
    id: found.id,
    order: order.data,
    subject: subject.success ? subject.data : null,
    state: found.state,
    cancelling: found.cancelling === 1,
    progress: parse(found.progress) as KeptJob['progress'],
    error: parse(found.error) as KeptJob['error'],
    result: isOf('enhance') ? (enhanceResult.safeParse(result).data ?? null) : null,
    tuned: isOf('finetune') ? (finetuneResult.safeParse(result).data ?? null) : null,
    resultId: found.result_id,
    attempt: found.attempt,
    submittedAtMs: found.submitted_at,
    startedAtMs: found.started_at,
    endedAtMs: found.ended_at,
  };
}

function parse(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
