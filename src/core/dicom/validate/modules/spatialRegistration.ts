import { C } from '../../derived/companionTags.ts';
import { lacks, type Module, type1, type2 } from '../requirement.ts';
import {
  CODE,
  COMMON_INSTANCE_REFERENCE,
  COMPOSITE,
  CONTENT_IDENTIFICATION,
  ENHANCED_GENERAL_EQUIPMENT,
  FRAME_OF_REFERENCE,
  INSTANCE,
} from './common.ts';

const MATRIX: Module = [
  type1(C.FrameOfReferenceTransformationMatrix),
  type1(C.FrameOfReferenceTransformationMatrixType, { oneOf: ['RIGID', 'RIGID_SCALE', 'AFFINE'] }),
];

/** Spatial Registration Storage (PS3.3, A.39.1 and C.20.2). */
export const SPATIAL_REGISTRATION: Module = [
  ...COMPOSITE,
  type1(C.Modality, { oneOf: ['REG'] }),
  ...FRAME_OF_REFERENCE,
  ...ENHANCED_GENERAL_EQUIPMENT,
  ...CONTENT_IDENTIFICATION,
  ...COMMON_INSTANCE_REFERENCE,
  type1(C.ContentDate),
  type1(C.ContentTime),
  type1(C.RegistrationSequence, {
    items: [
      type1(C.FrameOfReferenceUID, { when: lacks(C.ReferencedImageSequence) }),
      type1(C.ReferencedImageSequence, { when: lacks(C.FrameOfReferenceUID), items: INSTANCE }),
      type1(C.MatrixRegistrationSequence, {
        items: [
          type2(C.RegistrationTypeCodeSequence, { items: CODE }),
          type1(C.MatrixSequence, { items: MATRIX }),
        ],
      }),
    ],
  }),
];
