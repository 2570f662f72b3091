import { C } from '../../derived/companionTags.ts';
import { has, lacks, type Module, type1, type2, type3 } from '../requirement.ts';

/** Modules and macros of PS3.3 that many objects share. */

const LongCodeValue = 0x00080119;
const URNCodeValue = 0x00080120;
const PatientOrientationCodeSequence = 0x00540410;

/** Code Sequence macro (PS3.3, 8.8). */
export const CODE: Module = [
  type1(C.CodeValue, { when: lacks(LongCodeValue, URNCodeValue) }),
  type1(C.CodingSchemeDesignator, { when: lacks(URNCodeValue) }),
  type1(C.CodeMeaning),
];

/** SOP Instance Reference macro (PS3.3, 10.8). */
export const INSTANCE: Module = [type1(C.ReferencedSOPClassUID), type1(C.ReferencedSOPInstanceUID)];

const REFERENCED_SERIES: Module = [
  type1(C.SeriesInstanceUID),
  type1(C.ReferencedInstanceSequence, { items: INSTANCE }),
];

export const PATIENT: Module = [
  type2(C.PatientName),
  type2(C.PatientID),
  type2(C.PatientBirthDate),
  type2(C.PatientSex, { oneOf: ['M', 'F', 'O'] }),
];

export const GENERAL_STUDY: Module = [
  type1(C.StudyInstanceUID),
  type2(C.StudyDate),
  type2(C.StudyTime),
  type2(C.ReferringPhysicianName),
  type2(C.StudyID),
  type2(C.AccessionNumber),
];

export const GENERAL_SERIES: Module = [
  type1(C.Modality),
  type1(C.SeriesInstanceUID),
  type2(C.SeriesNumber),
  type3(C.Laterality, { oneOf: ['R', 'L'] }),
  type3(C.RelatedSeriesSequence, {
    items: [
      type1(C.StudyInstanceUID),
      type1(C.SeriesInstanceUID),
      type2(C.PurposeOfReferenceCodeSequence, { items: CODE }),
    ],
  }),
];

/** Patient Position, of images of the patient on a table (type 2C of General Series). */
export const PATIENT_POSITION: Module = [
  type2(C.PatientPosition, {
    when: lacks(PatientOrientationCodeSequence),
    oneOf: [
      'HFS',
      'HFP',
      'HFDR',
      'HFDL',
      'FFS',
      'FFP',
      'FFDR',
      'FFDL',
      'LFP',
      'LFS',
      'RFP',
      'RFS',
      'AFDR',
    ].concat(['AFDL', 'PFDR', 'PFDL']),
  }),
];

export const FRAME_OF_REFERENCE: Module = [type1(C.FrameOfReferenceUID), type2(C.PositionReferenceIndicator)];

export const GENERAL_EQUIPMENT: Module = [type2(C.Manufacturer)];

export const ENHANCED_GENERAL_EQUIPMENT: Module = [
  type1(C.Manufacturer),
  type1(C.ManufacturerModelName),
  type1(C.DeviceSerialNumber),
  type1(C.SoftwareVersions),
];

export const SOP_COMMON: Module = [
  type1(C.SOPClassUID),
  type1(C.SOPInstanceUID),
  type3(C.ContributingEquipmentSequence, {
    items: [type1(C.PurposeOfReferenceCodeSequence, { items: CODE }), type1(C.Manufacturer)],
  }),
  type3(C.CodingSchemeIdentificationSequence, { items: [type1(C.CodingSchemeDesignator)] }),
];

export const COMMON_INSTANCE_REFERENCE: Module = [
  type3(C.ReferencedSeriesSequence, { items: REFERENCED_SERIES }),
  type3(C.StudiesContainingOtherReferencedInstancesSequence, {
    items: [type1(C.StudyInstanceUID), type1(C.ReferencedSeriesSequence, { items: REFERENCED_SERIES })],
  }),
];

/** Content Identification macro (PS3.3, 10.9). */
export const CONTENT_IDENTIFICATION: Module = [
  type1(C.InstanceNumber),
  type1(C.ContentLabel),
  type2(C.ContentDescription),
  type2(C.ContentCreatorName),
];

/** Items of Source Image Sequence and Derivation Code Sequence, wherever they stand. */
export const DERIVED_FROM: Module = [
  type3(C.DerivationCodeSequence, { items: CODE }),
  type3(C.SourceImageSequence, {
    items: [
      ...INSTANCE,
      type3(C.SpatialLocationsPreserved, { oneOf: ['YES', 'NO', 'REORIENTED_ONLY'] }),
      type3(C.PurposeOfReferenceCodeSequence, { items: CODE }),
    ],
  }),
];

/** What every composite object of a patient has. */
export const COMPOSITE: Module = [...PATIENT, ...GENERAL_STUDY, ...GENERAL_SERIES, ...SOP_COMMON];

export const LOSSY: Module = [
  type3(C.LossyImageCompression, { oneOf: ['00', '01'] }),
  type1(C.LossyImageCompression, { when: has(C.LossyImageCompressionRatio, C.LossyImageCompressionMethod) }),
];
