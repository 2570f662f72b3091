import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Peer } from '../../core/contract/pacs.ts';
import { writeFileAtomically } from '../export/atomic.ts';
import { makeFolders } from '../export/makeFolders.ts';
import { asWriteError } from '../export/writeErrors.ts';
import { settingsFolder } from '../paths.ts';

/** What is known of an instance that was sent: `begun` without an answer, or `confirmed` by one. */
export interface LedgerEntry {
  readonly state: 'begun' | 'confirmed';
  /** SHA-256 of the data set, once it was read to its end. */
  readonly digest: string | undefined;
}

interface Line {
  readonly uid: string;
  readonly digest?: string;
  readonly at: string;
}

/** A sending that nobody took up again within this time is forgotten. */
const KEPT_MS = 30 * 24 * 3600 * 1000;

/**
 * The record of an unfinished sending to one destination: a line for every instance before it is sent and
 * after it was confirmed, so that whatever ends this program, the next attempt knows what to ask the other
 * side about. Once everything is confirmed the record goes: the same files can be sent again on purpose.
 */
export class SendLedger {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #entries: Map<string, LedgerEntry>;

  private constructor(path: string, file: FileHandle, entries: Map<string, LedgerEntry>) {
    this.#path = path;
    this.#file = file;
    this.#entries = entries;
  }

  static async open(peer: Peer): Promise<SendLedger> {
    const path = ledgerFile(peer);
    const entries = new Map<string, LedgerEntry>();
    for (const line of await readLines(path)) {
      entries.set(line.uid, {
        state: line.digest === undefined ? 'begun' : 'confirmed',
        digest: line.digest,
      });
    }
    try {
      await makeFolders(dirname(path));
      return new SendLedger(path, await open(path, 'a', 0o600), entries);
    } catch (error) {
      throw asWriteError(error, path, path);
    }
  }

  entry(uid: string): LedgerEntry | undefined {
    return this.#entries.get(uid);
  }

  async begun(uid: string): Promise<void> {
    if (this.#entries.has(uid)) return;
    this.#entries.set(uid, { state: 'begun', digest: undefined });
    await this.#append({ uid, at: new Date().toISOString() });
  }

  async confirmed(uid: string, digest: string): Promise<void> {
    this.#entries.set(uid, { state: 'confirmed', digest });
    await this.#append({ uid, digest, at: new Date().toISOString() });
  }

  async #append(line: Line): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(line)}\n`).catch((error: unknown) => {
      throw asWriteError(error, this.#path, this.#path);
    });
  }

  /** Ends the writing; forgets `done`, and the whole record where nothing else is in it. */
  async close(done: Iterable<string>): Promise<void> {
    await this.#file.close();
    const gone = new Set(done);
    if (gone.size === 0) return;
    // Read again: another sending to the same destination may have written meanwhile.
    const left = (await readLines(this.#path)).filter(({ uid }) => !gone.has(uid));
    if (left.length === 0) await rm(this.#path, { force: true });
    else await writeFileAtomically(this.#path, left.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }
}

function ledgerFile(peer: Peer): string {
  const key =
    peer.kind === 'dimse' ? `dimse ${peer.host}:${peer.port} ${peer.calledAeTitle}` : `dicomweb ${peer.url}`;
  const name = createHash('sha256').update(key).digest('hex').slice(0, 24);
  return join(settingsFolder(), 'sending', `${name}.jsonl`);
}

/** Lines that are whole and not too old: the last one of a killed program may be cut short. */
async function readLines(path: string): Promise<Line[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const oldest = Date.now() - KEPT_MS;
  return text.split('\n').flatMap((line) => {
    try {
      const { uid, digest, at } = JSON.parse(line) as Partial<Record<string, unknown>>;
      const isLine = typeof uid === 'string' && typeof at === 'string' && Date.parse(at) > oldest;
      if (!isLine) return [];
      return [{ uid, at, ...(typeof digest === 'string' ? { digest } : {}) }];
    } catch {
      return [];
    }
  });
}
