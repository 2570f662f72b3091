import type { DataElement, DataSet } from '../derived/dataSet.ts';
import { sequence, text } from '../derived/dataSet.ts';
import { T } from '../derived/tags.ts';
import { type KeyedHash, mapUid } from './pseudonyms.ts';

/** What stands for a value that must not be there, valid for its VR and the same for everybody. */
const DUMMIES: Readonly<Record<string, string>> = {
  AE: 'REMOVED',
  AS: '000Y',
  DA: '19000101',
  DS: '0',
  DT: '19000101000000',
  IS: '0',
  LO: 'REMOVED',
  LT: 'REMOVED',
  PN: 'REMOVED',
  SH: 'REMOVED',
  ST: 'REMOVED',
  TM: '000000',
  UC: 'REMOVED',
  UR: 'about:blank',
  UT: 'REMOVED',
};

const INTEGER_BYTES: Readonly<Record<string, number>> = { US: 2, SS: 2, UL: 4, SL: 4 };

export const REMOVED_CODE: DataSet = [
  text(T.CodeValue, 'SH', 'REMOVED'),
  text(T.CodingSchemeDesignator, 'SH', '99TANDEM'),
  text(T.CodeMeaning, 'LO', 'Removed by de-identification'),
];

/**
 * The element with a dummy value. A sequence keeps its shape, so that it stays what its IOD wants: every value
 * in it becomes a dummy, except code strings, which are terms of the standard; codes become one that says so.
 */
export function dummyElement(element: DataElement, hash: KeyedHash): DataElement {
  const { tag, vr, value } = element;
  if (!(value instanceof Uint8Array)) {
    return sequence(tag, ...(value as readonly DataSet[]).map((item) => dummyItem(item, hash)));
  }
  if (vr === 'UI') return mapUids(element, hash);
  const dummy = DUMMIES[vr];
  if (dummy !== undefined) return text(tag, vr, dummy);
  // Numbers become ones (a zero is no number of a frame or segment), and bytes as many zeros; but of a document
  // or a picture only two.
  const width = INTEGER_BYTES[vr];
  if (width !== undefined) return { tag, vr, value: value.map((_, n) => (n % width === 0 ? 1 : 0)) };
  const isBulk = /^O|^UN$/.test(vr);
  return { tag, vr, value: new Uint8Array(isBulk ? Math.min(2, value.length) : value.length) };
}

function dummyItem(item: DataSet, hash: KeyedHash): DataSet {
  if (isCodeItem(item)) return REMOVED_CODE;
  return item
    .filter(({ tag }) => (tag >>> 16) % 2 === 0)
    .map((element) => (element.vr === 'CS' ? element : dummyElement(element, hash)));
}

/** Every UID of an element mapped. */
export function mapUids(element: DataElement, hash: KeyedHash): DataElement {
  if (!(element.value instanceof Uint8Array)) return element;
  return text(element.tag, 'UI', ...stringsOf(element.value).map((uid) => mapUid(hash, uid)));
}

const CODE_VALUES: ReadonlySet<number> = new Set([T.CodeValue, 0x00080119, 0x00080120]);

export function isCodeItem(item: DataSet): boolean {
  return item.some(({ tag }) => CODE_VALUES.has(tag));
}

/** Values of a text element, one character a byte, trimmed. */
export function stringsOf(value: Uint8Array): string[] {
  return latin1(value)
    .split('\\')
    .map((one) => one.replaceAll(/^[\0 ]+|[\0 ]+$/g, ''));
}

/** One character a byte. */
export function latin1(value: Uint8Array): string {
  let whole = '';
  for (let at = 0; at < value.length; at += 4096) {
    whole += String.fromCharCode(...value.subarray(at, at + 4096));
  }
  return whole;
}
