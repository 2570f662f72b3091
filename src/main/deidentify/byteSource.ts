import type { FileHandle } from 'node:fs/promises';
import { ITEM, readElementHeader, SEQUENCE_END, UNDEFINED_LENGTH } from '../../core/dicom/elementHeader.ts';
import { TandemError } from '../../core/errors.ts';
import { readBytes } from '../studies/dicomFile.ts';

/** Bytes that are read where they are wanted: a file, or what was inflated of it. */
export interface ByteSource {
  readonly length: number;
  /** Bytes from a position on; fewer where they end before. */
  read(at: number, count: number): Promise<Uint8Array>;
}

export function fileSource(file: FileHandle, length: number): ByteSource {
  return { length, read: (at, count) => readBytes(file, Math.max(0, Math.min(count, length - at)), at) };
}

export function memorySource(bytes: Uint8Array): ByteSource {
  return { length: bytes.length, read: async (at, count) => bytes.subarray(at, at + count) };
}

const PIXEL_GROUP = 0x7fe0;

/**
 * Where the pixel group that begins at a position ends: pixels are stepped over, fragment by fragment where
 * they are compressed, and never read.
 *
 * @throws TandemError `truncated` where the bytes end before, `bad-header` where fragments cannot be followed.
 */
export async function endOfPixelGroup(
  source: ByteSource,
  start: number,
  encoding: { readonly explicit: boolean; readonly littleEndian: boolean },
): Promise<number> {
  let at = start;
  while (at + 8 <= source.length) {
    const bytes = await source.read(at, 12);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint16(0, encoding.littleEndian) !== PIXEL_GROUP) return at;
    const header = readElementHeader(view, 0, encoding);
    if (header === undefined) throw cutShort();
    at += header.headerLength;
    at = header.length === UNDEFINED_LENGTH ? await endOfFragments(source, at, encoding) : at + header.length;
    if (at > source.length) throw cutShort();
  }
  return at;
}

async function endOfFragments(
  source: ByteSource,
  start: number,
  { littleEndian }: { readonly littleEndian: boolean },
): Promise<number> {
  let at = start;
  for (;;) {
    const bytes = await source.read(at, 8);
    if (bytes.length < 8) throw cutShort();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const tag = view.getUint16(0, littleEndian) * 0x10000 + view.getUint16(2, littleEndian);
    const length = view.getUint32(4, littleEndian);
    at += 8;
    if (tag === SEQUENCE_END) return at;
    if (tag !== ITEM || length === UNDEFINED_LENGTH) {
      throw new TandemError('bad-header', 'The compressed pixels cannot be followed to their end');
    }
    at += length;
  }
}

function cutShort(): TandemError {
  return new TandemError('truncated', 'The file ends before its pixels do', {
    hint: 'Copy or export it again.',
  });
}
