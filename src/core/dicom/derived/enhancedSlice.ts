import type { Vec3 } from '../../volume/vec.ts';
import { withCodingSchemes } from './codes.ts';
import { copyAttributes } from './copiedAttributes.ts';
import { type DataSet, decimals, mergeDataSets, shorts, text } from './dataSet.ts';
import { type SeriesReference, sourceReferences } from './references.ts';
import {
  derivationElements,
  EMPTY_WHERE_MISSING,
  type EnhancedSeriesFacts,
  identityModules,
  provenanceElements,
  type Reader,
  reader,
  SAME_SPACING,
  safetyElements,
  saysAlready,
} from './seriesModules.ts';
import { T } from './tags.ts';
import { MR_IMAGE_STORAGE } from './uids.ts';

export interface EnhancedSliceFacts {
  readonly sopInstanceUid: string;
  /** 1-based along the normal. */
  readonly instanceNumber: number;
  readonly positionLps: Vec3;
  /** Position along the normal. */
  readonly sliceLocationMm: number;
  readonly target: SeriesReference;
  readonly reference: SeriesReference | undefined;
  readonly pixels: { readonly bytes: Uint8Array; readonly smallest: number; readonly largest: number };
}

/**
 * One slice of an enhanced series as MR Image Storage (PS3.3, A.4). The patient, the study, the frame of
 * reference and the acquisition are the source slice's, value for value; series, equipment, derivation, grid
 * and pixels are new. See docs/dicom-export.md for each attribute and why.
 *
 * @param source data set of the slice that this one came from (`readElements`).
 */
export function enhancedSliceDataSet(
  source: DataSet,
  series: EnhancedSeriesFacts,
  slice: EnhancedSliceFacts,
): DataSet {
  const read = reader(source);
  const dataSet = mergeDataSets(
    EMPTY_WHERE_MISSING,
    fallbacks(read),
    copyAttributes(source),
    identityModules(source, series, {
      sopClassUid: MR_IMAGE_STORAGE,
      sopInstanceUid: slice.sopInstanceUid,
      instanceNumber: slice.instanceNumber,
      imageType: ['DERIVED', 'SECONDARY', 'OTHER', 'ENHANCED'],
    }),
    derivationElements(series),
    provenanceElements(series),
    sourceReferences(slice.target, slice.reference),
    geometry(read, series, slice),
    pixels(read, series, slice),
    safetyElements(source),
    series.lossy ? [text(T.LossyImageCompression, 'CS', '01')] : [],
  );
  return withCodingSchemes(dataSet, source);
}

/** What classic images must have, maybe empty. */
function fallbacks(read: Reader): DataSet {
  const sideIsOpen = [T.BodyPartExamined, T.ImageLaterality].every((tag) => read.string(tag) === undefined);
  return [
    // Type 2C: empty says that it is not known whether the body part is one of a pair.
    ...(sideIsOpen ? [text(T.Laterality, 'CS')] : []),
    text(T.AcquisitionNumber, 'IS'),
  ];
}

function geometry(read: Reader, series: EnhancedSeriesFacts, slice: EnhancedSliceFacts): DataSet {
  const directions = [...series.iAxisLps, ...series.jAxisLps];
  const between = series.spacingBetweenSlicesMm;
  return [
    ...(saysAlready(read, T.ImagePositionPatient, slice.positionLps, 'position')
      ? []
      : [decimals(T.ImagePositionPatient, ...slice.positionLps)]),
    ...(saysAlready(read, T.ImageOrientationPatient, directions, 'direction')
      ? []
      : [decimals(T.ImageOrientationPatient, ...directions)]),
    ...(Number(read.string(T.SliceThickness)) > 0
      ? []
      : [decimals(T.SliceThickness, series.sliceThicknessMm)]),
    ...(between === undefined || saysAlready(read, T.SpacingBetweenSlices, [between], SAME_SPACING * between)
      ? []
      : [decimals(T.SpacingBetweenSlices, between)]),
    decimals(T.SliceLocation, slice.sliceLocationMm),
    decimals(T.PixelSpacing, series.spacingMm[1], series.spacingMm[0]),
    shorts(T.Rows, [series.rows]),
    shorts(T.Columns, [series.columns]),
  ];
}

function pixels(read: Reader, series: EnhancedSeriesFacts, slice: EnhancedSliceFacts): DataSet {
  const { signed, window } = series.stored;
  // Values are the source's own, so they are shown in the same direction.
  const isInverted = read.string(T.PhotometricInterpretation) === 'MONOCHROME1';
  return [
    shorts(T.SamplesPerPixel, [1]),
    text(T.PhotometricInterpretation, 'CS', isInverted ? 'MONOCHROME1' : 'MONOCHROME2'),
    shorts(T.BitsAllocated, [16]),
    shorts(T.BitsStored, [16]),
    shorts(T.HighBit, [15]),
    shorts(T.PixelRepresentation, [signed ? 1 : 0]),
    shorts(T.SmallestImagePixelValue, [slice.pixels.smallest], signed),
    shorts(T.LargestImagePixelValue, [slice.pixels.largest], signed),
    decimals(T.WindowCenter, window.center),
    decimals(T.WindowWidth, window.width),
    { tag: T.PixelData, vr: 'OW', value: slice.pixels.bytes },
  ];
}
