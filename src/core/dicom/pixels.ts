import { TandemError } from '../errors.ts';
import type { DataSet } from './dataSet.ts';
import type { PixelPlace } from './elements.ts';
import type { Place } from './encapsulated.ts';
import { TAG } from './tags.ts';
import { describeSyntax, pixelCoding } from './transferSyntax.ts';

/** How the pixels of a grey image of one or many frames are stored (PS3.3, C.7.6.3; PS3.5, section 8). */
export interface PixelFormat {
  readonly transferSyntaxUid: string;
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly bitsAllocated: 8 | 16 | 32;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  readonly littleEndian: boolean;
  /** Real-world value = stored value · slope + intercept. */
  readonly slope: number;
  readonly intercept: number;
  /** Stored values that stand for no measurement (Pixel Padding Value and Range Limit; PS3.3, C.7.5.1.1.2). */
  readonly padding: PaddingRange | undefined;
  /** Pixels come in fragments (PS3.5, A.4), compressed or not; otherwise frame follows frame. */
  readonly encapsulated: boolean;
  /** Of the pixels, from the start of the file or of the inflated data set; of the first item where encapsulated. */
  readonly offset: number;
  /** Bytes of all frames; where encapsulated, of what may hold them: the rest of the file. */
  readonly length: number;
  /** Of the Extended Offset Table, where there is one. */
  readonly extendedOffsets: Place | undefined;
}

/** Stored values from the lowest to the highest, both among them. */
export interface PaddingRange {
  readonly lowest: number;
  readonly highest: number;
}

/** Real-world value = stored value · slope + intercept. */
export interface Rescale {
  readonly slope: number;
  readonly intercept: number;
}

const MAX_EDGE = 16_384;
const MAX_FRAMES = 1_000_000;
const GREY: ReadonlySet<string> = new Set(['MONOCHROME1', 'MONOCHROME2']);
const PALETTE = 'PALETTE COLOR';

/** Bytes of one frame as it is stored, or as it is once decompressed. */
export function frameBytes({ rows, columns, bitsAllocated }: PixelFormat): number {
  return (rows * columns * bitsAllocated) / 8;
}

/**
 * The pixel format of a data set, checked: nothing is allocated by what a header merely claims.
 * @param availableBytes of the file (or inflated data set), to hold the pixel data's claim against
 * @param kind `numbered`: stored values that stand for something else, as the labels of a label map, may have a palette
 * @throws TandemError `not-an-image`, `bad-header`, `unsupported-format`, `unsupported-transfer-syntax`, `truncated`
 */
export function pixelFormat(
  dataSet: DataSet,
  availableBytes: number,
  kind: 'grey' | 'numbered' = 'grey',
): PixelFormat {
  const place = pixelPlace(dataSet);
  const { transferSyntaxUid } = dataSet;
  const encapsulated = isEncapsulated(transferSyntaxUid, place);
  const rows = edge(dataSet, TAG.Rows, 'Rows');
  const columns = edge(dataSet, TAG.Columns, 'Columns');
  const frames = frameCount(dataSet);
  checkKind(dataSet, kind === 'numbered');
  const signed = (dataSet.uint16s(TAG.PixelRepresentation)?.[0] ?? 0) === 1;
  const format: PixelFormat = {
    transferSyntaxUid,
    rows,
    columns,
    frames,
    ...bits(dataSet),
    signed,
    littleEndian: dataSet.littleEndian,
    ...rescale(dataSet),
    padding: padding(dataSet, signed),
    encapsulated,
    offset: place.offset,
    length: availableBytes - place.offset,
    extendedOffsets: encapsulated ? dataSet.place(TAG.ExtendedOffsetTable) : undefined,
  };
  if (encapsulated) return format;
  const length = frames * frameBytes(format);
  // An odd length is padded to an even one.
  if (place.length < length || place.length > length + (length % 2)) {
    const pixels = `${columns} × ${rows} pixels${frames === 1 ? '' : ` in ${frames} frames`}`;
    throw new TandemError(
      'bad-header',
      `${pixels} take ${length} bytes, but the pixel data has ${place.length}`,
    );
  }
  if (place.offset + length > availableBytes) {
    throw new TandemError('truncated', 'The file ends in the middle of its pixels', {
      hint: 'Copy or export it again.',
    });
  }
  return { ...format, length };
}

/** Where the pixels are. @throws TandemError where there are none, or they are floating-point numbers */
export function pixelPlace(dataSet: DataSet): PixelPlace {
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
  return place;
}

/** Whether the pixels come in fragments, as the syntax says and the data set must agree. */
function isEncapsulated(uid: string, place: PixelPlace): boolean {
  const coding = pixelCoding(uid);
  if (coding === undefined) {
    throw new TandemError(
      'unsupported-transfer-syntax',
      `Pixels compressed as ${describeSyntax(uid)} are not read`,
      { hint: 'Export the series uncompressed.' },
    );
  }
  if (place.encapsulated !== (coding !== 'native')) {
    throw new TandemError(
      'bad-header',
      place.encapsulated
        ? 'The pixels are compressed, but the transfer syntax says they are not'
        : `The pixels come in one piece, but the transfer syntax, ${describeSyntax(uid)}, has them in fragments`,
    );
  }
  return place.encapsulated;
}

/** Rows or Columns, within what can be read. @throws TandemError `bad-header` */
export function edge(dataSet: DataSet, tag: number, keyword: string): number {
  const value = dataSet.uint16(tag, keyword);
  if (value < 1 || value > MAX_EDGE) {
    throw new TandemError('bad-header', `${keyword} is ${value}; 1 to ${MAX_EDGE} can be read`);
  }
  return value;
}

/** Number of Frames, 1 where it is absent. @throws TandemError `bad-header` */
export function frameCount(dataSet: DataSet): number {
  const stated =
    dataSet.strings(TAG.NumberOfFrames).length === 0 ? [1] : dataSet.decimals(TAG.NumberOfFrames);
  const frames = stated?.length === 1 ? stated[0] : undefined;
  if (frames === undefined || !Number.isInteger(frames) || frames < 1 || frames > MAX_FRAMES) {
    throw new TandemError('bad-header', `The number of frames is not a number from 1 to ${MAX_FRAMES}`);
  }
  return frames;
}

function bits(dataSet: DataSet): Pick<PixelFormat, 'bitsAllocated' | 'bitsStored' | 'highBit'> {
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
  return { bitsAllocated, bitsStored, highBit };
}

function checkKind(dataSet: DataSet, mayHavePalette: boolean): void {
  const samples = dataSet.uint16s(TAG.SamplesPerPixel)?.[0] ?? 1;
  const photometric = dataSet.string(TAG.PhotometricInterpretation) ?? 'MONOCHROME2';
  if (samples === 1 && mayHavePalette && photometric === PALETTE) return;
  if (samples !== 1 || !GREY.has(photometric)) {
    throw new TandemError(
      'unsupported-format',
      `Only grey images are read, and this one is ${photometric} with ${samples} samples a pixel`,
    );
  }
}

function padding(dataSet: DataSet, signed: boolean): PaddingRange | undefined {
  const value = dataSet.word(TAG.PixelPaddingValue, signed);
  if (value === undefined) return undefined;
  const limit = dataSet.word(TAG.PixelPaddingRangeLimit, signed) ?? value;
  return { lowest: Math.min(value, limit), highest: Math.max(value, limit) };
}

function rescale(dataSet: DataSet): Rescale {
  const one = (tag: number): number | undefined => {
    const values = dataSet.decimals(tag);
    return values?.length === 1 ? values[0] : undefined;
  };
  const slope = dataSet.has(TAG.RescaleSlope) ? one(TAG.RescaleSlope) : 1;
  const intercept = dataSet.has(TAG.RescaleIntercept) ? one(TAG.RescaleIntercept) : 0;
  if (slope === undefined || slope === 0 || intercept === undefined) {
    throw new TandemError('bad-header', 'The rescale slope or intercept is not a usable number');
  }
  return { slope, intercept };
}
