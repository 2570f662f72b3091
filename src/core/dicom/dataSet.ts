import { TandemError } from '../errors.ts';
import { decodeText, displayText } from './charset.ts';
import { isVr } from './elementHeader.ts';
import { type ElementPlace, type PixelPlace, type Walk, walkElements } from './elements.ts';
import { formatTag, TAG } from './tags.ts';
import {
  DEFLATED_LITTLE_ENDIAN,
  EXPLICIT_BIG_ENDIAN,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
} from './transferSyntax.ts';

/** Inflates raw deflate data; throws where the result would be too large. */
export type InflateRaw = (deflated: Uint8Array) => Uint8Array;

export interface ParseOptions {
  /** Bytes of the whole file, of which only the beginning may be given. */
  readonly fileBytes: number;
  /** For the deflated transfer syntax; without it such files are refused. */
  readonly inflateRaw?: InflateRaw | undefined;
}

/** `more`: the beginning given was too short to reach the pixel data. */
export type ParseResult = { readonly dataSet: DataSet } | { readonly more: true };

/**
 * Whether a file could be DICOM: the prefix of PS3.10, section 7.1, or, for files written without it, a
 * first element of the groups that a file can begin with.
 */
export function looksLikeDicom(bytes: Uint8Array): boolean {
  return hasPrefix(bytes, 128) || hasPrefix(bytes, 0) || beginsWithDataSet(bytes);
}

/**
 * Reads a data set up to its pixel data.
 * @param bytes the file, or its beginning
 * @throws TandemError `not-an-image` (not DICOM), `bad-header`, `truncated`, `unsupported-transfer-syntax`
 */
export function parseDataSet(bytes: Uint8Array, options: ParseOptions): ParseResult {
  const isWhole = bytes.length >= options.fileBytes;
  if (!looksLikeDicom(bytes)) {
    throw new TandemError('not-an-image', 'This is neither DICOM nor NIfTI');
  }
  let start = hasPrefix(bytes, 128) ? 132 : hasPrefix(bytes, 0) ? 4 : 0;
  let meta: DataSet | undefined;
  if (bytes[start] === 2 && bytes[start + 1] === 0) {
    const walk = walkElements(bytes, { explicit: true, littleEndian: true, start, onlyGroup: 2 });
    if (walk.incomplete) return short(isWhole);
    meta = new DataSet(bytes, walk, true, EXPLICIT_LITTLE_ENDIAN);
    start = walk.end;
  }
  const declared = meta?.string(TAG.TransferSyntaxUID);
  let body = bytes;
  if (declared === DEFLATED_LITTLE_ENDIAN) {
    if (options.inflateRaw === undefined) {
      throw new TandemError('unsupported-transfer-syntax', 'The data set is deflated');
    }
    if (!isWhole) return { more: true };
    body = options.inflateRaw(bytes.subarray(start));
    start = 0;
  }
  const encoding = encodingOf(body, start, declared);
  const walk = walkElements(body, { ...encoding, start });
  if (walk.incomplete) return short(isWhole);
  const reachesTheEnd = walk.pixelData !== undefined || isWhole;
  if (!reachesTheEnd) return { more: true };
  return { dataSet: new DataSet(body, walk, encoding.littleEndian, declared ?? encoding.syntax) };
}

function short(isWhole: boolean): ParseResult {
  if (!isWhole) return { more: true };
  throw new TandemError('truncated', 'The file ends in the middle of its header', {
    hint: 'Copy or export it again.',
  });
}

function hasPrefix(bytes: Uint8Array, at: number): boolean {
  return String.fromCharCode(...bytes.subarray(at, at + 4)) === 'DICM';
}

/** Explicit or implicit, an element of group 2 or 8 whose length is small: how a bare data set begins. */
function beginsWithDataSet(bytes: Uint8Array): boolean {
  if (bytes.length < 12) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const group = view.getUint16(0, true);
  if (group === 2 || group === 8) {
    return view.getUint16(2, true) < 0x100 && (isVr(bytes[4], bytes[5]) || view.getUint32(4, true) < 1024);
  }
  return view.getUint16(0, false) === 8 && isVr(bytes[4], bytes[5]);
}

/**
 * Explicit or implicit and the byte order, from the transfer syntax, corrected by what the first element
 * shows: some exporters write an implicit data set under an explicit syntax, or the other way round.
 */
function encodingOf(bytes: Uint8Array, start: number, declared: string | undefined) {
  const hasVr = isVr(bytes[start + 4], bytes[start + 5]);
  const bigEndian =
    declared === EXPLICIT_BIG_ENDIAN || (declared === undefined && hasVr && bytes[start] === 0);
  return {
    explicit: bytes.length < start + 8 ? declared !== IMPLICIT_LITTLE_ENDIAN : hasVr,
    littleEndian: !bigEndian,
    syntax: bigEndian ? EXPLICIT_BIG_ENDIAN : hasVr ? EXPLICIT_LITTLE_ENDIAN : IMPLICIT_LITTLE_ENDIAN,
  };
}

/** Longest text value that is decoded; names and descriptions are far shorter. */
const MAX_TEXT_BYTES = 65_536;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** The values of a data set's top level. Absent, empty and unreadable values are undefined, never a guess. */
export class DataSet {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  readonly transferSyntaxUid: string;
  readonly pixelData: PixelPlace | undefined;
  readonly #elements: ReadonlyMap<number, ElementPlace>;
  readonly #view: DataView;
  readonly #characterSets: readonly string[];

  constructor(bytes: Uint8Array, walk: Walk, littleEndian: boolean, transferSyntaxUid: string) {
    this.bytes = bytes;
    this.littleEndian = littleEndian;
    this.transferSyntaxUid = transferSyntaxUid;
    this.pixelData = walk.pixelData;
    this.#elements = walk.elements;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#characterSets = this.strings(TAG.SpecificCharacterSet);
  }

  has(tag: number): boolean {
    return this.#elements.has(tag);
  }

  /** The tags present, ascending as in the file. */
  tags(): number[] {
    return [...this.#elements.keys()];
  }

  /** Where a value lies in `bytes`: sequences, of defined or undefined length, among them. */
  place(tag: number): ElementPlace | undefined {
    return this.#elements.get(tag);
  }

  #valueBytes(tag: number): Uint8Array | undefined {
    const place = this.#elements.get(tag);
    if (place === undefined || place.length === 0 || place.length > MAX_TEXT_BYTES) return undefined;
    return this.bytes.subarray(place.offset, place.offset + place.length);
  }

  /** Values of a code or identifier (AE, CS, UI, IS, DS …), trimmed; empty values of a list stay empty. */
  strings(tag: number): string[] {
    const bytes = this.#valueBytes(tag);
    if (bytes === undefined) return [];
    const text = String.fromCharCode(...bytes.subarray(0, 8192)).replace(/[\0 ]+$/, '');
    return text === '' ? [] : text.split('\\').map((value) => value.replaceAll(/^[\0 ]+|[\0 ]+$/g, ''));
  }

  /** The first of `strings`, undefined where empty. */
  string(tag: number): string | undefined {
    const value = this.strings(tag)[0];
    return value === '' ? undefined : value;
  }

  /** Text in the data set's character set, fit for display; '' where absent. */
  text(tag: number): string {
    const bytes = this.#valueBytes(tag);
    return bytes === undefined ? '' : displayText(decodeText(bytes, this.#characterSets));
  }

  /** `strings`, fit for display. */
  words(tag: number): string[] {
    return this.strings(tag)
      .slice(0, 64)
      .map((value) => displayText(value, 64));
  }

  /** Values of a DS or IS; undefined where absent or where any of them is not a finite decimal number. */
  decimals(tag: number): number[] | undefined {
    const texts = this.strings(tag);
    if (texts.length === 0) return undefined;
    const numbers = texts.map((text) => (DECIMAL.test(text) ? Number(text) : Number.NaN));
    return numbers.every(Number.isFinite) ? numbers : undefined;
  }

  /** The first value of a DS or IS. */
  decimal(tag: number): number | undefined {
    return this.decimals(tag)?.[0];
  }

  /** Values of an FD. */
  doubles(tag: number): number[] | undefined {
    const place = this.#elements.get(tag);
    if (place === undefined || place.length === 0 || place.length % 8 !== 0 || place.length > 1024)
      return undefined;
    const values: number[] = [];
    for (let n = 0; n < place.length; n += 8) {
      values.push(this.#view.getFloat64(place.offset + n, this.littleEndian));
    }
    return values.every(Number.isFinite) ? values : undefined;
  }

  /** Values of a US; undefined where absent. @throws TandemError `bad-header` where the element is no US */
  uint16s(tag: number): number[] | undefined {
    const place = this.#elements.get(tag);
    if (place === undefined || place.length === 0) return undefined;
    const isUs = place.vr === undefined || place.vr === 'US';
    if (!isUs || place.length % 2 !== 0 || place.length > 1024) {
      throw new TandemError('bad-header', `Element ${formatTag(tag)} must hold 16-bit numbers and does not`);
    }
    const values: number[] = [];
    for (let n = 0; n < place.length; n += 2) {
      values.push(this.#view.getUint16(place.offset + n, this.littleEndian));
    }
    return values;
  }

  /** A single 16-bit number that may be US or SS, by the sign of the pixels; undefined where it is neither. */
  word(tag: number, signed: boolean): number | undefined {
    const place = this.#elements.get(tag);
    if (place?.length !== 2) return undefined;
    return signed
      ? this.#view.getInt16(place.offset, this.littleEndian)
      : this.#view.getUint16(place.offset, this.littleEndian);
  }

  /** The one value of a US. @throws TandemError `bad-header` where it is absent, no US, or not one value */
  uint16(tag: number, keyword: string): number {
    const values = this.uint16s(tag);
    if (values?.length !== 1) {
      throw new TandemError('bad-header', `${keyword} ${formatTag(tag)} is missing or is not one number`);
    }
    return values[0]!;
  }
}
