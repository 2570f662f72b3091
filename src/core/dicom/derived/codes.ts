import { type DataSet, sequence, text } from './dataSet.ts';
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

/** An item of a code sequence (PS3.3, section 8.8). */
export function codeItem(code: Code): DataSet {
  return [
    text(T.CodeValue, 'SH', code.value),
    text(T.CodingSchemeDesignator, 'SH', code.scheme),
    text(T.CodeMeaning, 'LO', code.meaning),
  ];
}

/** Coding Scheme Identification Sequence: says whose `99TANDEM` is (PS3.3, section C.12.1). */
export const codingSchemes = sequence(T.CodingSchemeIdentificationSequence, [
  text(T.CodingSchemeDesignator, 'SH', '99TANDEM'),
  text(T.CodingSchemeUID, 'UI', CODING_SCHEME_UID),
  text(T.CodingSchemeName, 'ST', 'Tandem MR derivation codes'),
  text(T.CodingSchemeResponsibleOrganization, 'ST', 'Tandem MR'),
]);
