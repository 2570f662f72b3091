import { type DataSet, mergeDataSets, oneValue, sequence, text } from './dataSet.ts';
import { T } from './tags.ts';
import { CODING_SCHEME_UID } from './uids.ts';

export interface Code {
  readonly value: string;
  /** Coding Scheme Designator (PS3.16, section 8): `DCM`, `SCT`, `NCIt`, `UCUM` …, ours is `99TANDEM`. */
  readonly scheme: string;
  readonly meaning: string;
}

const dcm = (value: string, meaning: string): Code => ({ value, scheme: 'DCM', meaning });
const own = (value: string, meaning: string): Code => ({ value, scheme: '99TANDEM', meaning });

/** CID 7203, derivation. */
export const SPATIAL_RESAMPLING = dcm('113085', 'Spatial resampling');
/** CID 7203 has no code for super-resolution and is extensible: these are ours. */
export const GUIDED_SUPER_RESOLUTION = own('SR-REF', 'Reference-guided super-resolution');
export const SINGLE_SUPER_RESOLUTION = own('SR-SINGLE', 'Single-image super-resolution');
/** CID 7202, source image purposes of reference. */
export const SOURCE_IMAGE = dcm('121322', 'Source image for image processing operation');
export const STRUCTURAL_IMAGE = dcm('128250', 'Structural image for image processing');
/** CID 7210, related series purposes of reference. */
export const SOURCE_SERIES = dcm('121323', 'Source series for image processing operation');
export const SAME_ANATOMY = dcm('122401', 'Same Anatomy');
/** CID 7005, contributing equipment purposes of reference. */
export const ACQUISITION_EQUIPMENT = dcm('109101', 'Acquisition Equipment');
export const PROCESSING_EQUIPMENT = dcm('109102', 'Processing Equipment');
export const FRAME_EXTRACTING_EQUIPMENT = dcm('109105', 'Frame Extracting Equipment');
export const MULTI_FRAME_CONVERSION_EQUIPMENT = dcm('109106', 'Enhanced Multi-frame Conversion Equipment');

/** An item of a code sequence (PS3.3, section 8.8). */
export function codeItem(code: Code): DataSet {
  return [
    text(T.CodeValue, 'SH', code.value),
    text(T.CodingSchemeDesignator, 'SH', code.scheme),
    text(T.CodeMeaning, 'LO', oneValue(code.meaning)),
  ];
}

/** Whose `99TANDEM` is. */
const OUR_SCHEME: DataSet = [
  text(T.CodingSchemeDesignator, 'SH', '99TANDEM'),
  text(T.CodingSchemeUID, 'UI', CODING_SCHEME_UID),
  text(T.CodingSchemeName, 'ST', 'Tandem MR codes'),
  text(T.CodingSchemeResponsibleOrganization, 'ST', 'Tandem MR'),
];

/**
 * A data set with its Coding Scheme Identification Sequence (PS3.3, C.12.1.1.1): an item for every private scheme
 * (`99…`) that a code in it names, at any depth. Of ours it says whose it is, of others what the source says of
 * them; of one that nobody describes, its designator alone.
 *
 * @param source data set whose own sequence may describe schemes that were copied from it.
 */
export function withCodingSchemes(dataSet: DataSet, source: DataSet = []): DataSet {
  const used = new Set<string>();
  collectPrivateSchemes(dataSet, used);
  const known = new Map<string, DataSet>();
  for (const item of [...schemeItems(source), OUR_SCHEME, ...schemeItems(dataSet)]) {
    known.set(designatorOf(item), item);
  }
  const present = new Set(schemeItems(dataSet).map(designatorOf));
  const missing = [...used].filter((designator) => !present.has(designator)).sort();
  if (missing.length === 0) return dataSet;
  const items = missing.map(
    (designator) => known.get(designator) ?? [text(T.CodingSchemeDesignator, 'SH', designator)],
  );
  const described = sequence(T.CodingSchemeIdentificationSequence, ...schemeItems(dataSet), ...items);
  return mergeDataSets(dataSet, [described]);
}

function schemeItems(dataSet: DataSet): readonly DataSet[] {
  const value = dataSet.find(({ tag }) => tag === T.CodingSchemeIdentificationSequence)?.value;
  return value === undefined || value instanceof Uint8Array ? [] : value;
}

function designatorOf(item: DataSet): string {
  const value = item.find(({ tag }) => tag === T.CodingSchemeDesignator)?.value;
  return value instanceof Uint8Array ? String.fromCharCode(...value).replaceAll(/^[\0 ]+|[\0 ]+$/g, '') : '';
}

function collectPrivateSchemes(dataSet: DataSet, into: Set<string>): void {
  for (const { tag, value } of dataSet) {
    if (tag === T.CodingSchemeIdentificationSequence || value instanceof Uint8Array) continue;
    for (const item of value) {
      const designator = designatorOf(item);
      if (designator.startsWith('99')) into.add(designator);
      collectPrivateSchemes(item, into);
    }
  }
}
