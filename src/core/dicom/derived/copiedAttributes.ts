import type { DataSet } from './dataSet.ts';

/**
 * What an enhanced slice takes over from the slice it came from, unchanged: who the patient is, what study
 * and order it belongs to, and how it was **acquired**. Everything else is left behind: what describes the
 * source's pixels (padding, lookup tables, overlays, icons, rescale, windows), its instance (signatures,
 * referenced images, performed step) or its maker (private elements).
 */
export function copyAttributes(source: DataSet): DataSet {
  return source.filter(({ tag }) => isCopied(tag));
}

/**
 * What an object beside a series (a segmentation, a report …) takes over from it: the patient, the study and
 * the trial, and the character set they are written in. Nothing of how images were acquired.
 */
export function copyStudyAttributes(source: DataSet): DataSet {
  return source.filter(({ tag }) => STUDY.has(tag) || tag >>> 16 === CLINICAL_TRIAL);
}

/**
 * What an Enhanced MR image takes over from the top level of an Enhanced MR source: as `copyAttributes`, by the
 * modules of that object (PS3.3, A.36.2). How a frame was acquired stands in its functional groups; the MR Pulse
 * Sequence module is for what was acquired, and may not stand in a derived image.
 */
export function copyEnhancedMrAttributes(source: DataSet): DataSet {
  return source.filter(({ tag }) => COPIED_OF_ENHANCED_MR.has(tag) || tag >>> 16 === CLINICAL_TRIAL);
}

function isCopied(tag: number): boolean {
  const group = tag >>> 16;
  return COPIED.has(tag) || group === CLINICAL_TRIAL;
}

/** Clinical trial modules and the state of de-identification are taken over whole. */
const CLINICAL_TRIAL = 0x0012;

/** Attributes by the module of PS3.3 that they belong to. */
const PATIENT = [
  0x00081120, 0x00100010, 0x00100020, 0x00100021, 0x00100022, 0x00100024, 0x00100026, 0x00100027, 0x00100030,
  0x00100032, 0x00100033, 0x00100034, 0x00100035, 0x00100040, 0x00100200, 0x00101000, 0x00101001, 0x00101002,
  0x00102160, 0x00102201, 0x00102202, 0x00102292, 0x00102293, 0x00102294, 0x00102295, 0x00102296, 0x00102297,
  0x00102298, 0x00102299, 0x00104000,
];
const PATIENT_STUDY = [
  0x00081080, 0x00081084, 0x00101010, 0x00101020, 0x00101021, 0x00101022, 0x00101023, 0x00101024, 0x00101030,
  0x00102000, 0x00102110, 0x00102180, 0x001021a0, 0x001021b0, 0x001021c0, 0x001021d0, 0x00102203, 0x00321066,
  0x00321067, 0x00380010, 0x00380014, 0x00380050, 0x00380060, 0x00380062, 0x00380064, 0x00380500,
];
const GENERAL_STUDY = [
  0x00080020, 0x00080030, 0x00080050, 0x00080051, 0x00080090, 0x00080096, 0x0008009c, 0x0008009d, 0x00081030,
  0x00081032, 0x00081048, 0x00081049, 0x00081060, 0x00081062, 0x00081110, 0x0020000d, 0x00200010, 0x00321034,
  0x00401012,
];
/** Without the series' own identity, times and performed step, which are those of the enhanced series. */
const GENERAL_SERIES = [
  0x00080060, 0x00081050, 0x00081052, 0x00081070, 0x00081072, 0x00102210, 0x00180015, 0x00181030, 0x00185100,
  0x00200060, 0x00400275,
];
const FRAME_OF_REFERENCE = [0x00200052, 0x00201040];
const ACQUISITION = [0x00080017, 0x00080022, 0x0008002a, 0x00080032, 0x00189073, 0x00200012, 0x00201002];
const IMAGE_PLANE = [0x00180050, 0x00180088, 0x00200032, 0x00200037, 0x00200062];
const CONTRAST_BOLUS = [
  0x00180010, 0x00180012, 0x00180014, 0x00181040, 0x00181041, 0x00181042, 0x00181043, 0x00181044, 0x00181045,
  0x00181046, 0x00181047, 0x00181048, 0x00181049,
];
const MR_IMAGE = [
  0x00180020, 0x00180021, 0x00180022, 0x00180023, 0x00180024, 0x00180025, 0x00180080, 0x00180081, 0x00180082,
  0x00180083, 0x00180084, 0x00180085, 0x00180086, 0x00180087, 0x00180089, 0x00180091, 0x00180093, 0x00180094,
  0x00180095, 0x00181060, 0x00181062, 0x00181080, 0x00181081, 0x00181082, 0x00181083, 0x00181084, 0x00181085,
  0x00181086, 0x00181088, 0x00181090, 0x00181094, 0x00181100, 0x00181250, 0x00181251, 0x00181310, 0x00181312,
  0x00181314, 0x00181315, 0x00181316, 0x00181318, 0x00200100, 0x00200105, 0x00200110,
];
/** Not of the classic MR image, but vendors put them there, and without them a diffusion image is not one. */
const DIFFUSION = [0x00189075, 0x00189076, 0x00189087, 0x00189089, 0x00189147];
/** Anatomic Region and Primary Anatomic Structure among them. */
const IMAGE_FACTS = [0x00082218, 0x00082228, 0x00280300, 0x00282110, 0x00282112, 0x00282114];
const SOP_COMMON = [0x00080005, 0x00080201];

const COPIED: ReadonlySet<number> = new Set([
  ...PATIENT,
  ...PATIENT_STUDY,
  ...GENERAL_STUDY,
  ...GENERAL_SERIES,
  ...FRAME_OF_REFERENCE,
  ...ACQUISITION,
  ...IMAGE_PLANE,
  ...CONTRAST_BOLUS,
  ...MR_IMAGE,
  ...DIFFUSION,
  ...IMAGE_FACTS,
  ...SOP_COMMON,
]);

const STUDY: ReadonlySet<number> = new Set([...PATIENT, ...PATIENT_STUDY, ...GENERAL_STUDY, ...SOP_COMMON]);

/** Laterality is the frames' own in an Enhanced MR image. */
const LATERALITY = 0x00200060;
const ENHANCED_MR_IMAGE = [
  0x0008002a, 0x00180087, 0x00181320, 0x00189064, 0x00189073, 0x00189100, 0x00189174, 0x00189175, 0x00200012,
  0x00280300, 0x00282112, 0x00282114,
];
const SYNCHRONIZATION = [0x00181061, 0x0018106a, 0x00181800, 0x00181801, 0x00181802, 0x00181803, 0x00200200];
const CARDIAC_AND_RESPIRATORY = [
  0x00181062, 0x00181064, 0x00181080, 0x00181081, 0x00181082, 0x00181083, 0x00181084, 0x00181085, 0x00181086,
  0x00181088, 0x00189037, 0x00189070, 0x00189085, 0x00189169, 0x00189170, 0x00189171,
];
/** The sequence of Enhanced Contrast/Bolus, and the agent in words, which some scanners write beside it. */
const ENHANCED_CONTRAST_BOLUS = [0x00180010, 0x00180012];
const ACQUISITION_CONTEXT = [0x00400555];

const COPIED_OF_ENHANCED_MR: ReadonlySet<number> = new Set(
  [
    ...STUDY,
    ...GENERAL_SERIES,
    ...FRAME_OF_REFERENCE,
    ...ENHANCED_MR_IMAGE,
    ...SYNCHRONIZATION,
    ...CARDIAC_AND_RESPIRATORY,
    ...ENHANCED_CONTRAST_BOLUS,
    ...ACQUISITION_CONTEXT,
  ].filter((tag) => tag !== LATERALITY),
);
