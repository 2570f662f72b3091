import { renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { formatError, TandemError, toErrorData } from '../../core/errors.ts';
import { dataFolder } from '../paths.ts';
import { privateDataFolder } from './folder.ts';
import { VERSIONS } from './schema/versions.ts';
import { change, type Database, failureOf, row, sqlite, transaction } from './sqlite.ts';

/** How long a statement waits for another process's to end. */
const BUSY_TIMEOUT_MS = 10_000;
/** Larger files are not checked as a whole at every opening; damage shows when it is met. */
const CHECKED_BYTES = 64 * 1024 ** 2;

/**
 * The library: one SQLite file in the data folder. Several processes may have it open (the window's, its
 * compute host, the command line); every change is one transaction, so that none is ever half done, whatever
 * is killed. A file that is damaged is set aside by name, never deleted, and a new one is begun.
 */
export class Library {
  readonly path: string;
  readonly #folder: string;
  #database: Database | undefined;
  /** Which file is open: it may be moved or deleted under us. */
  #inode: bigint | undefined;

  constructor(folder = dataFolder()) {
    this.#folder = folder;
    this.path = join(folder, 'library.db');
  }

  /**
   * Does something with the open database.
   * @throws TandemError `no-permission`, `write-failed` (disk full, cannot be opened), `unsupported-format` (made
   *   by a later version), and what `work` throws
   */
  use<T>(work: (database: Database) => T): T {
    try {
      return work(this.#open());
    } catch (error) {
      if (!isDamage(error)) throw this.#told(error);
      this.#setAside();
    }
    try {
      return work(this.#open());
    } catch (error) {
      throw this.#told(error);
    }
  }

  /** Does something that happens as a whole or not at all. Throws as `use`. */
  change<T>(work: (database: Database) => T): T {
    return this.use((database) => transaction(database, () => work(database)));
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  #open(): Database {
    if (this.#database !== undefined && this.#inode === inodeOf(this.path)) return this.#database;
    this.close();
    privateDataFolder(this.#folder);
    const existed = inodeOf(this.path) !== undefined;
    const { DatabaseSync } = sqlite();
    // What is written beside it (WAL) takes its rights from the file.
    const mask = process.umask(0o077);
    let database: Database;
    try {
      database = new DatabaseSync(this.path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
    } finally {
      process.umask(mask);
    }
    this.#inode = inodeOf(this.path);
    try {
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;');
      if (existed) check(database, this.path);
      migrate(database);
    } catch (error) {
      database.close();
      throw error;
    }
    this.#database = database;
    return database;
  }

  /** Another process may have set it aside meanwhile: then there is nothing left to do. */
  #setAside(): void {
    const opened = this.#inode;
    this.close();
    if (opened !== undefined && opened !== inodeOf(this.path)) return;
    const aside = `${this.path.replace(/\.db$/, '')}.damaged-${stamp(new Date())}.db`;
    for (const end of ['', '-wal', '-shm']) {
      try {
        renameSync(this.path + end, aside + end);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw this.#told(error);
      }
    }
    const told = JSON.stringify({ path: aside, atMs: Date.now() });
    transaction(this.#open(), () => {
      change(
        this.#database!,
        `INSERT OR REPLACE INTO remembered VALUES ('set-aside', ?, ?)`,
        told,
        Date.now(),
      );
    });
  }

  #told(error: unknown): unknown {
    if (error instanceof TandemError) return error;
    const options = { path: this.path, cause: error };
    switch (failureOf(error)) {
      case 'busy':
        return new TandemError('write-failed', 'The library is in use by another program', {
          ...options,
          hint: 'Try again in a moment.',
        });
      case 'readOnly':
        return new TandemError('no-permission', 'The library cannot be written', {
          ...options,
          hint: 'Ask for the right to write there, or set TANDEM_HOME to a folder of your own.',
        });
      case 'full':
      case 'ioError':
        return new TandemError(
          'write-failed',
          'The library could not be written: the disk is full or failing',
          {
            ...options,
            hint: 'Free some space or check the disk; nothing that was kept before is lost.',
          },
        );
      case 'cantOpen':
        return new TandemError('no-permission', 'The library cannot be opened', {
          ...options,
          hint: 'Check the rights of the folder, or set TANDEM_HOME to a folder of your own.',
        });
      default:
        return error;
    }
  }
}

class DamagedError extends Error {}

function isDamage(error: unknown): boolean {
  const failure = failureOf(error);
  return error instanceof DamagedError || failure === 'corrupt' || failure === 'notADatabase';
}

function check(database: Database, path: string): void {
  if (statSync(path).size > CHECKED_BYTES) return;
  const found = row<{ quick_check: string }>(database, 'PRAGMA quick_check(1)');
  if (found?.quick_check !== 'ok') throw new DamagedError(found?.quick_check ?? 'no answer');
}

/** Brings a file of any earlier version to this one, all steps or none. */
function migrate(database: Database): void {
  if (versionOf(database) === VERSIONS.length) return;
  transaction(database, () => {
    // Read again under the lock: another process may have been faster.
    const version = versionOf(database);
    if (version > VERSIONS.length) {
      throw new TandemError('unsupported-format', 'The library was made by a later version of Tandem MR', {
        path: database.location() ?? undefined,
        hint: 'Use that version, or set TANDEM_HOME to another folder.',
      });
    }
    for (const step of VERSIONS.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${VERSIONS.length}`);
  });
}

function versionOf(database: Database): number {
  return row<{ user_version: number }>(database, 'PRAGMA user_version')?.user_version ?? 0;
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

function stamp(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}

let own: Library | undefined;

/** The library of this process, in the data folder as it is set now. */
export function library(): Library {
  const folder = dataFolder();
  if (own === undefined || own.path !== join(folder, 'library.db')) {
    own?.close();
    own = new Library(folder);
  }
  return own;
}

/** For what is only noted in passing: a library that cannot be written must not fail the work itself. */
export function inPassing<T>(work: (kept: Library) => T): T | undefined {
  try {
    return work(library());
  } catch (error) {
    console.error(formatError(toErrorData(error)));
    return undefined;
  }
}
