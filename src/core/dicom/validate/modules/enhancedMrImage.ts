import type { DataSet } from '../../derived/dataSet.ts';
import { E } from '../../derived/enhancedMrTags.ts';
import { elementOf, itemsOf, stringOf } from '../checkedObject.ts';
import { type FunctionalGroup, has, type Module, type1, type2, type3 } from '../requirement.ts';
import {
  CODE,
  COMMON_INSTANCE_REFERENCE,
  COMPOSITE,
  ENHANCED_GENERAL_EQUIPMENT,
  FRAME_OF_REFERENCE,
  INSTANCE,
  LOSSY,
  PATIENT_POSITION,
} from './common.ts';
import { IMAGE_PIXEL } from './mrImage.ts';
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

/** Condition of most of what describes an acquisition: Image Type 1 is ORIGINAL or MIXED. */
const isAcquired = (dataSet: DataSet): boolean =>
  ['ORIGINAL', 'MIXED'].includes(stringOf(dataSet, E.ImageType));
const isDerived = (dataSet: DataSet): boolean => stringOf(dataSet, E.ImageType) === 'DERIVED';
const never = (): boolean => false;

/** Some frame names the images that it was derived from. */
const namesSources = (dataSet: DataSet): boolean =>
  [E.SharedFunctionalGroupsSequence, E.PerFrameFunctionalGroupsSequence].some((groups) =>
    itemsOf(dataSet, groups).some((holder) =>
      itemsOf(holder, E.DerivationImageSequence).some(
        (item) => itemsOf(item, E.SourceImageSequence).length > 0,
      ),
    ),
  );

/** Hierarchical SOP Instance Reference macro (PS3.3, C.17.2.1). */
const EVIDENCE: Module = [
  type1(E.StudyInstanceUID),
  type1(E.ReferencedSeriesSequence, {
    items: [type1(E.SeriesInstanceUID), type1(E.ReferencedSOPSequence, { items: INSTANCE })],
  }),
];

/** Common CT/MR and MR Image Description macros (PS3.3, C.8.16.2 and C.8.13.3.1), of the image or of a frame. */
const description = (...mixed: readonly string[]): Module => [
  type1(E.PixelPresentation, { oneOf: ['COLOR', 'MONOCHROME', 'TRUE_COLOR', ...mixed] }),
  type1(E.VolumetricProperties, { oneOf: ['VOLUME', 'SAMPLED', 'DISTORTED', ...mixed] }),
  type1(E.VolumeBasedCalculationTechnique),
  type1(E.ComplexImageComponent, { oneOf: ['MAGNITUDE', 'PHASE', 'REAL', 'IMAGINARY', ...mixed] }),
  type1(E.AcquisitionContrast),
];

/** PS3.3, C.8.13.1. */
const ENHANCED_MR: Module = [
  type1(E.ImageType, { byPlace: [['ORIGINAL', 'DERIVED', 'MIXED'], ['PRIMARY'], [], []] }),
  ...description('MIXED'),
  type1(E.SamplesPerPixel, { oneOf: ['1'] }),
  type1(E.PhotometricInterpretation, { oneOf: ['MONOCHROME2'] }),
  type1(E.BitsAllocated, { oneOf: ['8', '16'] }),
  type1(E.ContentQualification, { oneOf: ['PRODUCT', 'RESEARCH', 'SERVICE'] }),
  type1(E.BurnedInAnnotation, { oneOf: ['NO'] }),
  type3(E.RecognizableVisualFeatures, { oneOf: ['YES', 'NO'] }),
  type1(E.PresentationLUTShape, { oneOf: ['IDENTITY'] }),
  type1(E.AcquisitionDateTime, { when: isAcquired }),
  type1(E.AcquisitionDuration, { when: isAcquired }),
  type1(E.ResonantNucleus, { when: isAcquired }),
  type1(E.KSpaceFiltering, { when: isAcquired }),
  type1(E.MagneticFieldStrength, { when: isAcquired }),
  type1(E.SourceImageEvidenceSequence, { when: namesSources, items: EVIDENCE }),
];

/** PS3.3, C.8.13.4: of what was acquired. */
const MR_PULSE_SEQUENCE: Module = [
  type1(E.PulseSequenceName, { when: isAcquired }),
  type1(E.MRAcquisitionType, { when: isAcquired }),
  type1(E.EchoPulseSequence, { when: isAcquired, oneOf: ['SPIN', 'GRADIENT', 'BOTH'] }),
  type1(E.EchoPlanarPulseSequence, { when: isAcquired, oneOf: ['YES', 'NO'] }),
];

/** PS3.3, C.7.6.4b. */
const ENHANCED_CONTRAST_BOLUS: Module = [
  type3(E.ContrastBolusAgentSequence, {
    items: [
      ...CODE,
      type1(E.ContrastBolusAgentNumber),
      type1(E.ContrastBolusAdministrationRouteSequence, { items: CODE }),
      type2(E.ContrastBolusVolume),
      type2(E.ContrastBolusIngredientConcentration),
    ],
  }),
];

/** Enhanced MR Image Storage (PS3.3, A.36.2). */
export const ENHANCED_MR_IMAGE: Module = [
  ...COMPOSITE,
  type1(E.Modality, { oneOf: ['MR'] }),
  ...PATIENT_POSITION,
  ...FRAME_OF_REFERENCE,
  ...ENHANCED_GENERAL_EQUIPMENT,
  ...FUNCTIONAL_GROUPS,
  ...DIMENSIONS,
  ...ACQUISITION_CONTEXT,
  ...IMAGE_PIXEL,
  ...SAYS_LOSSY,
  ...LOSSY,
  ...ENHANCED_MR,
  ...MR_PULSE_SEQUENCE,
  ...ENHANCED_CONTRAST_BOLUS,
  ...COMMON_INSTANCE_REFERENCE,
];

const FRAME_ANATOMY: FunctionalGroup = {
  tag: E.FrameAnatomySequence,
  where: 'either',
  items: [
    type1(E.AnatomicRegionSequence, { items: CODE }),
    type1(E.FrameLaterality, { oneOf: ['R', 'L', 'U', 'B'] }),
  ],
};
const MR_IMAGE_FRAME_TYPE: FunctionalGroup = {
  tag: E.MRImageFrameTypeSequence,
  where: 'either',
  items: [type1(E.FrameType, { byPlace: [['ORIGINAL', 'DERIVED'], ['PRIMARY'], [], []] }), ...description()],
};

/** PS3.3, table A.36-2. */
export const ENHANCED_MR_IMAGE_GROUPS: readonly FunctionalGroup[] = [
  PIXEL_MEASURES,
  PLANE_POSITION,
  PLANE_ORIENTATION,
  {
    ...FRAME_CONTENT,
    items: [
      ...FRAME_CONTENT.items,
      type1(E.InStackPositionNumber, { when: has(E.StackId) }),
      type1(E.StackId, { when: (item) => elementOf(item, E.InStackPositionNumber) !== undefined }),
    ],
  },
  FRAME_ANATOMY,
  MR_IMAGE_FRAME_TYPE,
  { ...DERIVATION_IMAGE, when: isDerived },
  { ...PIXEL_VALUE_TRANSFORMATION, when: never },
  { ...REAL_WORLD_VALUE_MAPPING, when: never },
  {
    tag: E.FrameVOILUTSequence,
    where: 'either',
    when: never,
    items: [type1(E.WindowCenter), type1(E.WindowWidth)],
  },
  { tag: E.MRTimingAndRelatedParametersSequence, where: 'either', when: isAcquired, items: [] },
  { tag: E.MRFOVGeometrySequence, where: 'either', when: isAcquired, items: [] },
  {
    tag: E.MREchoSequence,
    where: 'either',
    when: isAcquired,
    items: [type1(E.EffectiveEchoTime, { when: never })],
  },
  {
    tag: E.ContrastBolusUsageSequence,
    where: 'either',
    when: has(E.ContrastBolusAgentSequence),
    items: [
      type1(E.ContrastBolusAgentNumber),
      type1(E.ContrastBolusAgentAdministered, { oneOf: ['YES', 'NO'] }),
      type2(E.ContrastBolusAgentDetected, { oneOf: ['YES', 'NO'] }),
    ],
  },
];
