import { type Code, codeItem, withCodingSchemes } from '../derived/codes.ts';
import { type DataElement, type DataSet, mergeDataSets, sequence, text } from '../derived/dataSet.ts';
import { MANUFACTURER, purpose } from '../derived/equipment.ts';
import { PRIVATE_CREATOR } from '../derived/provenanceBlock.ts';
import { T } from '../derived/tags.ts';
import { latin1 } from './dummies.ts';
import { BASIC_PROFILE, type DeidentifyOption, OPTION_CODES } from './options.ts';

const D = {
  PatientIdentityRemoved: 0x00120062,
  DeidentificationMethod: 0x00120063,
  DeidentificationMethodCodeSequence: 0x00120064,
  LongitudinalTemporalInformationModified: 0x00280303,
} as const;
const DEIDENTIFYING_EQUIPMENT: Code = { value: '109104', scheme: 'DCM', meaning: 'De-identifying Equipment' };

/**
 * A de-identified data set with what says that it is one (PS3.15, E.1.1): Patient Identity Removed, the method
 * in words and codes, whether dates were touched, and Tandem MR as de-identifying equipment. Earlier methods
 * and equipment stay listed.
 */
export function withDeidentificationMarks(
  dataSet: DataSet,
  options: ReadonlySet<DeidentifyOption>,
  appVersion: string,
): DataSet {
  const codes = [BASIC_PROFILE, ...appliedOptions(dataSet, options).map((option) => OPTION_CODES[option])];
  const marked = mergeDataSets(dataSet, [
    text(D.PatientIdentityRemoved, 'CS', 'YES'),
    method(bytesOf(dataSet, D.DeidentificationMethod), appVersion),
    sequence(
      D.DeidentificationMethodCodeSequence,
      ...itemsOf(dataSet, D.DeidentificationMethodCodeSequence),
      ...codes.map(codeItem),
    ),
    text(
      D.LongitudinalTemporalInformationModified,
      'CS',
      options.has('shift-dates') ? 'MODIFIED' : options.has('retain-dates') ? 'UNMODIFIED' : 'REMOVED',
    ),
    sequence(T.ContributingEquipmentSequence, ...itemsOf(dataSet, T.ContributingEquipmentSequence), [
      ...purpose(DEIDENTIFYING_EQUIPMENT),
      text(T.Manufacturer, 'LO', MANUFACTURER),
      text(T.ManufacturerModelName, 'LO', MANUFACTURER),
      text(T.SoftwareVersions, 'LO', appVersion),
    ]),
  ]);
  // The code that stands for removed ones is of our own scheme.
  return withCodingSchemes(marked);
}

/** What was said of earlier methods stays the bytes it is, whatever their character set. */
function method(earlier: Uint8Array, appVersion: string): DataElement {
  const own = text(
    D.DeidentificationMethod,
    'LO',
    `${MANUFACTURER} ${appVersion}`,
    'PS3.15 2024e table E.1-1',
  );
  const kept = latin1(earlier).replace(/[\0 ]+$/, '').length;
  if (kept === 0) return own;
  const value = Uint8Array.from([...earlier.subarray(0, kept), BACKSLASH, ...(own.value as Uint8Array)]);
  return { ...own, value };
}

const BACKSLASH = 0x5c;

/** Our own provenance is a safe private block that was retained: then that option is named, asked for or not. */
function appliedOptions(dataSet: DataSet, options: ReadonlySet<DeidentifyOption>): DeidentifyOption[] {
  const applied = new Set(options);
  const keepsOurs = dataSet.some(
    ({ tag, value }) =>
      (tag >>> 16) % 2 === 1 &&
      value instanceof Uint8Array &&
      value.length < 64 &&
      latin1(value).trim() === PRIVATE_CREATOR,
  );
  if (keepsOurs) applied.add('retain-safe-private');
  return (Object.keys(OPTION_CODES) as DeidentifyOption[]).filter((option) => applied.has(option));
}

function bytesOf(dataSet: DataSet, tag: number): Uint8Array {
  const value = dataSet.find((element) => element.tag === tag)?.value;
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function itemsOf(dataSet: DataSet, tag: number): readonly DataSet[] {
  const value = dataSet.find((element) => element.tag === tag)?.value;
  return value === undefined || value instanceof Uint8Array ? [] : (value as readonly DataSet[]);
}
