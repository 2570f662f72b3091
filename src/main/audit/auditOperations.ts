import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TandemError } from '../../core/errors.ts';
import type { Handler } from '../host/handler.ts';
import { library } from '../library/library.ts';
import { AuditLog } from './auditLog.ts';
import { parseLine } from './entry.ts';
import { readLog } from './readLog.ts';
import { knownHashes, waitingEntries } from './rows.ts';
import { type Vouched, verifyLog } from './verifyLog.ts';

/** Verifies the workstation's own log against the library, or a copy of a log by itself. Writes nothing. */
export const auditVerifyOperation: Handler<'auditVerify'> = async ({ path: asked }) => {
  const path = asked === undefined ? new AuditLog().path : resolve(asked);
  const { bytes, vouched } =
    asked === undefined ? ownLog(path) : { bytes: await copyOf(path), vouched: undefined };
  const { faults, ...found } = verifyLog(bytes, vouched);
  const notes: string[] = [];
  if (vouched === undefined) {
    notes.push(
      asked === undefined
        ? 'The library does not know this log: it was replaced or is new. A cut end, or a log written anew as a whole, would not be noticed.'
        : 'A copy has no library beside it: a cut end, or a log written anew as a whole, would not be noticed. Compare the last hash with one written down.',
    );
  }
  if (found.waiting > 0)
    notes.push('Entries wait in the library: the log could not be written when they were made.');
  if (found.interruptedBytes > 0) notes.push('The last line was being written when the program was ended.');
  return {
    path,
    ok: faults.length === 0,
    vouchedBy: vouched === undefined ? 'none' : 'library',
    ...found,
    faults: [...faults],
    notes,
  };
};

/** The last entries, as they stand in the file. */
export const auditShowOperation: Handler<'auditShow'> = async ({ last, kind }) => {
  const { path } = new AuditLog();
  const lines = new TextDecoder().decode(library().change(() => readLog(path))).split('\n');
  // What follows the last line end is no line.
  const entries = lines.slice(0, -1).map(parseLine);
  const readable = entries.filter((entry) => entry !== undefined);
  const wanted = kind === undefined ? readable : readable.filter(({ event }) => event.kind === kind);
  return { path, entries: wanted.slice(-last), unreadable: entries.length - readable.length };
};

/** The write lock is held while it is read, so that no line is half there and none waits that is. */
function ownLog(path: string): { bytes: Uint8Array; vouched: Vouched | undefined } {
  return library().change((database) => {
    const hashes = knownHashes(database);
    const bytes = readLog(path);
    const isUnknown = hashes.size === 0 && bytes.length > 0;
    return { bytes, vouched: isUnknown ? undefined : { hashes, waiting: waitingEntries(database) } };
  });
}

async function copyOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TandemError(code === 'ENOENT' ? 'not-found' : 'no-permission', 'The log cannot be read', {
      path,
      hint: 'Name a file of an audit log, or none for that of this workstation.',
      cause: error,
    });
  }
}
