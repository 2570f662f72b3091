import { TandemError } from '../errors.ts';
import type { DataSet } from './dataSet.ts';
import { edge, frameCount, pixelPlace } from './pixels.ts';
import { TAG } from './tags.ts';

/** Pixels of one bit (PS3.5, 8.1.1 and 8.2): lowest bit first, frames following each other without padding. */
export interface BitPixels {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  /** Of the first byte, from the start of the file or of the inflated data set. */
  readonly offset: number;
}

/**
 * Where the one-bit pixels of a data set are, checked against what is there.
 * @param availableBytes of the file (or inflated data set)
 * @throws TandemError `not-an-image`, `bad-header`, `unsupported-transfer-syntax`, `truncated`
 */
export function bitPixels(dataSet: DataSet, availableBytes: number): BitPixels {
  const place = pixelPlace(dataSet);
  if (place.encapsulated) {
    throw new TandemError('unsupported-transfer-syntax', 'Compressed pixels of one bit are not read', {
      hint: 'Export it uncompressed.',
    });
  }
  const rows = edge(dataSet, TAG.Rows, 'Rows');
  const columns = edge(dataSet, TAG.Columns, 'Columns');
  const frames = frameCount(dataSet);
  const length = Math.ceil((rows * columns * frames) / 8);
  if (place.length < length) {
    throw new TandemError(
      'bad-header',
      `${frames} frames of ${columns} × ${rows} bits take ${length} bytes, but the pixel data has ${place.length}`,
    );
  }
  if (place.offset + length > availableBytes) {
    throw new TandemError('truncated', 'The file ends in the middle of its pixels', {
      hint: 'Copy or export it again.',
    });
  }
  return { rows, columns, frames, offset: place.offset };
}

/** The bytes that hold a frame, from `offset` on, and how many bits before its first one. @param frame from 0 */
export function bitsOfFrame(
  { rows, columns }: BitPixels,
  frame: number,
): { readonly from: number; readonly count: number; readonly skip: number } {
  const first = rows * columns * frame;
  const from = Math.floor(first / 8);
  return { from, count: Math.ceil((first + rows * columns) / 8) - from, skip: first % 8 };
}

/** `count` bits after the first `skip`, each 0 or 1. */
export function unpackBits(bytes: Uint8Array, skip: number, count: number): Uint8Array {
  const bits = new Uint8Array(count);
  for (let n = 0, at = skip; n < count; n++, at++) bits[n] = (bytes[at >>> 3]! >>> (at & 7)) & 1;
  return bits;
}
