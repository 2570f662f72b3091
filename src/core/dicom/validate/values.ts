import { decodeText } from '../charset.ts';
import { C } from '../derived/companionTags.ts';
import type { DataElement, DataSet } from '../derived/dataSet.ts';
import type { AttributeDictionary } from '../derived/dictionary.ts';
import { nameOf, stringsOf } from './checkedObject.ts';
import type { Note } from './finding.ts';
import {
  faultOf,
  faultOfUid,
  fitsMultiplicity,
  isMultiValued,
  isTextVr,
  usesCharacterSet,
  VALUE_BYTES,
} from './valueForms.ts';

interface Settings {
  readonly dictionary: AttributeDictionary;
  readonly note: Note;
  /** Whether VRs stand in the file: those that were looked up cannot be wrong. */
  readonly explicit: boolean;
}

/**
 * Holds every value of a data set, at every depth, against its value representation (PS3.5, section 6.2), its
 * multiplicity (PS3.6) and the character set that is in force where it stands.
 */
export function checkValues(
  dataSet: DataSet,
  settings: Settings,
  place: readonly number[] = [],
  inherited: readonly string[] = [],
): void {
  const own = stringsOf(dataSet, C.SpecificCharacterSet);
  const sets = own.length > 0 ? own : inherited;
  let last = -1;
  for (const element of dataSet) {
    const here = [...place, element.tag];
    if (element.tag <= last) {
      settings.note('error', 'order-of-elements', here, 'Elements are not in ascending order of tags');
    }
    last = element.tag;
    if (element.value instanceof Uint8Array) checkValue(element, element.value, sets, settings, here);
    else for (const item of element.value) checkValues(item, settings, here, sets);
    checkVr(element, settings, here);
  }
}

function checkVr(
  { tag, vr }: DataElement,
  { dictionary, note, explicit }: Settings,
  here: readonly number[],
): void {
  const known = dictionary(tag)?.vr;
  // UN is allowed for anything; xs, ox and the like are several.
  if (!explicit || known === undefined || !/^[A-Z]{2}$/.test(known) || vr === 'UN' || vr === known) return;
  note('error', 'wrong-vr', here, `${nameOf(tag, dictionary)} is written as ${vr}; it is ${known}`);
}

function checkValue(
  { tag, vr }: DataElement,
  value: Uint8Array,
  sets: readonly string[],
  { dictionary, note }: Settings,
  here: readonly number[],
): void {
  const name = () => nameOf(tag, dictionary);
  if (value.length === 0) return;
  if (value.length % 2 === 1) {
    note('error', 'bad-value', here, `${name()} has an odd length, ${value.length} bytes`);
  }
  const width = VALUE_BYTES[vr];
  if (width !== undefined && value.length % width !== 0) {
    note(
      'error',
      'bad-value',
      here,
      `${name()} has ${value.length} bytes, which are no whole numbers of ${vr}`,
    );
    return;
  }
  if (width !== undefined) {
    if (!vr.startsWith('O')) checkMultiplicity(tag, value.length / width, { dictionary, note }, here);
    return;
  }
  if (!isTextVr(vr)) return;
  if (sets.length === 0 && usesCharacterSet(vr) && value.some((byte) => byte > 127)) {
    note(
      'error',
      'no-character-set',
      here,
      `${name()} is not ASCII, and no Specific Character Set says what it is`,
    );
  }
  const text = usesCharacterSet(vr) ? decodeText(value, sets) : latin1(value);
  const unpadded = vr === 'UI' ? text.replace(/\0$/, '') : text.replace(/ $/, '');
  const values = isMultiValued(vr) ? unpadded.split('\\') : [unpadded];
  checkMultiplicity(tag, values.length, { dictionary, note }, here);
  for (const one of values) {
    const fault =
      vr === 'UI' ? uidFault(one) : faultOf(vr, vr === 'LO' || vr === 'SH' || vr === 'PN' ? one.trim() : one);
    if (fault === undefined) continue;
    note(
      'error',
      vr === 'UI' ? 'bad-uid' : 'bad-value',
      here,
      `${name()} (${vr}) is not well formed: ${fault}`,
    );
    return;
  }
}

function uidFault(uid: string): string | undefined {
  return uid === '' ? undefined : faultOfUid(uid);
}

function checkMultiplicity(
  tag: number,
  count: number,
  { dictionary, note }: Pick<Settings, 'dictionary' | 'note'>,
  here: readonly number[],
): void {
  const vm = dictionary(tag)?.vm;
  if (vm === undefined || fitsMultiplicity(vm, count) !== false) return;
  note('error', 'wrong-multiplicity', here, `${nameOf(tag, dictionary)} has ${count} values; it has ${vm}`);
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}
