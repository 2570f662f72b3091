import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { writeError } from '../export/writeErrors.ts';
import { sha256 } from './entry.ts';

const LINE_END = 0x0a;
const OWNER_ALONE = 0o600;

/** What stands in the file behind what is known to be there. */
export interface Surplus {
  /** Whole lines, as they are. */
  readonly lines: readonly string[];
  /** Bytes after the last line end. */
  readonly torn: Uint8Array;
}

/** A torn end that was taken off the file. */
export interface SetAside {
  /** Name of the file that holds it now, beside the log. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * The file of the audit log, open. Lines are only ever added; what is taken off is an end that no line end
 * closes, and it is kept. Whoever opens it holds the library's write lock (see `AuditLog`).
 */
export class AuditFile {
  readonly #path: string;
  readonly #fd: number;

  /** Opens it, made where it is missing. Throws `no-permission`, `write-failed`. */
  constructor(path: string) {
    this.#path = path;
    const { O_RDWR, O_APPEND, O_CREAT } = constants;
    try {
      this.#fd = openSync(path, O_RDWR | O_APPEND | O_CREAT, OWNER_ALONE);
    } catch (error) {
      throw writeError(error as NodeJS.ErrnoException, path);
    }
  }

  get bytes(): number {
    return fstatSync(this.#fd).size;
  }

  /** What follows the first `known` bytes. */
  surplus(known: number): Surplus {
    const bytes = this.#read(known, this.bytes);
    const end = bytes.lastIndexOf(LINE_END) + 1;
    const text = new TextDecoder().decode(bytes.subarray(0, end));
    return { lines: text === '' ? [] : text.slice(0, -1).split('\n'), torn: bytes.subarray(end) };
  }

  /**
   * Adds lines and flushes them to disk. Throws `no-permission`, `write-failed` (the disk is full); then the file
   * is as long as it was, unless even that cannot be done: a torn end is found by the next one.
   */
  append(lines: readonly string[]): void {
    const before = this.bytes;
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
      fsyncSync(this.#fd);
      if (before === 0) syncFolder(dirname(this.#path));
    } catch (error) {
      try {
        ftruncateSync(this.#fd, before);
      } catch {
        // Told by the error below; the next entry sets the rest aside.
      }
      throw writeError(error as NodeJS.ErrnoException, this.#path);
    }
  }

  /** Moves what follows the last line end to a file of its own beside the log. */
  setAside(torn: Uint8Array): SetAside {
    const hash = sha256(torn);
    const name = `audit-torn-${hash.slice(0, 16)}.bin`;
    try {
      writeFileSync(join(dirname(this.#path), name), torn, { mode: OWNER_ALONE, flush: true });
      ftruncateSync(this.#fd, this.bytes - torn.length);
      fsyncSync(this.#fd);
    } catch (error) {
      throw writeError(error as NodeJS.ErrnoException, this.#path);
    }
    return { name, bytes: torn.length, sha256: hash };
  }

  close(): void {
    closeSync(this.#fd);
  }

  #read(from: number, to: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, to - from));
    let got = 0;
    while (got < bytes.length) {
      const count = readSync(this.#fd, bytes, got, bytes.length - got, from + got);
      if (count === 0) break;
      got += count;
    }
    return bytes.subarray(0, got);
  }
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
