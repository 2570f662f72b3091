import type { ModelState, ModelStateChange } from '../../core/contract/modelStates.ts';
import { change, type Database, row, rows } from '../library/sqlite.ts';
import type { StatedModel } from './identity.ts';

/** What became of models, in the library: rows are only added, the last of an identity is its state. */

interface HistoryRow {
  readonly state: ModelState;
  readonly user: string | null;
  readonly account: string;
  readonly at: number;
  readonly notes: string | null;
  readonly report: string | null;
}

/** Adds a change; returns the number of its row. */
export function addChange(
  database: Database,
  model: StatedModel,
  { state, user, account, atMs, notes, reportSha256 }: ModelStateChange,
): number {
  change(
    database,
    `INSERT INTO model_history (identity, model_id, version, weights, slot, state, user, account, at, notes, report)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    model.identity,
    model.id,
    model.version,
    model.weightsSha256,
    model.slot,
    state,
    user,
    account,
    atMs,
    notes,
    reportSha256,
  );
  return row<{ id: number }>(database, 'SELECT last_insert_rowid() AS id')!.id;
}

/** Takes back a change that could not be recorded. */
export function removeChange(database: Database, id: number): void {
  change(database, 'DELETE FROM model_history WHERE id = ?', id);
}

/** All changes of a model, oldest first. */
export function historyOf(database: Database, identity: string): ModelStateChange[] {
  return rows<HistoryRow>(
    database,
    'SELECT state, user, account, at, notes, report FROM model_history WHERE identity = ? ORDER BY id',
    identity,
  ).map(({ at, report, ...other }) => ({ ...other, atMs: at, reportSha256: report }));
}

/** Identities of the models that are accepted for these scans, the one accepted last first. */
export function acceptedFor(database: Database, slot: string): string[] {
  return rows<{ identity: string }>(
    database,
    `SELECT identity FROM model_history AS last
     WHERE slot = ? AND state = 'accepted'
       AND id = (SELECT MAX(id) FROM model_history WHERE identity = last.identity)
     ORDER BY id DESC`,
    slot,
  ).map(({ identity }) => identity);
}
