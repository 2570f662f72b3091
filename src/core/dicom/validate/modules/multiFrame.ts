import { C } from '../../derived/companionTags.ts';
import { type FunctionalGroup, type Module, type1, type2, type3 } from '../requirement.ts';
import { CODE, INSTANCE } from './common.ts';

/** Multi-frame Functional Groups module (PS3.3, C.7.6.16), but the groups themselves. */
export const FUNCTIONAL_GROUPS: Module = [
  type1(C.SharedFunctionalGroupsSequence),
  type1(C.PerFrameFunctionalGroupsSequence),
  type1(C.InstanceNumber),
  type1(C.ContentDate),
  type1(C.ContentTime),
  type1(C.NumberOfFrames),
];

/** Multi-frame Dimension module (PS3.3, C.7.6.17). */
export const DIMENSIONS: Module = [
  type1(C.DimensionOrganizationSequence, { items: [type1(C.DimensionOrganizationUID)] }),
  type1(C.DimensionIndexSequence, {
    items: [
      type1(C.DimensionIndexPointer),
      type1(C.DimensionOrganizationUID),
      type3(C.DimensionDescriptionLabel),
    ],
  }),
];

export const PIXEL_MEASURES: FunctionalGroup = {
  tag: C.PixelMeasuresSequence,
  where: 'either',
  items: [type1(C.PixelSpacing), type1(C.SliceThickness)],
};
export const PLANE_POSITION: FunctionalGroup = {
  tag: C.PlanePositionSequence,
  where: 'either',
  items: [type1(C.ImagePositionPatient)],
};
export const PLANE_ORIENTATION: FunctionalGroup = {
  tag: C.PlaneOrientationSequence,
  where: 'either',
  items: [type1(C.ImageOrientationPatient)],
};
export const FRAME_CONTENT: FunctionalGroup = {
  tag: C.FrameContentSequence,
  where: 'frame',
  items: [type1(C.DimensionIndexValues)],
};
export const DERIVATION_IMAGE: FunctionalGroup = {
  tag: C.DerivationImageSequence,
  where: 'either',
  mayBeEmpty: true,
  items: [
    type1(C.DerivationCodeSequence, { items: CODE }),
    type2(C.SourceImageSequence, {
      items: [
        ...INSTANCE,
        type1(C.PurposeOfReferenceCodeSequence, { items: CODE }),
        type3(C.SpatialLocationsPreserved, { oneOf: ['YES', 'NO', 'REORIENTED_ONLY'] }),
      ],
    }),
  ],
};

export const PIXEL_VALUE_TRANSFORMATION: FunctionalGroup = {
  tag: C.PixelValueTransformationSequence,
  where: 'either',
  items: [type1(C.RescaleIntercept), type1(C.RescaleSlope), type1(C.RescaleType)],
};
export const REAL_WORLD_VALUE_MAPPING: FunctionalGroup = {
  tag: C.RealWorldValueMappingSequence,
  where: 'either',
  items: [
    type1(C.LUTExplanation),
    type1(C.LUTLabel),
    type1(C.MeasurementUnitsCodeSequence, { items: CODE }),
    type3(C.QuantityDefinitionSequence, {
      items: [type1(C.ValueType), type1(C.ConceptNameCodeSequence, { items: CODE })],
    }),
  ],
};

/** Acquisition Context module (PS3.3, C.7.6.14). */
export const ACQUISITION_CONTEXT: Module = [type2(C.AcquisitionContextSequence)];

/** Both lossy and lossless images of many frames say which they are. */
export const SAYS_LOSSY: Module = [type1(C.LossyImageCompression, { oneOf: ['00', '01'] })];
