import { type Encoding, ITEM, isLongVr } from '../elementHeader.ts';
import { EXPLICIT_LITTLE_ENDIAN } from '../transferSyntax.ts';
import { inOneCharacterSet } from './characterSet.ts';
import { type DataElement, type DataSet, text } from './dataSet.ts';
import { T } from './tags.ts';
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from './uids.ts';

/** VRs padded with a zero byte; all other text with a space (PS3.5, section 6.2). */
const ZERO_PADDED = new Set(['UI', 'OB', 'UN', 'OW', 'OD', 'OF', 'OL', 'OV']);
const LONGEST_SHORT_VALUE = 0xfffe;
/** Of a value with a 32-bit length; all ones mean a length that is not given. */
export const LONGEST_VALUE = 0xfffffffe;

/**
 * A DICOM file (PS3.10): a preamble of zeros, file meta information, and the data set in explicit VR little
 * endian with defined lengths, in one character set. The data set has to be sorted and to hold SOP class and
 * instance UID.
 */
export function encodeDicomFile(written: DataSet): Uint8Array {
  const dataSet = inOneCharacterSet(written);
  const prefix = encodeFilePrefix(dataSet, EXPLICIT_LITTLE_ENDIAN);
  const bytes = new Uint8Array(prefix.length + encodedLength(dataSet, EXPLICIT));
  bytes.set(prefix);
  writeDataSet(writerOf(bytes, EXPLICIT, prefix.length), dataSet);
  return bytes;
}

/**
 * As `encodeDicomFile`, for pixels that are written piece by piece: all that stands before them, the header of Pixel
 * Data (OW) among it. The data set must not reach beyond the pixels, and `pixelBytes` must be even.
 *
 * @throws RangeError where an element cannot hold so many bytes (PS3.5, section 7.1.1)
 */
export function encodeFileHead(written: DataSet, pixelBytes: number): Uint8Array {
  if (pixelBytes > LONGEST_VALUE || pixelBytes % 2 !== 0) {
    throw new RangeError(`${pixelBytes} bytes of pixels do not fit one element.`);
  }
  const dataSet = inOneCharacterSet(written);
  const prefix = encodeFilePrefix(dataSet, EXPLICIT_LITTLE_ENDIAN);
  const length = encodedLength(dataSet, EXPLICIT);
  const bytes = new Uint8Array(prefix.length + length + 12);
  bytes.set(prefix);
  const writer = writerOf(bytes, EXPLICIT, prefix.length);
  writeDataSet(writer, dataSet);
  writeTag(writer, T.PixelData);
  bytes.set([0x4f, 0x57], writer.at);
  writer.view.setUint32(writer.at + 4, pixelBytes, true);
  return bytes;
}

/** What stands before a data set in a file: a preamble of zeros, the prefix, file meta information of ours. */
export function encodeFilePrefix(dataSet: DataSet, transferSyntaxUid: string): Uint8Array {
  const group2 = withGroupLength([
    { tag: T.FileMetaInformationVersion, vr: 'OB', value: Uint8Array.of(0, 1) },
    uidOf(dataSet, T.SOPClassUID, T.MediaStorageSOPClassUID),
    uidOf(dataSet, T.SOPInstanceUID, T.MediaStorageSOPInstanceUID),
    text(T.TransferSyntaxUID, 'UI', transferSyntaxUid),
    text(T.ImplementationClassUID, 'UI', IMPLEMENTATION_CLASS_UID),
    text(T.ImplementationVersionName, 'SH', IMPLEMENTATION_VERSION_NAME),
  ]);
  const bytes = new Uint8Array(132 + encodedLength(group2, EXPLICIT));
  bytes.set([0x44, 0x49, 0x43, 0x4d], 128);
  writeDataSet(writerOf(bytes, EXPLICIT, 132), group2);
  return bytes;
}

/** A data set on its own, explicit VR little endian unless another encoding is asked for. */
export function encodeDataSet(dataSet: DataSet, encoding: Encoding = EXPLICIT): Uint8Array {
  const bytes = new Uint8Array(encodedLength(dataSet, encoding));
  writeDataSet(writerOf(bytes, encoding, 0), dataSet);
  return bytes;
}

const EXPLICIT: Encoding = { explicit: true, littleEndian: true };

interface Writer extends Encoding {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
}

function writerOf(bytes: Uint8Array, encoding: Encoding, at: number): Writer {
  return { ...encoding, bytes, view: new DataView(bytes.buffer), at };
}

function withGroupLength(group2: DataSet): DataSet {
  const value = new Uint8Array(4);
  new DataView(value.buffer).setUint32(0, encodedLength(group2, EXPLICIT), true);
  return [{ tag: 0x00020000, vr: 'UL', value }, ...group2];
}

function uidOf(dataSet: DataSet, from: number, to: number): DataElement {
  const element = dataSet.find(({ tag }) => tag === from);
  if (element === undefined) throw new RangeError('A data set to be written needs its SOP UIDs.');
  return { ...element, tag: to };
}

function encodedLength(dataSet: DataSet, encoding: Encoding): number {
  return dataSet.reduce(
    (sum, element) => sum + headerLength(element, encoding) + valueLength(element, encoding),
    0,
  );
}

/** A value that is too long for its VR's 16-bit length is written as UN (PS3.5, section 6.2.2). */
function writtenVr(element: DataElement): string {
  return !isLongVr(element.vr) && valueLength(element, EXPLICIT) > LONGEST_SHORT_VALUE ? 'UN' : element.vr;
}

function headerLength(element: DataElement, { explicit }: Encoding): number {
  return explicit && isLongVr(writtenVr(element)) ? 12 : 8;
}

function valueLength({ value }: DataElement, encoding: Encoding): number {
  if (value instanceof Uint8Array) return value.length + (value.length % 2);
  return value.reduce((sum, item) => sum + 8 + encodedLength(item, encoding), 0);
}

function writeDataSet(writer: Writer, dataSet: DataSet): void {
  for (const element of dataSet) {
    const { view, littleEndian } = writer;
    const length = valueLength(element, writer);
    writeTag(writer, element.tag);
    if (writer.explicit) {
      const vr = writtenVr(element);
      writer.bytes.set([vr.charCodeAt(0), vr.charCodeAt(1)], writer.at);
      writer.at += 2;
      if (isLongVr(vr)) {
        writer.at += 2;
        view.setUint32(writer.at, length, littleEndian);
        writer.at += 4;
      } else {
        view.setUint16(writer.at, length, littleEndian);
        writer.at += 2;
      }
    } else {
      view.setUint32(writer.at, length, littleEndian);
      writer.at += 4;
    }
    if (element.value instanceof Uint8Array) {
      writer.bytes.set(littleEndian ? element.value : turned(element.vr, element.value), writer.at);
      if (element.value.length % 2 === 1) {
        writer.bytes[writer.at + length - 1] = ZERO_PADDED.has(element.vr) ? 0 : 0x20;
      }
      writer.at += length;
    } else {
      for (const item of element.value) {
        writeTag(writer, ITEM);
        view.setUint32(writer.at, encodedLength(item, writer), littleEndian);
        writer.at += 4;
        writeDataSet(writer, item);
      }
    }
  }
}

/** Bytes of binary numbers in the other byte order; anything else as it is. */
export function turned(vr: string, value: Uint8Array): Uint8Array {
  const width = NUMBER_BYTES[vr];
  if (width === undefined) return value;
  const copy = Uint8Array.from(value);
  for (let n = 0; n + width <= copy.length; n += width) copy.subarray(n, n + width).reverse();
  return copy;
}

/** Bytes of one number by VR (PS3.5, 6.2). */
const NUMBER_BYTES: Readonly<Record<string, number>> = {
  ...{ US: 2, SS: 2, OW: 2, AT: 2, UL: 4, SL: 4, FL: 4, OF: 4, OL: 4, FD: 8, OD: 8, SV: 8, UV: 8, OV: 8 },
};

function writeTag(writer: Writer, tag: number): void {
  writer.view.setUint16(writer.at, tag >>> 16, writer.littleEndian);
  writer.view.setUint16(writer.at + 2, tag & 0xffff, writer.littleEndian);
  writer.at += 4;
}
