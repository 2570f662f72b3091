import { createWriteStream } from 'node:fs';
import { type FileHandle, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import { makeFolders } from '../export/makeFolders.ts';
import { readBytes } from './dicomFile.ts';

/**
 * ZIP archives (PKWARE's APPNOTE 6.3, with zip64), unpacked with every claim of the archive doubted: names
 * never lead out of the folder, sizes are held against what comes, and what comes is bounded by the
 * archive's own size.
 */

const MAX_ENTRIES = 200_000;
const MAX_DIRECTORY_BYTES = 256 * 1024 * 1024;
/** Pixels deflate by 2 to 10; a bomb by 1000. A small archive may hold this much whatever its ratio. */
const MAX_RATIO = 200;
const SMALL_BYTES = 64 * 1024 * 1024;

const END = 0x06054b50;
const END64_LOCATOR = 0x07064b50;
const END64 = 0x06064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;
const FULL32 = 0xffffffff;

/** Whether a file begins as a ZIP archive does. */
export function looksLikeZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
}

export interface ZipEntry {
  /** As the archive has it. */
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly isLink: boolean;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly headerAt: number;
}

/** What an archive holds: files, without its folders. @throws TandemError `bad-header`, `too-large`, `truncated` */
export async function readZipDirectory(file: FileHandle, fileBytes: number): Promise<ZipEntry[]> {
  const { entries, size, offset } = await findDirectory(file, fileBytes);
  if (entries > MAX_ENTRIES) {
    throw new TandemError('too-large', `The archive holds more than ${MAX_ENTRIES} files`, {
      hint: 'Unpack it and choose a folder of it.',
    });
  }
  if (size > MAX_DIRECTORY_BYTES || offset + size > fileBytes)
    throw damaged('its directory is not where it says');
  const bytes = await readBytes(file, size, offset);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: ZipEntry[] = [];
  let at = 0;
  for (let n = 0; n < entries; n++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL)
      throw damaged('its directory breaks off');
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const end = at + 46 + nameBytes + extraBytes + view.getUint16(at + 32, true);
    if (end > bytes.length) throw damaged('its directory breaks off');
    const name = decodeName(bytes.subarray(at + 46, at + 46 + nameBytes));
    const extra = new DataView(bytes.buffer, bytes.byteOffset + at + 46 + nameBytes, extraBytes);
    const entry = entryOf(view, at, name, extra);
    // A folder's entry holds nothing; one that does is a file with a bad name, to be told.
    if (!name.endsWith('/') || entry.bytes > 0) found.push(entry);
    at = end;
  }
  // Fewer entries than the directory has bytes for would be files that nobody misses.
  if (at !== bytes.length) throw damaged('its directory holds more than it says');
  return found;
}

/**
 * Entries that another one begins in: a few kilobytes can so be said to hold gigabytes (Fifield, “A better
 * zip bomb”, WOOT 2019). No archiver writes them.
 */
function overlapping(entries: readonly ZipEntry[]): ReadonlySet<ZipEntry> {
  const sorted = [...entries].sort((a, b) => a.headerAt - b.headerAt);
  return new Set(
    sorted.filter(({ headerAt, packedBytes }, n) => {
      const next = sorted[n + 1];
      return next !== undefined && next.headerAt < headerAt + LOCAL_BYTES + packedBytes;
    }),
  );
}

function entryOf(view: DataView, at: number, name: string, extra: DataView): ZipEntry {
  const large = zip64Values(extra);
  const size = (from: number): number => {
    const value = view.getUint32(at + from, true);
    return value === FULL32 ? (large.shift() ?? value) : value;
  };
  // In this order: that is the order of the 64-bit values.
  const bytes = size(24);
  const packedBytes = size(20);
  const headerAt = size(42);
  // The upper half of the external attributes is the Unix mode, where Unix made the archive.
  const unixMode = view.getUint8(at + 5) === 3 ? view.getUint32(at + 38, true) >>> 16 : 0;
  return {
    name,
    method: view.getUint16(at + 10, true),
    isEncrypted: (view.getUint16(at + 8, true) & ENCRYPTED) !== 0,
    isLink: (unixMode & 0o170000) === 0o120000,
    crc32: view.getUint32(at + 16, true),
    packedBytes,
    bytes,
    headerAt,
  };
}

/** 64-bit sizes and offsets, in the extra field 1. */
function zip64Values(extra: DataView): number[] {
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const length = extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) === 1) {
      const values: number[] = [];
      const end = Math.min(extra.byteLength, at + 4 + length);
      for (let value = at + 4; value + 8 <= end; value += 8)
        values.push(Number(extra.getBigUint64(value, true)));
      return values;
    }
    at += 4 + length;
  }
  return [];
}

async function findDirectory(file: FileHandle, fileBytes: number) {
  // The end record is followed by a comment of at most 65 535 bytes.
  const tail = await readBytes(
    file,
    Math.min(fileBytes, 22 + 65_535 + 20),
    Math.max(0, fileBytes - 22 - 65_535 - 20),
  );
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  for (let at = tail.length - 22; at >= 0; at--) {
    if (view.getUint32(at, true) !== END || at + 22 + view.getUint16(at + 20, true) > tail.length) continue;
    const plain = {
      entries: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
    };
    const hasLarge = at >= 20 && view.getUint32(at - 20, true) === END64_LOCATOR;
    return hasLarge ? await largeDirectory(file, Number(view.getBigUint64(at - 12, true)), fileBytes) : plain;
  }
  throw new TandemError('truncated', 'The archive ends before its directory', { hint: 'Copy it again.' });
}

async function largeDirectory(file: FileHandle, at: number, fileBytes: number) {
  const record = at + 56 <= fileBytes ? await readBytes(file, 56, at) : new Uint8Array(0);
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  if (record.length < 56 || view.getUint32(0, true) !== END64)
    throw damaged('its directory is not where it says');
  return {
    entries: Number(view.getBigUint64(32, true)),
    size: Number(view.getBigUint64(40, true)),
    offset: Number(view.getBigUint64(48, true)),
  };
}

/** UTF-8, or one byte a character where it is none: names only tell files apart. */
function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return String.fromCharCode(...bytes);
  }
}

/** Where in a folder an entry belongs; undefined where its name leads out of it or is no name. */
export function safePath(name: string): string | undefined {
  const parts = name.split(/[/\\]/);
  const isBad = parts.some(
    (part) =>
      part === '' ||
      part === '.' ||
      part === '..' ||
      part.length > 200 ||
      /[<>:"|?*]/.test(part) ||
      [...part].some((character) => character < ' '),
  );
  return isBad || parts.length > 64 ? undefined : join(...parts);
}

export interface Refusal {
  readonly name: string;
  readonly error: TandemError;
}

/**
 * Unpacks an archive into an empty folder. What cannot be unpacked is told and the rest is unpacked.
 * @throws TandemError `too-large` where it unpacks to more than 200 times its size, `bad-header`,
 *   `truncated`, `cancelled`; `write-failed` where the disk has no room for it, found out before anything is
 *   written where the archive is honest
 */
export async function unzip(
  file: FileHandle,
  fileBytes: number,
  folder: string,
  signal: AbortSignal,
): Promise<Refusal[]> {
  const entries = await readZipDirectory(file, fileBytes);
  await checkSpace(entries, folder, Math.max(SMALL_BYTES, fileBytes * MAX_RATIO));
  const shared = overlapping(entries);
  const refusals: Refusal[] = [];
  const taken = new Set<string>();
  const budget = { left: Math.max(SMALL_BYTES, fileBytes * MAX_RATIO) };
  for (const entry of entries) {
    throwIfCancelled(signal);
    const path = safePath(entry.name);
    const problem = shared.has(entry)
      ? damaged('another entry begins within this one')
      : problemOf(entry, path, taken);
    if (problem !== undefined || path === undefined) {
      refusals.push({ name: entry.name, error: problem! });
      continue;
    }
    taken.add(path.toLowerCase());
    try {
      await unpackEntry(file, entry, join(folder, path), fileBytes, budget, signal);
    } catch (error) {
      if (error instanceof Error && 'code' in error && NO_ROOM.has(error.code)) throw diskFull(folder);
      if (!(error instanceof TandemError) || error.code !== 'bad-header') throw error;
      refusals.push({ name: entry.name, error });
    }
  }
  return refusals;
}

/** @param most that will be written, whatever the entries claim */
async function checkSpace(entries: readonly ZipEntry[], folder: string, most: number): Promise<void> {
  const claimed = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  // Some network disks say that they have nothing: writing will tell.
  if (free > 0 && Math.min(claimed, most) > free) throw diskFull(folder);
}

const NO_ROOM: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

function diskFull(folder: string): TandemError {
  return new TandemError('write-failed', `There is no room to unpack it to (${dirname(folder)})`, {
    hint: 'Free some space there, or unpack it yourself and choose its folder.',
  });
}

function problemOf(
  entry: ZipEntry,
  path: string | undefined,
  taken: ReadonlySet<string>,
): TandemError | undefined {
  if (path === undefined) return damaged('the name of an entry leads out of it or is no name');
  if (taken.has(path.toLowerCase())) return damaged('two entries have the same name');
  if (entry.isLink) return new TandemError('unsupported-format', 'Links in archives are not followed');
  if (entry.isEncrypted) {
    return new TandemError('unsupported-format', 'The archive is encrypted', {
      hint: 'Unpack it with its password first.',
    });
  }
  if (entry.method !== STORED && entry.method !== DEFLATED) {
    return new TandemError('unsupported-format', `Archives packed by method ${entry.method} are not read`, {
      hint: 'Unpack it first.',
    });
  }
  return undefined;
}

async function unpackEntry(
  file: FileHandle,
  entry: ZipEntry,
  path: string,
  fileBytes: number,
  budget: { left: number },
  signal: AbortSignal,
): Promise<void> {
  const header = await readBytes(file, LOCAL_BYTES, entry.headerAt);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (header.length < LOCAL_BYTES || view.getUint32(0, true) !== LOCAL)
    throw damaged('an entry is not where it says');
  const start = entry.headerAt + LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + entry.packedBytes > fileBytes) throw damaged('an entry goes on past the end');
  await makeFolders(dirname(path));
  const check = new Check(entry, budget);
  const packed = packedBytes(file, start, entry.packedBytes);
  const out = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  try {
    await (entry.method === DEFLATED
      ? pipeline(packed, createInflateRaw(), check, out, { signal })
      : pipeline(packed, check, out, { signal }));
  } catch (error) {
    await rm(path, { force: true });
    throwIfCancelled(signal);
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('Z_') || code === 'ERR_STREAM_PREMATURE_CLOSE')
      throw damaged('an entry cannot be inflated');
    throw error;
  }
}

const PIECE = 256 * 1024;

async function* packedBytes(file: FileHandle, start: number, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length; at += PIECE) {
    yield await readBytes(file, Math.min(PIECE, length - at), start + at);
  }
}

/** Passes bytes on while they are what the entry promised. */
class Check extends Transform {
  readonly #entry: ZipEntry;
  readonly #budget: { left: number };
  #bytes = 0;
  #crc = 0;

  constructor(entry: ZipEntry, budget: { left: number }) {
    super();
    this.#entry = entry;
    this.#budget = budget;
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#bytes += chunk.length;
    this.#budget.left -= chunk.length;
    this.#crc = crc32(chunk, this.#crc);
    if (this.#budget.left < 0) {
      done(
        new TandemError('too-large', `The archive unpacks to more than ${MAX_RATIO} times its size`, {
          hint: 'If it can be trusted, unpack it and choose its folder.',
        }),
      );
    } else if (this.#bytes > this.#entry.bytes) done(damaged('an entry is longer than it says'));
    else done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    const { bytes, crc32: expected } = this.#entry;
    if (this.#bytes !== bytes) done(damaged('an entry is shorter than it says'));
    else done(this.#crc === expected ? null : damaged('the checksum of an entry is wrong'));
  }
}

function damaged(what: string): TandemError {
  return new TandemError('bad-header', `The archive is damaged: ${what}`, { hint: 'Copy or pack it again.' });
}
