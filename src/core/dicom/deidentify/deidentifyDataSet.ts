import { type DataElement, type DataSet, mergeDataSets, sequence, text } from '../derived/dataSet.ts';
import type { VrDictionary } from '../derived/dictionary.ts';
import { P } from '../derived/provenanceBlock.ts';
import { T } from '../derived/tags.ts';
import { simpleAction } from './attributeTypes.ts';
import { cleanText } from './cleanText.ts';
import { type ConfidentialityRow, confidentialityRow } from './confidentialityTable.ts';
import { shiftDate } from './dates.ts';
import { dummyElement, isCodeItem, latin1, mapUids, stringsOf } from './dummies.ts';
import { type DeidentifyOption, optionEffect } from './options.ts';
import { isPrivate, remainingDeclarations, SafeBlocks, safePrivateElements } from './privateBlocks.ts';
import {
  aePseudonym,
  dateShiftDays,
  isStandardUid,
  type KeyedHash,
  mapUidsInText,
  patientPseudonym,
} from './pseudonyms.ts';
import { researchMark, saysResearchUse } from './researchMark.ts';

/** What became of an attribute. */
export type Outcome =
  | 'removed'
  | 'emptied'
  | 'dummy'
  | 'pseudonym'
  | 'new UID'
  | 'shifted'
  | 'cleaned'
  | 'kept';

export interface DeidentifySettings {
  readonly options: ReadonlySet<DeidentifyOption>;
  /** Keyed: the same key gives the same UIDs, pseudonyms and date shifts. */
  readonly hash: KeyedHash;
  readonly dictionary: VrDictionary;
  /** Told of every attribute, at any depth, that is not simply left as it was; never of a value. */
  readonly note?: ((tag: number, outcome: Outcome) => void) | undefined;
}

/**
 * A data set by PS3.15's Basic Application Level Confidentiality Profile and the chosen options: every
 * attribute of table E.1-1 at every depth, and beyond the table what may identify all the same: attributes that
 * the dictionary does not know, names, dates and UIDs that the table does not list. Without the marks that say
 * so (`deidentificationMarks`); pixel data is left alone.
 */
export function deidentifyDataSet(dataSet: DataSet, settings: DeidentifySettings): DataSet {
  const find = (tag: number) => {
    const value = dataSet.find((element) => element.tag === tag)?.value;
    return value instanceof Uint8Array ? (stringsOf(value)[0] ?? '') : '';
  };
  const patient = patientKey(find);
  const walker: Walker = {
    ...settings,
    sopClassUid: find(T.SOPClassUID),
    listsReferences: dataSet.some(({ tag }) => tag === T.ReferencedSeriesSequence),
    pseudonym: patientPseudonym(settings.hash, patient),
    days: dateShiftDays(settings.hash, patient),
    safe: new SafeBlocks(dataSet, settings.options.has('retain-safe-private')),
  };
  return walk(walker, dataSet, { nested: false, cleaning: undefined });
}

/** What tells patients apart: their ID and its issuer, else name and birth date, else the study. */
export function patientKey(find: (tag: number) => string): string {
  const id = find(T.PatientID);
  if (id !== '') return JSON.stringify(['id', id, find(0x00100021)]);
  const name = find(T.PatientName);
  if (name !== '') return JSON.stringify(['name', name, find(T.PatientBirthDate)]);
  return JSON.stringify(['study', find(T.StudyInstanceUID)]);
}

interface Walker extends DeidentifySettings {
  readonly sopClassUid: string;
  readonly listsReferences: boolean;
  readonly pseudonym: string;
  readonly days: number;
  readonly safe: SafeBlocks;
}

interface Place {
  readonly nested: boolean;
  /** Within a sequence that an option has cleaned instead of taken away. */
  readonly cleaning: 'descriptors' | 'content' | 'graphics' | undefined;
}

function walk(walker: Walker, dataSet: DataSet, place: Place): DataSet {
  const privateKept = safePrivateElements(dataSet, walker.safe);
  const kept: DataElement[] = [];
  for (const element of dataSet) {
    if (isPrivate(element.tag)) {
      if (!privateKept.includes(element)) walker.note?.(element.tag, 'removed');
      else kept.push(withUidsMapped(walker, element));
      continue;
    }
    if (element.tag === P.PrivateDataElementCharacteristicsSequence) {
      const items = element.value instanceof Uint8Array ? [] : (element.value as readonly DataSet[]);
      const remaining = remainingDeclarations(items, privateKept);
      if (remaining.length > 0) kept.push(sequence(element.tag, ...remaining));
      continue;
    }
    const changed = isCodeItem(dataSet) ? codePart(walker, dataSet, element, place) : undefined;
    const result = changed ?? withResearchMark(walker, dataSet, element, place);
    if (result !== undefined) kept.push(result);
  }
  return kept;
}

/** As every element, but “research use only” stays said by what this program made. */
function withResearchMark(
  walker: Walker,
  dataSet: DataSet,
  element: DataElement,
  place: Place,
): DataElement | undefined {
  const mark = researchMark(dataSet, element);
  if (mark === undefined) return deidentifyElement(walker, element, place);
  if (walker.options.has('clean-descriptors')) {
    const cleaned = deidentifyElement(walker, element, place);
    return cleaned !== undefined && saysResearchUse(cleaned) ? cleaned : mark;
  }
  walker.note?.(element.tag, 'cleaned');
  return mark;
}

/** Provenance may name UIDs in its text; of a foreign block's bytes nobody knows what they are. */
function withUidsMapped(walker: Walker, element: DataElement): DataElement {
  if (walker.options.has('retain-uids') || element.tag !== P.Provenance) return element;
  const { value } = element;
  return value instanceof Uint8Array
    ? text(element.tag, element.vr, mapUidsInText(walker.hash, latin1(value)))
    : element;
}

function deidentifyElement(walker: Walker, element: DataElement, place: Place): DataElement | undefined {
  const { tag } = element;
  if (isInOverlay(tag) && confidentialityRow(tag) === undefined) {
    // Without its data an overlay's description describes nothing, and may not stand alone.
    walker.note?.(tag, 'removed');
    return undefined;
  }
  const row = confidentialityRow(tag);
  if (row === undefined) return beyondTable(walker, element, place);
  const effect = optionEffect(row, walker.options);
  if (effect === 'keep') {
    walker.note?.(tag, 'kept');
    return recurse(walker, element, place);
  }
  if (effect === 'clean') {
    const cleaned = cleanElement(walker, element, row, place);
    if (cleaned !== undefined) return cleaned;
  }
  return basic(walker, element, row, place);
}

function basic(
  walker: Walker,
  element: DataElement,
  row: ConfidentialityRow,
  place: Place,
): DataElement | undefined {
  const { tag, vr, value } = element;
  const isPatient = tag === T.PatientID || tag === T.PatientName;
  if (isPatient && !place.nested) {
    walker.note?.(tag, 'pseudonym');
    // A name without a ^ is of the retired form.
    return text(tag, vr, vr === 'PN' ? `${walker.pseudonym}^DEIDENTIFIED` : walker.pseudonym);
  }
  switch (simpleAction(row.basic, tag, walker.sopClassUid, place.nested, walker.listsReferences)) {
    case 'X':
      walker.note?.(tag, 'removed');
      return undefined;
    case 'Z':
      if (value.length > 0) walker.note?.(tag, 'emptied');
      return { tag, vr, value: value instanceof Uint8Array ? new Uint8Array() : [] };
    case 'D':
      walker.note?.(tag, vr === 'UI' ? 'new UID' : 'dummy');
      return dummyElement(element, walker.hash);
    case 'U':
      if (!(value instanceof Uint8Array)) return recurse(walker, element, place);
      walker.note?.(tag, 'new UID');
      return mapUids(element, walker.hash);
  }
}

/** The element cleaned by an option, or undefined where it cannot be. */
function cleanElement(
  walker: Walker,
  element: DataElement,
  row: ConfidentialityRow,
  place: Place,
): DataElement | undefined {
  const { tag, vr, value } = element;
  const { options } = row;
  if (options.includes('d') && walker.options.has('shift-dates')) {
    const shifted = shiftElement(walker, element);
    if (shifted !== undefined) walker.note?.(tag, 'shifted');
    return shifted;
  }
  if (options.includes('V') && value instanceof Uint8Array) {
    walker.note?.(tag, 'pseudonym');
    return text(tag, vr, ...stringsOf(value).map((title) => title && aePseudonym(walker.hash, title)));
  }
  if (!(value instanceof Uint8Array)) {
    const cleaning = options.includes('s') ? 'content' : options.includes('g') ? 'graphics' : 'descriptors';
    walker.note?.(tag, 'cleaned');
    return recurse(walker, element, { ...place, cleaning });
  }
  if (!TEXT_VRS.has(vr)) return undefined;
  const kept = cleanText(latin1(value));
  if (kept === '') return undefined;
  walker.note?.(tag, 'cleaned');
  return text(tag, vr, kept);
}

const TEXT_VRS: ReadonlySet<string> = new Set(['LO', 'LT', 'SH', 'ST', 'UC', 'UT']);

function shiftElement(walker: Walker, element: DataElement): DataElement | undefined {
  const { tag, vr, value } = element;
  if (!(value instanceof Uint8Array)) return undefined;
  // Whole days leave the time of day, and the zone, what they were.
  if (vr === 'TM' || tag === T.TimezoneOffsetFromUTC) {
    return stringsOf(value).every((one) => /^[-+]?[\d:.]*$/.test(one)) ? element : undefined;
  }
  if (vr !== 'DA' && vr !== 'DT') return undefined;
  const values = stringsOf(value).map((one) => shiftDate(one, walker.days));
  return values.includes(undefined) ? undefined : text(tag, vr, ...(values as string[]));
}

/** Attributes of the patient that later editions added beside those of the table. */
const ALTERNATIVE_CALENDAR: ReadonlySet<number> = new Set([0x00100033, 0x00100034, 0x00100035]);
/** UIDs that name kinds of things, never a patient's. */
const CLASS_UIDS: ReadonlySet<number> = new Set([
  T.SOPClassUID,
  T.ReferencedSOPClassUID,
  T.CodingSchemeUID,
  0x0008001a,
  0x0008001b,
  0x00080062,
  0x0008010b,
  0x00080117,
  0x00080118,
  0x0008115a,
  0x00041510,
  0x00041512,
]);
const DATE_VRS: ReadonlySet<string> = new Set(['DA', 'DT', 'TM']);
const UNLISTED_DATE: ConfidentialityRow = { pattern: '', keyword: '', basic: 'Z', options: ['d'] };

/** What the table does not list, but may identify: treated as what it is by its value representation. */
function beyondTable(walker: Walker, element: DataElement, place: Place): DataElement | undefined {
  const { tag, vr, value } = element;
  if (walker.dictionary(tag) === undefined || ALTERNATIVE_CALENDAR.has(tag)) {
    walker.note?.(tag, 'removed');
    return undefined;
  }
  if (place.cleaning === 'content' && tag === TEXT_VALUE) return cleanedOrDummy(walker, element);
  if (place.cleaning === 'graphics' && tag === UNFORMATTED_TEXT) return cleanedOrDummy(walker, element);
  if (!(value instanceof Uint8Array)) return recurse(walker, element, place);
  if (vr === 'PN' && value.length > 0) {
    walker.note?.(tag, 'emptied');
    return text(tag, vr);
  }
  if (DATE_VRS.has(vr) && value.length > 0) {
    const effect = optionEffect(UNLISTED_DATE, walker.options);
    if (effect === 'keep') return element;
    const shifted = effect === 'clean' ? shiftElement(walker, element) : undefined;
    walker.note?.(tag, shifted === undefined ? 'emptied' : 'shifted');
    return shifted ?? text(tag, vr);
  }
  if (vr === 'UI' && !CLASS_UIDS.has(tag) && !walker.options.has('retain-uids')) {
    const uids = stringsOf(value);
    if (uids.some((uid) => uid !== '' && !isStandardUid(uid))) {
      walker.note?.(tag, 'new UID');
      return mapUids(element, walker.hash);
    }
  }
  return element;
}

const TEXT_VALUE = 0x0040a160;
const UNFORMATTED_TEXT = 0x00700006;

function cleanedOrDummy(walker: Walker, element: DataElement): DataElement {
  const { tag, vr, value } = element;
  if (!(value instanceof Uint8Array) || value.length === 0) return element;
  const kept = cleanText(latin1(value));
  walker.note?.(tag, kept === '' ? 'dummy' : 'cleaned');
  return text(tag, vr, kept === '' ? 'REMOVED' : kept);
}

/** Coding schemes that anybody can look up; any other one may be a hospital's own, with names in its codes. */
const PUBLIC_SCHEMES = new Set(
  'DCM SCT SRT SNM3 LN UCUM RADLEX NCIt FMA UMLS I10 I10P I9 I9C ISO639_2 RFC3066 RFC5646 ISO3166_1 MA NEU 99TANDEM'.split(
    ' ',
  ),
);

/** Value or meaning of a private code where descriptors are cleaned; undefined for everything else. */
function codePart(
  walker: Walker,
  item: DataSet,
  element: DataElement,
  place: Place,
): DataElement | undefined {
  if (place.cleaning === undefined || (element.tag !== T.CodeValue && element.tag !== T.CodeMeaning)) {
    return undefined;
  }
  const scheme = item.find(({ tag }) => tag === T.CodingSchemeDesignator)?.value;
  const isPublic = scheme instanceof Uint8Array && PUBLIC_SCHEMES.has(stringsOf(scheme)[0] ?? '');
  return isPublic ? undefined : cleanedOrDummy(walker, element);
}

function recurse(walker: Walker, element: DataElement, place: Place): DataElement {
  const { tag, value } = element;
  if (value instanceof Uint8Array) return element;
  const items = (value as readonly DataSet[]).map((item) => walk(walker, item, { ...place, nested: true }));
  return { tag, vr: 'SQ', value: items.map((item) => mergeDataSets(item)) };
}

function isInOverlay(tag: number): boolean {
  return tag >>> 24 === 0x60 && (tag >>> 16) % 2 === 0;
}
