import { dirname, join } from 'node:path';
import type { AuditEntry, AuditEventInput } from '../../core/contract/auditing.ts';
import { TandemError } from '../../core/errors.ts';
import { type Library, library } from '../library/library.ts';
import type { Database } from '../library/sqlite.ts';
import { AuditFile } from './auditFile.ts';
import { CHAIN_BEGIN, type ChainEnd, nextEntry, parseLine } from './entry.ts';
import { readLog } from './readLog.ts';
import {
  addWaiting,
  adoptEntry,
  isKnown,
  knownEnd,
  knownLength,
  noteLength,
  noteWritten,
  type WaitingEntry,
  waitingEntries,
  withdraw,
} from './rows.ts';

export const AUDIT_FILE = 'audit.jsonl';

/** A change that must not happen without its entry, and how it is taken back. */
export interface LoggedChange<T> {
  readonly make: (database: Database) => T;
  readonly undo: (database: Database, made: T) => void;
}

/**
 * The audit log: `audit.jsonl` in the data folder, one JSON line an entry, each with the hash of the one before.
 *
 * An entry is first kept in the library, as a line that waits, with its hash; then it is written to the file and
 * flushed; then the library notes that it is there. The library's write lock is held over each step, so that
 * several processes take turns, and whichever is killed, the next one that writes finishes what it began. The
 * hashes stay in the library: what is changed in the file, or cut off its end, differs from them.
 */
export class AuditLog {
  readonly path: string;
  readonly #library: Library;

  constructor(kept: Library = library()) {
    this.#library = kept;
    this.path = join(dirname(kept.path), AUDIT_FILE);
  }

  /**
   * Adds an entry. Where the file cannot be written, the entry waits in the library for the next one and this throws.
   * @throws TandemError `no-permission`, `write-failed`
   */
  append(event: AuditEventInput, user?: string): AuditEntry {
    const entry = this.#library.change((database) => this.#enqueue(database, event, user));
    this.#settle(entry);
    return entry;
  }

  /**
   * Makes a change of the library together with its entry: both are there or neither is. Where the file cannot be
   * written, both are taken back and this throws.
   * @throws TandemError `no-permission`, `write-failed`, and what `make` throws
   */
  appendWith<T>(change: LoggedChange<T>, event: (made: T) => AuditEventInput, user?: string): T {
    const { made, entry } = this.#library.change((database) => {
      const made = change.make(database);
      return { made, entry: this.#enqueue(database, event(made), user) };
    });
    try {
      this.#settle(entry);
    } catch (error) {
      this.#library.change((database) => {
        if (withdraw(database, entry)) change.undo(database, made);
      });
      throw error;
    }
    return made;
  }

  /** Writes what waits. Throws `no-permission`, `write-failed`. */
  settle(): void {
    this.#library.change((database) => this.#repair(database));
    this.#library.change((database) => this.#flush(database));
  }

  #settle(entry: AuditEntry): void {
    this.settle();
    // A library found damaged meanwhile was set aside with the entry in it.
    if (this.#library.use((database) => isKnown(database, entry))) return;
    throw new TandemError('write-failed', 'The library was replaced while the audit log was written', {
      path: this.path,
      hint: 'Try again.',
    });
  }

  #enqueue(database: Database, event: AuditEventInput, user: string | undefined): AuditEntry {
    const entry = nextEntry(this.#end(database), event, user);
    addWaiting(database, entry);
    return entry;
  }

  /** Where the chain goes on; a new library takes over what the file holds, and says so in an entry. */
  #end(database: Database): ChainEnd {
    const known = knownEnd(database);
    if (known !== undefined) return known;
    const content = readLog(this.path);
    if (content.length === 0) return CHAIN_BEGIN;
    let end = CHAIN_BEGIN;
    for (const line of new TextDecoder().decode(content).split('\n')) {
      const entry = parseLine(line);
      if (entry === undefined || entry.sequence <= end.sequence) continue;
      adoptEntry(database, entry);
      end = entry;
    }
    noteLength(database, content.lastIndexOf(0x0a) + 1);
    const told = nextEntry(
      end,
      { kind: 'library-replaced', outcome: 'done', settings: { entriesFound: end.sequence } },
      undefined,
    );
    addWaiting(database, told);
    return told;
  }

  /** Takes a torn end off the file, and has an entry say what was found that should not be there, or is not. */
  #repair(database: Database): void {
    const waiting = waitingEntries(database);
    if (waiting.length === 0) return;
    const file = new AuditFile(this.path);
    try {
      const known = knownLength(database);
      const found = file.bytes;
      const missing = Math.max(0, known - found);
      const { lines, torn } = missing > 0 ? file.surplus(lastLineEnd(this.path)) : file.surplus(known);
      const own = ownLines(lines, waiting);
      const foreign = lines.length - own;
      if (missing > 0 || foreign > 0) {
        this.#enqueue(
          database,
          {
            kind: 'log-damaged',
            outcome: 'done',
            settings: { bytesMissing: missing, linesFromElsewhere: foreign },
          },
          undefined,
        );
      }
      if (torn.length > 0) {
        const aside = file.setAside(torn);
        this.#enqueue(
          database,
          {
            kind: 'log-torn',
            outcome: 'done',
            settings: { bytes: aside.bytes, keptIn: aside.name },
            outputs: { torn: aside.sha256 },
          },
          undefined,
        );
      }
      // Where all lines are ours they stay to be recognised by `#flush`.
      if (missing > 0 || foreign > 0) noteWritten(database, own, file.bytes);
    } finally {
      file.close();
    }
  }

  /** Writes the lines that wait, but for those that a killed process had written. */
  #flush(database: Database): void {
    const waiting = waitingEntries(database);
    if (waiting.length === 0) return;
    const file = new AuditFile(this.path);
    try {
      const { lines } = file.surplus(knownLength(database));
      file.append(waiting.slice(ownLines(lines, waiting)).map(({ line }) => line));
      noteWritten(database, waiting.length, file.bytes);
    } finally {
      file.close();
    }
  }
}

/** How many lines at the beginning are those that wait: a killed process had written them. */
function ownLines(lines: readonly string[], waiting: readonly WaitingEntry[]): number {
  const other = lines.findIndex((line, n) => waiting[n]?.line !== line);
  return other < 0 ? lines.length : other;
}

function lastLineEnd(path: string): number {
  return readLog(path).lastIndexOf(0x0a) + 1;
}
