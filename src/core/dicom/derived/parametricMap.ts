import { TandemError } from '../../errors.ts';
import { type Code, codeItem } from './codes.ts';
import {
  bodyPart,
  type CompanionFacts,
  type ContentNames,
  companionDataSet,
  companionModules,
  contentIdentification,
  derivationImage,
  frameOfReference,
  lossyHistory,
  type SourceSeries,
  textOf,
} from './companion.ts';
import { C } from './companionTags.ts';
import { type DataSet, decimals, doubles, integers, sequence, shorts, text } from './dataSet.ts';
import { BY_POSITION, dimensionModule, frameContent } from './dimensions.ts';
import { type ImagePlanes, planePositionGroup, planeSlab, sharedPlaneGroups } from './planes.ts';
import { commonInstances } from './references.ts';
import { PARAMETRIC_MAP_STORAGE } from './uids.ts';

/** What the values of a map are. */
export interface MappedQuantity {
  readonly quantity: Code;
  /** UCUM. */
  readonly units: Code;
  /** Short and long name of the values, shown beside them. */
  readonly label: string;
  readonly explanation: string;
  /** Third value of Image Type (PS3.3, C.8.16.1.3); `VOLUME` by default. */
  readonly imageFlavour?: string | undefined;
}

const dcm = (value: string, meaning: string): Code => ({ value, scheme: 'DCM', meaning });
const own = (value: string, meaning: string): Code => ({ value, scheme: '99TANDEM', meaning });

/** Codes of quantities that maps of this program hold; ours where no standard has one. */
export const QUANTITIES = {
  'standard-deviation': dcm('113061', 'Standard Deviation'),
  probability: dcm('122157', 'Probability'),
  'signal-to-noise': dcm('113060', 'Signal to noise ratio'),
  'reference-influence': own('REF-INFLUENCE', 'Influence of the reference on the enhanced image'),
  'consistency-residual': own('DC-RESIDUAL', 'Residual of data consistency'),
  uncertainty: own('UNCERTAINTY', 'Uncertainty of the enhanced image'),
} as const satisfies Readonly<Record<string, Code>>;

/** UCUM's dimensionless unit. */
export const NO_UNITS: Code = { value: '1', scheme: 'UCUM', meaning: 'no units' };

/** Slices of a map on planes: `slices[n]` lies on plane n, row-major `rows × columns`, in the quantity's units. */
export interface MapOnPlanes {
  readonly planes: ImagePlanes;
  readonly slices: readonly Float32Array[];
}

const QUANTITY = { value: '246205007', scheme: 'SCT', meaning: 'Quantity' };
const DERIVATION = dcm('110001', 'Image Processing');
const SOURCE = dcm('121322', 'Source image for image processing operation');

/**
 * A map of real numbers as DICOM Parametric Map (PS3.3, A.75): 32-bit floating point, one frame a plane in
 * ascending order along the normal, values as they are with the real world value mapping that says what they
 * mean. What is not a number is written as NaN, which the format has.
 *
 * @throws TandemError `bad-geometry` where slices and planes do not agree.
 */
export function parametricMapDataSet(
  source: SourceSeries,
  map: MapOnPlanes,
  quantity: MappedQuantity,
  facts: CompanionFacts & { readonly dimensionOrganizationUid: string; readonly content: ContentNames },
): DataSet {
  const { planes, slices } = map;
  const pixels = planes.rows * planes.columns;
  if (
    slices.length !== planes.positionsLps.length ||
    slices.length === 0 ||
    slices.some(({ length }) => length !== pixels)
  ) {
    throw new TandemError('bad-geometry', 'The map does not have the slices or the size of its planes');
  }
  const range = finiteRange(slices);
  const imageType = ['DERIVED', 'PRIMARY', quantity.imageFlavour ?? 'VOLUME', 'NONE'];
  const features = textOf(source.dataSet, C.RecognizableVisualFeatures);
  return companionDataSet(
    source,
    companionModules(source, facts, { sopClassUid: PARAMETRIC_MAP_STORAGE, modality: 'MR' }),
    frameOfReference(source),
    bodyPart(source),
    contentIdentification(facts.content),
    lossyHistory(source),
    dimensionModule(facts.dimensionOrganizationUid, [BY_POSITION]),
    commonInstances(source.studyUid, [source]),
    [
      text(C.ImageType, 'CS', ...imageType),
      text(C.ContentQualification, 'CS', 'RESEARCH'),
      text(C.BurnedInAnnotation, 'CS', 'NO'),
      text(C.RecognizableVisualFeatures, 'CS', features === 'NO' ? 'NO' : 'YES'),
      text(C.PresentationLUTShape, 'CS', 'IDENTITY'),
      shorts(C.SamplesPerPixel, [1]),
      text(C.PhotometricInterpretation, 'CS', 'MONOCHROME2'),
      integers(C.NumberOfFrames, slices.length),
      shorts(C.Rows, [planes.rows]),
      shorts(C.Columns, [planes.columns]),
      shorts(C.BitsAllocated, [32]),
      sequence(C.AcquisitionContextSequence),
      sequence(C.SharedFunctionalGroupsSequence, [
        ...sharedPlaneGroups(planes),
        sequence(C.PixelValueTransformationSequence, [
          decimals(C.RescaleIntercept, 0),
          decimals(C.RescaleSlope, 1),
          text(C.RescaleType, 'LO', 'US'),
        ]),
        sequence(C.ParametricMapFrameTypeSequence, [text(C.FrameType, 'CS', ...imageType)]),
        sequence(C.FrameVOILUTSequence, [
          decimals(C.WindowCenter, (range.min + range.max) / 2),
          decimals(C.WindowWidth, range.max > range.min ? range.max - range.min : 1),
        ]),
        sequence(C.RealWorldValueMappingSequence, realWorldValues(quantity, range)),
      ]),
      sequence(
        C.PerFrameFunctionalGroupsSequence,
        ...slices.map((_, n) => [
          ...frameContent(n + 1),
          ...planePositionGroup(planes, n),
          derivationImage(source, planeSlab(planes, n), { derivation: DERIVATION, purpose: SOURCE }),
        ]),
      ),
      { tag: C.FloatPixelData, vr: 'OF', value: floatBytes(slices, pixels) },
    ],
  );
}

function realWorldValues(
  { quantity, units, label, explanation }: MappedQuantity,
  range: { readonly min: number; readonly max: number },
): DataSet {
  return [
    text(C.LUTExplanation, 'LO', explanation.slice(0, 64)),
    sequence(C.MeasurementUnitsCodeSequence, codeItem(units)),
    text(C.LUTLabel, 'SH', label.slice(0, 16)),
    doubles(C.DoubleFloatRealWorldValueLastValueMapped, range.max),
    doubles(C.DoubleFloatRealWorldValueFirstValueMapped, range.min),
    sequence(C.QuantityDefinitionSequence, [
      text(C.ValueType, 'CS', 'CODE'),
      sequence(C.ConceptNameCodeSequence, codeItem(QUANTITY)),
      sequence(C.ConceptCodeSequence, codeItem(quantity)),
    ]),
    doubles(C.RealWorldValueIntercept, 0),
    doubles(C.RealWorldValueSlope, 1),
  ];
}

function finiteRange(slices: readonly Float32Array[]): { min: number; max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const slice of slices) {
    for (const value of slice) {
      if (!Number.isFinite(value)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return min <= max ? { min, max } : { min: 0, max: 0 };
}

function floatBytes(slices: readonly Float32Array[], pixels: number): Uint8Array {
  const bytes = new Uint8Array(slices.length * pixels * 4);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const slice of slices) {
    for (const value of slice) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return bytes;
}
