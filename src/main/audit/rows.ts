import type { AuditEntry } from '../../core/contract/auditing.ts';
import { change, type Database, row, rows } from '../library/sqlite.ts';
import { type ChainEnd, lineOf } from './entry.ts';

/** What the library keeps of the audit log. */

export interface WaitingEntry {
  readonly sequence: number;
  readonly line: string;
}

/** The last entry; undefined where the library knows none. */
export function knownEnd(database: Database): ChainEnd | undefined {
  return row<{ sequence: number; hash: string }>(
    database,
    'SELECT sequence, hash FROM audit_entries ORDER BY sequence DESC LIMIT 1',
  );
}

/** Hashes of all entries by number. */
export function knownHashes(database: Database): Map<number, string> {
  const found = rows<ChainEnd>(database, 'SELECT sequence, hash FROM audit_entries');
  return new Map(found.map(({ sequence, hash }) => [sequence, hash]));
}

export function isKnown(database: Database, { sequence, hash }: ChainEnd): boolean {
  return (
    row(database, 'SELECT 1 FROM audit_entries WHERE sequence = ? AND hash = ?', sequence, hash) !== undefined
  );
}

/** Entries that are not yet known to be in the file, in their order. */
export function waitingEntries(database: Database): WaitingEntry[] {
  return rows(database, 'SELECT sequence, line FROM audit_entries WHERE line IS NOT NULL ORDER BY sequence');
}

export function addWaiting(database: Database, entry: AuditEntry): void {
  const { sequence, hash } = entry;
  change(database, 'INSERT INTO audit_entries VALUES (?, ?, ?)', sequence, hash, lineOf(entry));
}

/** Takes back the last entry, if it still waits; says whether. */
export function withdraw(database: Database, { sequence, hash }: ChainEnd): boolean {
  const end = knownEnd(database);
  if (end?.sequence !== sequence || end.hash !== hash) return false;
  return change(database, 'DELETE FROM audit_entries WHERE sequence = ? AND line IS NOT NULL', sequence) > 0;
}

/** Notes entries that are in the file already. */
export function adoptEntry(database: Database, { sequence, hash }: ChainEnd): void {
  change(database, 'INSERT OR IGNORE INTO audit_entries VALUES (?, ?, NULL)', sequence, hash);
}

/** The first of those that waited are in the file, which is now so long. */
export function noteWritten(database: Database, count: number, bytes: number): void {
  change(
    database,
    `UPDATE audit_entries SET line = NULL WHERE sequence IN
       (SELECT sequence FROM audit_entries WHERE line IS NOT NULL ORDER BY sequence LIMIT ?)`,
    count,
  );
  noteLength(database, bytes);
}

export function noteLength(database: Database, bytes: number): void {
  change(database, 'UPDATE audit_file SET bytes = ?', bytes);
}

/** How long the file was when it was last written. */
export function knownLength(database: Database): number {
  return row<{ bytes: number }>(database, 'SELECT bytes FROM audit_file')?.bytes ?? 0;
}
