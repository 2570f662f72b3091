import { ITEM, isLongVr } from '../elementHeader.ts';
import { EXPLICIT_LITTLE_ENDIAN } from '../transferSyntax.ts';
import { type DataElement, type DataSet, text } from './dataSet.ts';
import { T } from './tags.ts';
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from './uids.ts';

/** VRs padded with a zero byte; all other text with a space (PS3.5, section 6.2). */
const ZERO_PADDED = new Set(['UI', 'OB', 'UN', 'OW', 'OD', 'OF', 'OL', 'OV']);
const LONGEST_SHORT_VALUE = 0xfffe;

/**
 * A DICOM file (PS3.10): a preamble of zeros, file meta information, and the data set in explicit VR little
 * endian with defined lengths. The data set has to be sorted and to hold SOP class and instance UID.
 */
export function encodeDicomFile(dataSet: DataSet): Uint8Array {
  const group2 = withGroupLength([
    { tag: T.FileMetaInformationVersion, vr: 'OB', value: Uint8Array.of(0, 1) },
    uidOf(dataSet, T.SOPClassUID, T.MediaStorageSOPClassUID),
    uidOf(dataSet, T.SOPInstanceUID, T.MediaStorageSOPInstanceUID),
    text(T.TransferSyntaxUID, 'UI', EXPLICIT_LITTLE_ENDIAN),
    text(T.ImplementationClassUID, 'UI', IMPLEMENTATION_CLASS_UID),
    text(T.ImplementationVersionName, 'SH', IMPLEMENTATION_VERSION_NAME),
  ]);
  const bytes = new Uint8Array(132 + encodedLength(group2) + encodedLength(dataSet));
  bytes.set([0x44, 0x49, 0x43, 0x4d], 128);
  const writer = { bytes, view: new DataView(bytes.buffer), at: 132 };
  writeDataSet(writer, group2);
  writeDataSet(writer, dataSet);
  return bytes;
}

/** A data set on its own, explicit VR little endian. */
export function encodeDataSet(dataSet: DataSet): Uint8Array {
  const bytes = new Uint8Array(encodedLength(dataSet));
  writeDataSet({ bytes, view: new DataView(bytes.buffer), at: 0 }, dataSet);
  return bytes;
}

interface Writer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
}

function withGroupLength(group2: DataSet): DataSet {
  const value = new Uint8Array(4);
  new DataView(value.buffer).setUint32(0, encodedLength(group2), true);
  return [{ tag: 0x00020000, vr: 'UL', value }, ...group2];
}

function uidOf(dataSet: DataSet, from: number, to: number): DataElement {
  const element = dataSet.find(({ tag }) => tag === from);
  if (element === undefined) throw new RangeError('A data set to be written needs its SOP UIDs.');
  return { ...element, tag: to };
}

function encodedLength(dataSet: DataSet): number {
  return dataSet.reduce((sum, element) => sum + headerLength(element) + valueLength(element), 0);
}

/** A value that is too long for its VR's 16-bit length is written as UN (PS3.5, section 6.2.2). */
function writtenVr(element: DataElement): string {
  return !isLongVr(element.vr) && valueLength(element) > LONGEST_SHORT_VALUE ? 'UN' : element.vr;
}

function headerLength(element: DataElement): number {
  return isLongVr(element.vr) || valueLength(element) > LONGEST_SHORT_VALUE ? 12 : 8;
}

function valueLength({ value }: DataElement): number {
  if (value instanceof Uint8Array) return value.length + (value.length % 2);
  return value.reduce((sum, item) => sum + 8 + encodedLength(item), 0);
}

function writeDataSet(writer: Writer, dataSet: DataSet): void {
  for (const element of dataSet) {
    const { view } = writer;
    const vr = writtenVr(element);
    writeTag(writer, element.tag);
    writer.bytes.set([vr.charCodeAt(0), vr.charCodeAt(1)], writer.at);
    const length = valueLength(element);
    if (isLongVr(vr)) {
      view.setUint32(writer.at + 4, length, true);
      writer.at += 8;
    } else {
      view.setUint16(writer.at + 2, length, true);
      writer.at += 4;
    }
    if (element.value instanceof Uint8Array) {
      writer.bytes.set(element.value, writer.at);
      if (element.value.length % 2 === 1) {
        writer.bytes[writer.at + length - 1] = ZERO_PADDED.has(element.vr) ? 0 : 0x20;
      }
      writer.at += length;
    } else {
      for (const item of element.value) {
        writeTag(writer, ITEM);
        view.setUint32(writer.at, encodedLength(item), true);
        writer.at += 4;
        writeDataSet(writer, item);
      }
    }
  }
}

function writeTag(writer: Writer, tag: number): void {
  writer.view.setUint16(writer.at, tag >>> 16, true);
  writer.view.setUint16(writer.at + 2, tag & 0xffff, true);
  writer.at += 4;
}
