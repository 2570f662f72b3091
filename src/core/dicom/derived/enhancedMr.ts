import { withCodingSchemes } from './codes.ts';
import { type DataSet, integers, mergeDataSets, sequence, shorts, text } from './dataSet.ts';
import { type Dimension, dimensionModule } from './dimensions.ts';
import { E } from './enhancedMrTags.ts';
import { SERIAL_NUMBER } from './equipment.ts';
import { GroupSharing } from './groupSharing.ts';
import { FRAME_KIND } from './mrFrameGroups.ts';
import { commonInstances, evidence, relatedSeriesOf, type SeriesReference } from './references.ts';
import {
  EMPTY_WHERE_MISSING,
  type EnhancedSeriesFacts,
  identityModules,
  provenanceElements,
  reader,
  safetyElements,
} from './seriesModules.ts';
import { ENHANCED_MR_IMAGE_STORAGE } from './uids.ts';
import { itemOf } from './values.ts';

/** What is said of the one object that an enhanced series is. */
export interface EnhancedMrFacts {
  readonly sopInstanceUid: string;
  readonly dimensionOrganizationUid: string;
  /** All of its instances that any frame names. */
  readonly target: SeriesReference;
  readonly reference: SeriesReference | undefined;
  /** Of all stored values. */
  readonly smallest: number;
  readonly largest: number;
}

const BY_STACK: Dimension = { pointer: E.StackId, group: E.FrameContentSequence, label: 'Stack ID' };
const BY_PLACE_IN_STACK: Dimension = {
  pointer: E.InStackPositionNumber,
  group: E.FrameContentSequence,
  label: 'In-Stack Position Number',
};

/**
 * An enhanced series as one Enhanced MR image (PS3.3, A.36.2), without its pixels: one frame a slice, ascending
 * along the normal. What describes the acquisition is the source's, at the top level and in the frames; series,
 * equipment, derivation, grid and stored values are new. See docs/dicom-export.md for each attribute and why.
 *
 * @param source data set of a file that frames came from
 * @param top what is taken over at the top level (`topOfEnhancedMr`, `topOfClassicMr`)
 * @param frames functional groups of each frame (`enhancedFrameGroups`), at least one
 */
export function enhancedMrDataSet(
  source: DataSet,
  top: DataSet,
  frames: Iterable<DataSet>,
  series: EnhancedSeriesFacts,
  image: EnhancedMrFacts,
): DataSet {
  const groups = new GroupSharing();
  for (const frame of frames) groups.add(frame);
  const { shared, perFrame } = groups.finish();
  const named = image.reference === undefined ? [image.target] : [image.target, image.reference];
  const kinds = perFrame.map((frame) => itemOf([...shared, ...frame], E.MRImageFrameTypeSequence));
  const dataSet = mergeDataSets(
    EMPTY_WHERE_MISSING,
    [sequence(E.AcquisitionContextSequence), text(E.DeviceSerialNumber, 'LO', SERIAL_NUMBER)],
    top,
    identityModules(source, series, {
      sopClassUid: ENHANCED_MR_IMAGE_STORAGE,
      sopInstanceUid: image.sopInstanceUid,
      instanceNumber: 1,
      imageType: imageTypeOf(kinds),
    }),
    provenanceElements(series),
    kindOf(kinds),
    dimensionModule(image.dimensionOrganizationUid, [BY_STACK, BY_PLACE_IN_STACK]),
    relatedSeriesOf(image.target, image.reference),
    commonInstances(image.target.studyUid, named),
    [evidence(E.SourceImageEvidenceSequence, named)],
    pixelModule(series, image, perFrame.length),
    safetyElements(source),
    [
      text(E.LossyImageCompression, 'CS', series.lossy ? '01' : '00'),
      sequence(E.SharedFunctionalGroupsSequence, shared),
      sequence(E.PerFrameFunctionalGroupsSequence, ...perFrame),
    ],
  );
  return withCodingSchemes(dataSet, source);
}

/** Image Type of all frames: `MIXED` where they differ (PS3.3, C.8.16.1). */
function imageTypeOf(kinds: readonly DataSet[]): string[] {
  const types = kinds.map((kind) => reader(kind).strings(E.FrameType));
  return types[0]!.map((value, n) => (types.every((type) => type[n] === value) ? value : 'MIXED'));
}

/** What frames say of themselves, said of all of them: `MIXED` where they differ (PS3.3, C.8.16.2 and C.8.13.3). */
function kindOf(kinds: readonly DataSet[]): DataSet {
  return [...FRAME_KIND].flatMap((tag) => {
    const values = new Set(kinds.map((kind) => reader(kind).string(tag)));
    const [value] = values;
    if (values.size === 1) return value === undefined ? [] : [text(tag, 'CS', value)];
    return [text(tag, 'CS', 'MIXED')];
  });
}

function pixelModule(series: EnhancedSeriesFacts, image: EnhancedMrFacts, frames: number): DataSet {
  const { signed } = series.stored;
  return [
    shorts(E.SamplesPerPixel, [1]),
    text(E.PhotometricInterpretation, 'CS', 'MONOCHROME2'),
    integers(E.NumberOfFrames, frames),
    shorts(E.Rows, [series.rows]),
    shorts(E.Columns, [series.columns]),
    shorts(E.BitsAllocated, [16]),
    shorts(E.BitsStored, [16]),
    shorts(E.HighBit, [15]),
    shorts(E.PixelRepresentation, [signed ? 1 : 0]),
    shorts(E.SmallestImagePixelValue, [image.smallest], signed),
    shorts(E.LargestImagePixelValue, [image.largest], signed),
    text(E.PresentationLUTShape, 'CS', 'IDENTITY'),
  ];
}
