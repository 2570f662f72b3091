import { C } from '../../derived/companionTags.ts';
import { stringOf } from '../checkedObject.ts';
import { type FunctionalGroup, has, type Module, type1, type3 } from '../requirement.ts';
import {
  CODE,
  COMMON_INSTANCE_REFERENCE,
  COMPOSITE,
  CONTENT_IDENTIFICATION,
  ENHANCED_GENERAL_EQUIPMENT,
  FRAME_OF_REFERENCE,
} from './common.ts';
import { IMAGE_PIXEL } from './mrImage.ts';
import {
  DERIVATION_IMAGE,
  DIMENSIONS,
  FRAME_CONTENT,
  FUNCTIONAL_GROUPS,
  PIXEL_MEASURES,
  PLANE_ORIENTATION,
  PLANE_POSITION,
  SAYS_LOSSY,
} from './multiFrame.ts';

const isComputed = (segment: Parameters<typeof stringOf>[0]): boolean =>
  stringOf(segment, C.SegmentAlgorithmType) !== 'MANUAL';

/** PS3.3, C.8.20.4: one item a segment. */
const SEGMENT: Module = [
  type1(C.SegmentNumber),
  type1(C.SegmentLabel),
  type1(C.SegmentAlgorithmType, { oneOf: ['AUTOMATIC', 'SEMIAUTOMATIC', 'MANUAL'] }),
  type1(C.SegmentAlgorithmName, { when: isComputed }),
  type1(C.SegmentedPropertyCategoryCodeSequence, { items: CODE }),
  type1(C.SegmentedPropertyTypeCodeSequence, { items: CODE }),
  type1(C.TrackingID, { when: has(C.TrackingUID) }),
  type1(C.TrackingUID, { when: has(C.TrackingID) }),
  type3(C.SegmentationAlgorithmIdentificationSequence, {
    items: [
      type1(C.AlgorithmFamilyCodeSequence, { items: CODE }),
      type1(C.AlgorithmName),
      type1(C.AlgorithmVersion),
    ],
  }),
];

/** Segmentation Storage (PS3.3, A.51). */
export const SEGMENTATION: Module = [
  ...COMPOSITE,
  type1(C.Modality, { oneOf: ['SEG'] }),
  type1(C.SeriesNumber),
  ...FRAME_OF_REFERENCE,
  ...ENHANCED_GENERAL_EQUIPMENT,
  ...CONTENT_IDENTIFICATION,
  ...FUNCTIONAL_GROUPS,
  ...DIMENSIONS,
  ...IMAGE_PIXEL,
  ...SAYS_LOSSY,
  ...COMMON_INSTANCE_REFERENCE,
  type1(C.ImageType, { byPlace: [['DERIVED'], ['PRIMARY']] }),
  type1(C.SamplesPerPixel, { oneOf: ['1'] }),
  type1(C.PhotometricInterpretation, { oneOf: ['MONOCHROME2', 'PALETTE COLOR'] }),
  type1(C.PixelRepresentation, { oneOf: ['0'] }),
  type1(C.SegmentationType, { oneOf: ['BINARY', 'FRACTIONAL', 'LABELMAP'] }),
  type3(C.SegmentsOverlap, { oneOf: ['YES', 'NO', 'UNDEFINED'] }),
  type1(C.SegmentSequence, { items: SEGMENT }),
];

export const SEGMENTATION_GROUPS: readonly FunctionalGroup[] = [
  PIXEL_MEASURES,
  PLANE_POSITION,
  PLANE_ORIENTATION,
  FRAME_CONTENT,
  DERIVATION_IMAGE,
  {
    tag: C.SegmentIdentificationSequence,
    where: 'either',
    items: [type1(C.ReferencedSegmentNumber)],
  },
];
