import { TandemError } from '../../errors.ts';
import { ITEM, ITEM_END, isVr, readElementHeader, SEQUENCE_END, UNDEFINED_LENGTH } from '../elementHeader.ts';
import { formatTag } from '../tags.ts';
import { endOfUndefined } from '../undefinedLength.ts';
import type { DataElement, DataSet } from './dataSet.ts';
import type { VrDictionary } from './dictionary.ts';
import { turned } from './encode.ts';

/**
 * A source's data set as elements that can be written again: every value the bytes it was, sequences
 * opened, implicit VRs looked up, big-endian numbers turned round. Stops before the pixel data. Private
 * elements are left out at every level: they describe the source's own pixels, and nobody can say how.
 *
 * @param bytes a file, or an inflated data set (then without prefix and file meta information).
 * @throws TandemError `bad-header` where a value or item does not end.
 */
export function readElements(bytes: Uint8Array, littleEndian: boolean, dictionary: VrDictionary): DataSet {
  return readWithPrivate(bytes, littleEndian, dictionary, { keepPrivate: false }).dataSet;
}

/** A data set that can be written again, and where in the bytes it ended. */
export interface ReadDataSet {
  readonly dataSet: DataSet;
  /** Of the first element of the pixel group, or of the end. */
  readonly at: number;
  /** Whether the elements were written with VRs. */
  readonly explicit: boolean;
}

/**
 * As `readElements`, private elements included where they are asked for; those without a VR are UN.
 *
 * @param options.start where the data set begins; after prefix and file meta information where it is not given.
 */
export function readWithPrivate(
  bytes: Uint8Array,
  littleEndian: boolean,
  dictionary: VrDictionary,
  options: {
    readonly keepPrivate: boolean;
    readonly start?: number | undefined;
    readonly explicit?: boolean | undefined;
  },
): ReadDataSet {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = options.start ?? skipMeta(bytes, view);
  const explicit = options.explicit ?? isVr(bytes[start + 4], bytes[start + 5]);
  const { keepPrivate } = options;
  const reader: Reader = { bytes, view, littleEndian, dictionary, keepPrivate, isSigned: false };
  const { elements, at } = readDataSet(reader, { at: start, end: bytes.length }, explicit, 0);
  return { dataSet: elements, at, explicit };
}

interface Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly littleEndian: boolean;
  readonly dictionary: VrDictionary;
  readonly keepPrivate: boolean;
  /** Pixel Representation of the image: decides US or SS where the dictionary leaves it open. */
  isSigned: boolean;
}

interface Range {
  readonly at: number;
  readonly end: number;
}

const PIXEL_GROUP = 0x7fe0;
const PIXEL_REPRESENTATION = 0x00280103;
const DEEPEST = 64;

function skipMeta(bytes: Uint8Array, view: DataView): number {
  const hasPrefix = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4)) === 'DICM';
  let at = hasPrefix(128) ? 132 : hasPrefix(0) ? 4 : 0;
  while (at + 8 <= bytes.length && view.getUint16(at, true) === 2) {
    const header = readElementHeader(view, at, { explicit: true, littleEndian: true });
    if (header === undefined) break;
    at += header.headerLength + header.length;
  }
  return at;
}

function readDataSet(
  reader: Reader,
  range: Range,
  explicit: boolean,
  depth: number,
): { elements: DataElement[]; at: number } {
  if (depth > DEEPEST) throw new TandemError('bad-header', 'Sequences are nested too deeply');
  const { view, littleEndian } = reader;
  const elements: DataElement[] = [];
  let at = range.at;
  while (at + 8 <= range.end) {
    const tag = readTag(reader, at);
    if (tag === ITEM_END || tag === SEQUENCE_END) return { elements, at: at + 8 };
    if (tag >>> 16 === PIXEL_GROUP && depth === 0) break;
    const header = readHeader(reader, tag, at, explicit, range.end);
    const undefinedLength = header.length === UNDEFINED_LENGTH;
    if (undefinedLength && tag >>> 16 === PIXEL_GROUP) {
      // Compressed pixels within an item, an icon's: fragments are no data sets.
      const after = endOfUndefined(view, header.offset, header.vr, { explicit, littleEndian });
      if (after === undefined || after > range.end) throw runsOut(tag);
      at = after;
      continue;
    }
    const end = undefinedLength ? range.end : header.offset + header.length;
    if (end > range.end) throw runsOut(tag);
    const items =
      header.vr === 'SQ' || undefinedLength
        ? sequenceItems(reader, header, { end, explicit }, depth)
        : undefined;
    at = undefinedLength ? items!.at : end;
    if (tag === PIXEL_REPRESENTATION && header.length >= 2) {
      reader.isSigned = view.getUint16(header.offset, littleEndian) === 1;
    }
    const value = items?.items ?? littleEndianValue(reader, header);
    const vr = items !== undefined ? 'SQ' : header.vr === 'SQ' ? 'UN' : header.vr;
    const isPrivate = (tag >>> 16) % 2 === 1;
    const isGroupLength = (tag & 0xffff) === 0;
    if ((!isPrivate || reader.keepPrivate) && !isGroupLength) elements.push({ tag, vr, value });
  }
  return { elements, at };
}

/**
 * The items of a sequence. One of unknown VR is always implicit little endian inside (PS3.5, section 6.2.2,
 * note 4): gateways make these of sequences that they do not know. Undefined where such a value is no list
 * of items after all: it stays the bytes it is.
 */
function sequenceItems(
  reader: Reader,
  header: Header,
  { end, explicit }: { readonly end: number; readonly explicit: boolean },
  depth: number,
) {
  const range = { at: header.offset, end };
  if (!header.isUnknown) return readItems(reader, range, explicit, depth);
  const inside: Reader = { ...reader, littleEndian: true };
  if (header.length === UNDEFINED_LENGTH) return readItems(inside, range, false, depth);
  try {
    return readItems(inside, range, false, depth);
  } catch (error) {
    if (error instanceof TandemError) return undefined;
    throw error;
  }
}

function readItems(reader: Reader, range: Range, explicit: boolean, depth: number) {
  const items: DataSet[] = [];
  let at = range.at;
  while (at + 8 <= range.end) {
    const tag = readTag(reader, at);
    if (tag === SEQUENCE_END) return { items, at: at + 8 };
    if (tag !== ITEM) throw new TandemError('bad-header', 'A sequence holds something that is no item');
    const length = reader.view.getUint32(at + 4, reader.littleEndian);
    const end = length === UNDEFINED_LENGTH ? range.end : at + 8 + length;
    if (end > range.end) throw runsOut(tag);
    const item = readDataSet(reader, { at: at + 8, end }, explicit, depth + 1);
    items.push(item.elements);
    at = length === UNDEFINED_LENGTH ? item.at : end;
  }
  return { items, at };
}

interface Header {
  /** As written, or as the dictionary knows it where it is written as UN or not at all. */
  readonly vr: string;
  /** Written as UN: then the value is little endian, whatever the rest is. */
  readonly isUnknown: boolean;
  readonly offset: number;
  readonly length: number;
}

function readHeader(reader: Reader, tag: number, at: number, explicit: boolean, end: number): Header {
  const { view, littleEndian } = reader;
  const header = readElementHeader(view, at, { explicit, littleEndian });
  if (header === undefined || at + header.headerLength > end) throw runsOut(tag);
  const { vr = 'UN', headerLength, length } = header;
  // Blanks, as some exporters write, say as little as UN does.
  const isNamed = vr !== 'UN' && /^[A-Z]{2}$/.test(vr);
  return {
    vr: isNamed ? vr : knownVr(reader, tag),
    isUnknown: header.vr === 'UN',
    offset: at + headerLength,
    length,
  };
}

function knownVr(reader: Reader, tag: number): string {
  const vr = reader.dictionary(tag);
  if (vr === 'xs') return reader.isSigned ? 'SS' : 'US';
  return vr === undefined || vr === 'ox' || !/^[A-Z]{2}$/.test(vr) ? 'UN' : vr;
}

function readTag(reader: Reader, at: number): number {
  const { view, littleEndian } = reader;
  return view.getUint16(at, littleEndian) * 0x10000 + view.getUint16(at + 2, littleEndian);
}

function littleEndianValue(reader: Reader, { vr, isUnknown, offset, length }: Header): Uint8Array {
  const value = reader.bytes.subarray(offset, offset + length);
  return reader.littleEndian || isUnknown ? value : turned(vr, value);
}

function runsOut(tag: number): TandemError {
  return new TandemError('bad-header', `The value of ${formatTag(tag)} goes on past its end`);
}
