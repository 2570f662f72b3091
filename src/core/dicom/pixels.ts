import { TandemError } from '../errors.ts';
import type { DataSet } from './dataSet.ts';
import { TAG } from './tags.ts';

/** How the pixels of a single-frame grey image are stored (PS3.3, C.7.6.3; PS3.5, section 8). */
export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  readonly bitsAllocated: 8 | 16 | 32;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  readonly littleEndian: boolean;
  /** Real-world value = stored value · slope + intercept. */
  readonly slope: number;
  readonly intercept: number;
  /** Of the pixels, from the start of the data set's bytes. */
  readonly offset: number;
  readonly length: number;
}

const MAX_EDGE = 16_384;

/**
 * The pixel format of a data set, checked: nothing is allocated by what a header merely claims.
 * @param availableBytes of the file (or inflated data set), to hold the pixel data's claim against
 * @throws TandemError `not-an-image`, `bad-header`, `unsupported-format`, `truncated`
 */
export function pixelFormat(dataSet: DataSet, availableBytes: number): PixelFormat {
  const place = dataSet.pixelData;
  if (place === undefined) {
    if (dataSet.has(TAG.Rows)) {
      throw new TandemError('truncated', 'The header describes an image, but no pixels follow it', {
        hint: 'Copy or export it again.',
      });
    }
    throw new TandemError('not-an-image', 'This DICOM object is no image: it has no pixel data');
  }
  if (place.tag !== TAG.PixelData) {
    throw new TandemError('unsupported-format', 'Pixels stored as floating-point numbers are not read');
  }
  const rows = edge(dataSet, TAG.Rows, 'Rows');
  const columns = edge(dataSet, TAG.Columns, 'Columns');
  checkKind(dataSet);
  const bitsAllocated = dataSet.uint16(TAG.BitsAllocated, 'Bits Allocated');
  if (bitsAllocated !== 8 && bitsAllocated !== 16 && bitsAllocated !== 32) {
    throw new TandemError(
      'unsupported-format',
      `Pixels of ${bitsAllocated} bits are not read (8, 16 and 32 are)`,
    );
  }
  const bitsStored = dataSet.uint16(TAG.BitsStored, 'Bits Stored');
  const highBit = dataSet.uint16s(TAG.HighBit)?.[0] ?? bitsStored - 1;
  if (bitsStored < 1 || bitsStored > bitsAllocated || highBit >= bitsAllocated || highBit + 1 < bitsStored) {
    throw new TandemError(
      'bad-header',
      `${bitsStored} bits stored with high bit ${highBit} do not fit ${bitsAllocated} bits allocated`,
    );
  }
  const expected = (rows * columns * bitsAllocated) / 8;
  // An odd length is padded to an even one.
  if (place.length < expected || place.length > expected + (expected % 2)) {
    throw new TandemError(
      'bad-header',
      `${columns} × ${rows} pixels take ${expected} bytes, but the pixel data has ${place.length}`,
    );
  }
  if (place.offset + expected > availableBytes) {
    throw new TandemError('truncated', 'The file ends in the middle of its pixels', {
      hint: 'Copy or export it again.',
    });
  }
  return {
    rows,
    columns,
    bitsAllocated,
    bitsStored,
    highBit,
    signed: (dataSet.uint16s(TAG.PixelRepresentation)?.[0] ?? 0) === 1,
    littleEndian: dataSet.littleEndian,
    ...rescale(dataSet),
    offset: place.offset,
    length: expected,
  };
}

function edge(dataSet: DataSet, tag: number, keyword: string): number {
  const value = dataSet.uint16(tag, keyword);
  if (value < 1 || value > MAX_EDGE) {
    throw new TandemError('bad-header', `${keyword} is ${value}; 1 to ${MAX_EDGE} can be read`);
  }
  return value;
}

function checkKind(dataSet: DataSet): void {
  const samples = dataSet.uint16s(TAG.SamplesPerPixel)?.[0] ?? 1;
  const photometric = dataSet.string(TAG.PhotometricInterpretation) ?? 'MONOCHROME2';
  if (samples !== 1 || photometric !== 'MONOCHROME2') {
    throw new TandemError(
      'unsupported-format',
      photometric === 'MONOCHROME1'
        ? 'Images stored with inverted grey levels (MONOCHROME1) are not read'
        : `Only grey images are read, and this one is ${photometric} with ${samples} samples a pixel`,
    );
  }
}

function rescale(dataSet: DataSet): { slope: number; intercept: number } {
  const slope = dataSet.has(TAG.RescaleSlope) ? dataSet.decimal(TAG.RescaleSlope) : 1;
  const intercept = dataSet.has(TAG.RescaleIntercept) ? dataSet.decimal(TAG.RescaleIntercept) : 0;
  if (slope === undefined || slope === 0 || intercept === undefined) {
    throw new TandemError('bad-header', 'The rescale slope or intercept is not a usable number');
  }
  return { slope, intercept };
}

/**
 * Pixels in real-world units, row-major.
 * @param bytes what `format.offset` counts from
 */
export function decodePixels(bytes: Uint8Array, format: PixelFormat): Float32Array {
  const { bitsAllocated, bitsStored, highBit, signed, slope, intercept, littleEndian } = format;
  const count = format.rows * format.columns;
  const out = new Float32Array(count);
  const view = new DataView(bytes.buffer, bytes.byteOffset + format.offset, format.length);
  // Moves the stored bits to the top of 32 and back down: that drops other bits and extends the sign.
  const up = 31 - highBit;
  const down = 32 - bitsStored;
  for (let n = 0; n < count; n++) {
    const raw =
      bitsAllocated === 16
        ? view.getUint16(2 * n, littleEndian)
        : bitsAllocated === 8
          ? view.getUint8(n)
          : view.getUint32(4 * n, littleEndian);
    const value = signed ? (raw << up) >> down : (raw << up) >>> down;
    out[n] = value * slope + intercept;
  }
  return out;
}
