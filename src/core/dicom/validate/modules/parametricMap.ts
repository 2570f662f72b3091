import { C } from '../../derived/companionTags.ts';
import { type FunctionalGroup, type Module, type1, type3 } from '../requirement.ts';
import {
  COMMON_INSTANCE_REFERENCE,
  COMPOSITE,
  CONTENT_IDENTIFICATION,
  ENHANCED_GENERAL_EQUIPMENT,
  FRAME_OF_REFERENCE,
} from './common.ts';
import {
  ACQUISITION_CONTEXT,
  DERIVATION_IMAGE,
  DIMENSIONS,
  FRAME_CONTENT,
  FUNCTIONAL_GROUPS,
  PIXEL_MEASURES,
  PIXEL_VALUE_TRANSFORMATION,
  PLANE_ORIENTATION,
  PLANE_POSITION,
  REAL_WORLD_VALUE_MAPPING,
  SAYS_LOSSY,
} from './multiFrame.ts';

/** Parametric Map Storage (PS3.3, A.75), but its pixels, which may be integers or real numbers. */
export const PARAMETRIC_MAP: Module = [
  ...COMPOSITE,
  type1(C.SeriesNumber),
  ...FRAME_OF_REFERENCE,
  ...ENHANCED_GENERAL_EQUIPMENT,
  ...CONTENT_IDENTIFICATION,
  ...FUNCTIONAL_GROUPS,
  ...DIMENSIONS,
  ...ACQUISITION_CONTEXT,
  ...SAYS_LOSSY,
  ...COMMON_INSTANCE_REFERENCE,
  type1(C.ImageType, { byPlace: [['DERIVED'], ['PRIMARY']] }),
  type1(C.Rows),
  type1(C.Columns),
  type1(C.SamplesPerPixel, { oneOf: ['1'] }),
  type1(C.PhotometricInterpretation, { oneOf: ['MONOCHROME2'] }),
  type1(C.BitsAllocated, { oneOf: ['16', '32', '64'] }),
  type1(C.ContentQualification, { oneOf: ['PRODUCT', 'RESEARCH', 'SERVICE'] }),
  type1(C.BurnedInAnnotation, { oneOf: ['NO'] }),
  type3(C.RecognizableVisualFeatures, { oneOf: ['YES', 'NO'] }),
  type1(C.PresentationLUTShape, { oneOf: ['IDENTITY'] }),
];

export const PARAMETRIC_MAP_GROUPS: readonly FunctionalGroup[] = [
  PIXEL_MEASURES,
  PLANE_POSITION,
  PLANE_ORIENTATION,
  FRAME_CONTENT,
  DERIVATION_IMAGE,
  PIXEL_VALUE_TRANSFORMATION,
  { tag: C.ParametricMapFrameTypeSequence, where: 'either', items: [type1(C.FrameType)] },
  REAL_WORLD_VALUE_MAPPING,
];
