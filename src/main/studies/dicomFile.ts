import type { Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import { type DataSet, parseDataSet } from '../../core/dicom/dataSet.ts';
import { DEFLATED_LITTLE_ENDIAN } from '../../core/dicom/transferSyntax.ts';
import { TandemError } from '../../core/errors.ts';

/** Enough for the header of nearly every classic image. */
const FIRST_BYTES = 64 * 1024;
/** No header of a single-frame image comes near this. */
const MAX_HEADER_BYTES = 32 * 1024 * 1024;
const MAX_DEFLATED_BYTES = 256 * 1024 * 1024;
const MAX_INFLATED_BYTES = 1024 * 1024 * 1024;
/** Images deflate by 2 to 10; a bomb by 1000. Small results are let through whatever their ratio. */
const MAX_INFLATE_RATIO = 200;
const SMALL_INFLATED_BYTES = 64 * 1024 * 1024;

export interface DicomHeader {
  readonly dataSet: DataSet;
  /** What the pixel data's position is to be held against: the file, or the inflated data set. */
  readonly availableBytes: number;
  /** The data set's bytes where the file is deflated: they hold the pixels too. */
  readonly inflated: Uint8Array | undefined;
}

/**
 * Reads a DICOM header up to its pixel data, in growing pieces from the start of the file.
 * @param head the first bytes, where they were read before
 * @throws TandemError as `parseDataSet` does
 */
export async function readDicomHeader(
  file: FileHandle,
  fileBytes: number,
  head: Uint8Array,
): Promise<DicomHeader> {
  let bytes = head;
  for (;;) {
    const result = parseDataSet(bytes, { fileBytes, inflateRaw });
    if ('dataSet' in result) {
      const { dataSet } = result;
      const inflated = dataSet.bytes === bytes ? undefined : dataSet.bytes;
      return { dataSet, availableBytes: inflated?.length ?? fileBytes, inflated };
    }
    const limit = isDeflated(bytes) ? MAX_DEFLATED_BYTES : MAX_HEADER_BYTES;
    if (bytes.length >= limit) {
      throw new TandemError('unsupported-format', `No pixels within the first ${limit >> 20} MB of the file`);
    }
    const next = isDeflated(bytes) ? limit : Math.min(limit, bytes.length * 8);
    bytes = await readBytes(file, Math.min(fileBytes, next));
  }
}

/** The first bytes of a file, enough to tell what it is and, mostly, for its header. */
export async function readHead(file: FileHandle, fileBytes: number): Promise<Uint8Array> {
  return readBytes(file, Math.min(fileBytes, FIRST_BYTES));
}

/** Bytes `from` to `from + count` of a file; fewer where it ends before. */
export async function readBytes(file: FileHandle, count: number, from = 0): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  let done = 0;
  while (done < count) {
    const { bytesRead } = await file.read(bytes, done, count - done, from + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done === count ? bytes : bytes.subarray(0, done);
}

/** Opens a file for reading, gives it to `use` and closes it whatever happens. */
export async function withFile<T>(
  path: string,
  use: (file: FileHandle, fileBytes: number, status: Stats) => Promise<T>,
): Promise<T> {
  const file = await open(path, 'r');
  try {
    const status = await file.stat();
    return await use(file, status.size, status);
  } finally {
    await file.close();
  }
}

function isDeflated(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 2048)).includes(DEFLATED_LITTLE_ENDIAN);
}

function inflateRaw(deflated: Uint8Array): Uint8Array {
  const limit = Math.min(
    MAX_INFLATED_BYTES,
    Math.max(SMALL_INFLATED_BYTES, deflated.length * MAX_INFLATE_RATIO),
  );
  try {
    return inflateRawSync(deflated, { maxOutputLength: limit });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new TandemError('too-large', `The deflated data set inflates to more than ${limit >> 20} MB`);
    }
    if (code === 'Z_BUF_ERROR') throw new TandemError('truncated', 'The deflated data set is cut short');
    throw new TandemError('bad-header', 'The deflated data set cannot be inflated');
  }
}
