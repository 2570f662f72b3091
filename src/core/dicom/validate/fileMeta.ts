import { C } from '../derived/companionTags.ts';
import type { DataSet } from '../derived/dataSet.ts';
import {
  DEFLATED_LITTLE_ENDIAN,
  describeSyntax,
  EXPLICIT_BIG_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
  pixelCoding,
} from '../transferSyntax.ts';
import { type CheckedObject, elementOf, longsOf, stringOf } from './checkedObject.ts';
import type { Note } from './finding.ts';
import { faultOfUid } from './valueForms.ts';

const FILE_META_GROUP_LENGTH = 0x00020000;

/** Holds file meta information (PS3.10, section 7.1) against the data set that follows it. */
export function checkFileMeta(object: CheckedObject, note: Note): void {
  const { meta, dataSet } = object;
  if (meta === undefined) {
    note('error', 'file-meta', [], 'The file has no prefix or no file meta information (PS3.10, 7.1)');
    return;
  }
  const [declared] = longsOf(meta.dataSet, FILE_META_GROUP_LENGTH);
  if (declared !== meta.groupBytes) {
    const told = declared === undefined ? 'is missing' : `is ${declared}`;
    note(
      'error',
      'file-meta',
      [FILE_META_GROUP_LENGTH],
      `The length of the file meta information ${told}; it is ${meta.groupBytes} bytes`,
    );
  }
  checkVersion(meta.dataSet, note);
  const pairs = [
    [C.MediaStorageSOPClassUID, C.SOPClassUID, 'SOP Class UID'],
    [C.MediaStorageSOPInstanceUID, C.SOPInstanceUID, 'SOP Instance UID'],
  ] as const;
  for (const [inMeta, inDataSet, name] of pairs) {
    const told = stringOf(meta.dataSet, inMeta);
    if (told === '') note('error', 'file-meta', [inMeta], `The file meta information has no ${name}`);
    else if (told !== stringOf(dataSet, inDataSet)) {
      note('error', 'file-meta', [inMeta], `The file meta information has another ${name} than the data set`);
    }
  }
  const implementation = stringOf(meta.dataSet, C.ImplementationClassUID);
  const fault = implementation === '' ? 'it is missing' : faultOfUid(implementation);
  if (fault !== undefined) {
    note('error', 'file-meta', [C.ImplementationClassUID], `Implementation Class UID: ${fault}`);
  }
  checkSyntax(object, stringOf(meta.dataSet, C.TransferSyntaxUID), note);
}

function checkVersion(meta: DataSet, note: Note): void {
  const version = elementOf(meta, C.FileMetaInformationVersion)?.value;
  const isFirst = version instanceof Uint8Array && version.length === 2 && version[1] === 1;
  if (!isFirst) {
    note('error', 'file-meta', [C.FileMetaInformationVersion], 'File Meta Information Version is not 00\\01');
  }
}

function checkSyntax({ explicit, littleEndian, pixels }: CheckedObject, syntax: string, note: Note): void {
  const tell = (message: string) => note('error', 'file-meta', [C.TransferSyntaxUID], message);
  if (syntax === '') {
    tell('The file meta information has no Transfer Syntax UID');
    return;
  }
  const coding = pixelCoding(syntax);
  if (coding === undefined) {
    note(
      'warning',
      'file-meta',
      [C.TransferSyntaxUID],
      `The transfer syntax ${describeSyntax(syntax)} is not read here`,
    );
    return;
  }
  if (explicit !== (syntax !== IMPLICIT_LITTLE_ENDIAN)) {
    tell(
      `The data set is ${explicit ? 'explicit' : 'implicit'} VR, but the transfer syntax is ${describeSyntax(syntax)}`,
    );
  }
  if (littleEndian !== (syntax !== EXPLICIT_BIG_ENDIAN)) {
    tell(`The byte order is not that of ${describeSyntax(syntax)}`);
  }
  if (pixels === undefined || syntax === DEFLATED_LITTLE_ENDIAN) return;
  if (pixels.encapsulated !== (coding !== 'native')) {
    tell(
      `The pixels are ${pixels.encapsulated ? '' : 'not '}in fragments, but the transfer syntax is ${describeSyntax(syntax)}`,
    );
  }
}
