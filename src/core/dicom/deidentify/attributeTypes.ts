import {
  COMPREHENSIVE_3D_SR_STORAGE,
  ENHANCED_MR_IMAGE_STORAGE,
  LEGACY_CONVERTED_ENHANCED_MR_IMAGE_STORAGE,
  MR_IMAGE_STORAGE,
  PARAMETRIC_MAP_STORAGE,
  SEGMENTATION_STORAGE,
  SPATIAL_REGISTRATION_STORAGE,
} from '../derived/uids.ts';
import type { BasicAction } from './confidentialityTable.ts';

/** A single action, after an attribute's type has chosen among several. */
export type SimpleAction = 'X' | 'Z' | 'D' | 'U';

/**
 * Types (PS3.3) of the attributes whose action depends on it, in the IODs that this program reads and writes: 1
 * must have a value, 2 may be empty, 3 may be absent. Conditional ones count as if they were required.
 */
const EVERYWHERE: Readonly<Record<number, 1 | 2 | 3>> = {
  524306: 3, // Instance Creation Date
  524307: 3, // Instance Creation Time
  524321: 3, // Series Date
  524322: 3, // Acquisition Date
  524330: 3, // Acquisition DateTime
  524337: 3, // Series Time
  524338: 3, // Acquisition Time
  524416: 3, // Institution Name
  524418: 3, // Institution Code Sequence
  528400: 3, // Station Name
  528496: 3, // Operators' Name
  528498: 3, // Operator Identification Sequence
  528656: 3, // Referenced Study Sequence
  528657: 3, // Referenced Performed Procedure Step Sequence
  1572880: 2, // Contrast/Bolus Agent
  1576960: 3, // Device Serial Number
  1577008: 3, // Protocol Name
  1577984: 3, // Acquisition Device Processing Description
  1611030: 3, // Start Acquisition DateTime
  1611031: 3, // End Acquisition DateTime
  3280992: 3, // Requested Procedure Description
  4235314: 3, // Observation DateTime
  4195669: 3, // Acquisition Context Sequence
  1048608: 2, // Patient ID
  1057283: 3, // Patient's Sex Neutered
  7340164: 2, // Content Creator's Name
};
const REFERENCED_STUDY = 0x00081110;
const CONTENT_TIME = { 524323: 1, 524339: 1 } as const;
const ENHANCED_MR: Readonly<Record<number, 1 | 2 | 3>> = {
  ...CONTENT_TIME,
  524330: 1,
  528657: 1,
  1576960: 1,
  1577008: 1,
  4195669: 2,
};
const BY_CLASS: Readonly<Record<string, Readonly<Record<number, 1 | 2 | 3>>>> = {
  [MR_IMAGE_STORAGE]: { 524323: 2, 524339: 2 },
  [ENHANCED_MR_IMAGE_STORAGE]: ENHANCED_MR,
  [LEGACY_CONVERTED_ENHANCED_MR_IMAGE_STORAGE]: ENHANCED_MR,
  [SEGMENTATION_STORAGE]: { ...CONTENT_TIME, 1576960: 1 },
  [PARAMETRIC_MAP_STORAGE]: { ...CONTENT_TIME, 1576960: 1, 4195669: 2 },
  [SPATIAL_REGISTRATION_STORAGE]: { ...CONTENT_TIME, 1576960: 1 },
  [COMPREHENSIVE_3D_SR_STORAGE]: { ...CONTENT_TIME, 1576960: 1, 528657: 2 },
};

/**
 * The one action of a row for an attribute in an object. References to images (`X/Z/U*`) go at the top level,
 * where they may; within functional groups and registrations, and in an object that lists what it refers to
 * (Common Instance Reference), they must stand and get other UIDs. In an object of another class nobody knows the
 * type: then the last action, which suits every one of them.
 *
 * @param nested within the item of a sequence.
 * @param listsReferences the object has a Referenced Series Sequence.
 */
export function simpleAction(
  basic: BasicAction,
  tag: number,
  sopClassUid: string,
  nested: boolean,
  listsReferences: boolean,
): SimpleAction {
  const choices = basic.replace('*', '').split('/') as SimpleAction[];
  const last = choices.at(-1)!;
  if (choices.length === 1) return last;
  const types = BY_CLASS[sopClassUid];
  if (types === undefined) return last;
  if (last === 'U') return nested || listsReferences ? 'U' : 'X';
  // Within a Referenced Request Sequence, which only reports have, the study must be there.
  const type = nested ? (tag === REFERENCED_STUDY ? 2 : EVERYWHERE[tag]) : (types[tag] ?? EVERYWHERE[tag]);
  if (type === 3 && choices.includes('X')) return 'X';
  if (type === 2 && choices.includes('Z')) return 'Z';
  return last;
}
