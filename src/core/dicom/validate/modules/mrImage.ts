import { C } from '../../derived/companionTags.ts';
import { stringsOf } from '../checkedObject.ts';
import { lacks, type Module, type1, type2, type3 } from '../requirement.ts';
import {
  COMMON_INSTANCE_REFERENCE,
  COMPOSITE,
  DERIVED_FROM,
  FRAME_OF_REFERENCE,
  GENERAL_EQUIPMENT,
  LOSSY,
  PATIENT_POSITION,
} from './common.ts';

const GENERAL_IMAGE: Module = [
  type2(C.InstanceNumber),
  type2(C.PatientOrientation, { when: lacks(C.ImagePositionPatient, C.ImageOrientationPatient) }),
  ...DERIVED_FROM,
  ...LOSSY,
  type3(C.BurnedInAnnotation, { oneOf: ['YES', 'NO'] }),
  type3(C.RecognizableVisualFeatures, { oneOf: ['YES', 'NO'] }),
  type3(C.QualityControlImage, { oneOf: ['YES', 'NO', 'BOTH'] }),
];

const IMAGE_PLANE: Module = [
  type1(C.PixelSpacing),
  type1(C.ImageOrientationPatient),
  type1(C.ImagePositionPatient),
  type2(C.SliceThickness),
];

/** Image Pixel module, but Pixel Data itself (PS3.3, C.7.6.3). */
export const IMAGE_PIXEL: Module = [
  type1(C.SamplesPerPixel),
  type1(C.PhotometricInterpretation),
  type1(C.Rows),
  type1(C.Columns),
  type1(C.BitsAllocated),
  type1(C.BitsStored),
  type1(C.HighBit),
  type1(C.PixelRepresentation, { oneOf: ['0', '1'] }),
];

/** PS3.3, C.8.3.1. */
const MR: Module = [
  type1(C.ImageType, {
    byPlace: [
      ['ORIGINAL', 'DERIVED'],
      ['PRIMARY', 'SECONDARY'],
    ],
  }),
  type1(C.SamplesPerPixel, { oneOf: ['1'] }),
  type1(C.PhotometricInterpretation, { oneOf: ['MONOCHROME1', 'MONOCHROME2'] }),
  type1(C.BitsAllocated, { oneOf: ['16'] }),
  type1(C.ScanningSequence, { oneOf: ['SE', 'IR', 'GR', 'EP', 'RM'] }),
  type1(C.SequenceVariant, { oneOf: ['SK', 'MTC', 'SS', 'TRSS', 'SP', 'MP', 'OSP', 'NONE'] }),
  type2(C.ScanOptions),
  type2(C.MRAcquisitionType, { oneOf: ['2D', '3D'] }),
  type2(C.RepetitionTime, {
    when: (dataSet) =>
      !stringsOf(dataSet, C.ScanningSequence).includes('EP') ||
      stringsOf(dataSet, C.SequenceVariant).includes('SK'),
  }),
  type2(C.EchoTime),
  type2(C.EchoTrainLength),
  type2(C.InversionTime, { when: (dataSet) => stringsOf(dataSet, C.ScanningSequence).includes('IR') }),
  type3(C.ContentQualification, { oneOf: ['PRODUCT', 'RESEARCH', 'SERVICE'] }),
];

/** MR Image Storage (PS3.3, A.4). */
export const MR_IMAGE: Module = [
  ...COMPOSITE,
  type1(C.Modality, { oneOf: ['MR'] }),
  ...PATIENT_POSITION,
  ...FRAME_OF_REFERENCE,
  ...GENERAL_EQUIPMENT,
  ...GENERAL_IMAGE,
  ...IMAGE_PLANE,
  ...IMAGE_PIXEL,
  ...MR,
  ...COMMON_INSTANCE_REFERENCE,
];
