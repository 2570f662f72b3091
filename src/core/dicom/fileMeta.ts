import { TandemError } from '../errors.ts';
import { DataSet } from './dataSet.ts';
import { type DataSet as Elements, text } from './derived/dataSet.ts';
import { encodeDataSet } from './derived/encode.ts';
import { T } from './derived/tags.ts';
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from './derived/uids.ts';
import { walkElements } from './elements.ts';
import {
  DEFLATED_LITTLE_ENDIAN,
  EXPLICIT_BIG_ENDIAN,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
} from './transferSyntax.ts';

/** File meta information (PS3.10, section 7.1): what stands in a file before its data set. */

export interface FileIdentity {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
}

export interface FileMeta extends FileIdentity {
  /** Where the data set begins. */
  readonly dataSetOffset: number;
}

const PREFIX = 132;
const SOURCE_AE_TITLE = 0x00020016;

/** Preamble and meta information of our own, to be followed by a data set as it was received. */
export function encodeFileMeta(identity: FileIdentity, sourceAeTitle?: string): Uint8Array {
  const group2: Elements = [
    { tag: T.FileMetaInformationVersion, vr: 'OB', value: Uint8Array.of(0, 1) },
    text(T.MediaStorageSOPClassUID, 'UI', identity.sopClassUid),
    text(T.MediaStorageSOPInstanceUID, 'UI', identity.sopInstanceUid),
    text(T.TransferSyntaxUID, 'UI', identity.transferSyntaxUid),
    text(T.ImplementationClassUID, 'UI', IMPLEMENTATION_CLASS_UID),
    text(T.ImplementationVersionName, 'SH', IMPLEMENTATION_VERSION_NAME),
    ...(sourceAeTitle === undefined ? [] : [text(SOURCE_AE_TITLE, 'AE', sourceAeTitle)]),
  ];
  const body = encodeDataSet(group2);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, body.length, true);
  const head = encodeDataSet([{ tag: 0x00020000, vr: 'UL', value: length }]);
  const bytes = new Uint8Array(PREFIX + head.length + body.length);
  bytes.set([0x44, 0x49, 0x43, 0x4d], 128);
  bytes.set(head, PREFIX);
  bytes.set(body, PREFIX + head.length);
  return bytes;
}

/**
 * Reads the meta information at the beginning of a file.
 * @param isWhole whether the bytes are all there is
 * @returns undefined where more bytes are needed
 * @throws TandemError `not-an-image` without the prefix, `bad-header` without its UIDs, `truncated`
 */
export function parseFileMeta(bytes: Uint8Array, isWhole: boolean): FileMeta | undefined {
  if (bytes.length < PREFIX) {
    if (!isWhole) return undefined;
    throw new TandemError('not-an-image', 'This is no DICOM file');
  }
  if (String.fromCharCode(...bytes.subarray(128, PREFIX)) !== 'DICM') {
    throw new TandemError('not-an-image', 'This is no DICOM file: it lacks the prefix DICM');
  }
  const walk = walkElements(bytes, { explicit: true, littleEndian: true, start: PREFIX, onlyGroup: 2 });
  if (walk.incomplete || walk.end + 8 > bytes.length) {
    if (!isWhole) return undefined;
    throw new TandemError('truncated', 'The file ends in the middle of its header');
  }
  const meta = new DataSet(bytes, walk, true, EXPLICIT_LITTLE_ENDIAN);
  const transferSyntaxUid = meta.string(T.TransferSyntaxUID);
  if (transferSyntaxUid === undefined) {
    throw new TandemError('bad-header', 'The file does not say its transfer syntax');
  }
  return {
    sopClassUid: meta.string(T.MediaStorageSOPClassUID) ?? '',
    sopInstanceUid: meta.string(T.MediaStorageSOPInstanceUID) ?? '',
    transferSyntaxUid,
    dataSetOffset: walk.end,
  };
}

/** The names of an object as its data set has them, and of its study and series; '' where it has none. */
export interface ObjectIdentity {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly studyUid: string;
  readonly seriesUid: string;
}

/**
 * What a file says it is. The data set's own word counts; the meta information stands in where the data set is
 * deflated or says nothing.
 * @param head the beginning of the file, to some way into the data set
 * @throws TandemError `bad-header`
 */
export function identityOf(head: Uint8Array, meta: FileMeta): ObjectIdentity {
  const { transferSyntaxUid, sopClassUid, sopInstanceUid, dataSetOffset } = meta;
  if (transferSyntaxUid === DEFLATED_LITTLE_ENDIAN) {
    return { sopClassUid, sopInstanceUid, studyUid: '', seriesUid: '' };
  }
  const littleEndian = transferSyntaxUid !== EXPLICIT_BIG_ENDIAN;
  const explicit = transferSyntaxUid !== IMPLICIT_LITTLE_ENDIAN;
  const walk = walkElements(head, { explicit, littleEndian, start: dataSetOffset });
  const inside = new DataSet(head, walk, littleEndian, transferSyntaxUid);
  return {
    sopClassUid: inside.string(T.SOPClassUID) ?? sopClassUid,
    sopInstanceUid: inside.string(T.SOPInstanceUID) ?? sopInstanceUid,
    studyUid: inside.string(T.StudyInstanceUID) ?? '',
    seriesUid: inside.string(T.SeriesInstanceUID) ?? '',
  };
}
