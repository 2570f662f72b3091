import type { DatabaseSync as Database, SQLInputValue } from 'node:sqlite';

/**
 * SQLite as Node carries it. Node calls the module experimental and says so on stderr at every start: that is
 * for its developers, and the warning is kept from users.
 */
export type { Database };

let loaded: typeof import('node:sqlite') | undefined;

export function sqlite(): typeof import('node:sqlite') {
  if (loaded !== undefined) return loaded;
  const emit = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (/sqlite/i.test(String(warning))) return;
    (emit as (...all: unknown[]) => void).call(process, warning, ...rest);
  }) as typeof process.emitWarning;
  try {
    loaded = process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emit;
  }
  return loaded;
}

/** The library's error codes that say something of the file (https://sqlite.org/rescode.html). */
const RESULT = { busy: 5, readOnly: 8, ioError: 10, corrupt: 11, full: 13, cantOpen: 14, notADatabase: 26 };

/** What kind of failure a statement's error is; undefined where it is none of SQLite's or a fault of ours. */
export function failureOf(error: unknown): keyof typeof RESULT | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  // The extended codes have the primary one in their low byte.
  const primary = error.errcode & 0xff;
  return (Object.keys(RESULT) as (keyof typeof RESULT)[]).find((name) => RESULT[name] === primary);
}

/** Several statements as one: all of them happened, or none. The write lock is taken at the start. */
export function transaction<T>(database: Database, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // A failure of the disk may have rolled back by itself.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** The rows of a query as plain records. */
export function rows<T>(database: Database, sql: string, ...values: SQLInputValue[]): T[] {
  return database.prepare(sql).all(...values) as T[];
}

/** The first row of a query. */
export function row<T>(database: Database, sql: string, ...values: SQLInputValue[]): T | undefined {
  return database.prepare(sql).get(...values) as T | undefined;
}

/** Runs a statement; returns how many rows it changed. */
export function change(database: Database, sql: string, ...values: SQLInputValue[]): number {
  return Number(database.prepare(sql).run(...values).changes);
}
