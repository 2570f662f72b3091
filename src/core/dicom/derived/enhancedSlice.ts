import type { Vec3 } from '../../volume/vec.ts';
import {
  codeItem,
  codingSchemes,
  GUIDED_SUPER_RESOLUTION,
  SINGLE_SUPER_RESOLUTION,
  SPATIAL_RESAMPLING,
} from './codes.ts';
import { copyAttributes } from './copiedAttributes.ts';
import { type DataSet, decimals, integers, mergeDataSets, sequence, shorts, text } from './dataSet.ts';
import { dicomMoment } from './dateTime.ts';
import { contributingEquipment, type DeviceUids, generalEquipment } from './equipment.ts';
import { derivationDescription, type EnhancementFacts } from './provenance.ts';
import { canonicalJson, provenanceBlock } from './provenanceBlock.ts';
import { type SeriesReference, sourceReferences } from './references.ts';
import { enhancedSeriesDescription } from './seriesDescription.ts';
import type { StoredFormat } from './storedValues.ts';
import { T } from './tags.ts';
import { MR_IMAGE_STORAGE } from './uids.ts';

/** Everything that all slices of an enhanced series share. */
export interface EnhancedSeriesFacts {
  readonly enhancement: EnhancementFacts;
  readonly seriesUid: string;
  /** Of the target; the enhanced series' is 9000 + this. */
  readonly targetSeriesNumber: number | null;
  readonly deviceUids: DeviceUids;
  readonly stored: StoredFormat;
  /** Whether the source had a rescale other than slope 1, intercept 0. */
  readonly rescaled: boolean;
  /** Lossy compression anywhere among target and reference, with what is known about it. */
  readonly lossy: boolean;
  readonly processedAt: Date;
  readonly localOffsetMinutes: number;
  readonly columns: number;
  readonly rows: number;
  readonly spacingMm: readonly [number, number];
  readonly sliceThicknessMm: number;
  /** Measured between the slices; undefined for a single one. */
  readonly spacingBetweenSlicesMm: number | undefined;
  readonly iAxisLps: Vec3;
  readonly jAxisLps: Vec3;
}

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
  const moment = dicomMoment(
    series.processedAt,
    read.string(T.TimezoneOffsetFromUTC),
    series.localOffsetMinutes,
  );
  return mergeDataSets(
    fallbacks(read),
    copyAttributes(source),
    identity(source, series, slice, moment),
    generalEquipment(series.enhancement.appVersion),
    derivation(series),
    sourceReferences(slice.target, slice.reference),
    [contributingEquipment(source, series.enhancement, series.deviceUids, moment.dateTime)],
    geometry(read, series, slice),
    pixels(read, series, slice),
    safety(read, series),
  );
}

/** Attributes that must be there (type 2) or should be, for sources that lack them. */
function fallbacks(read: Reader): DataSet {
  const sideIsOpen = [T.BodyPartExamined, T.ImageLaterality].every((tag) => read.string(tag) === undefined);
  return [
    // Type 2C: empty says that it is not known whether the body part is one of a pair.
    ...(sideIsOpen ? [text(T.Laterality, 'CS')] : []),
    text(T.PatientName, 'PN'),
    text(T.PatientID, 'LO'),
    text(T.PatientBirthDate, 'DA'),
    text(T.PatientSex, 'CS'),
    text(T.StudyDate, 'DA'),
    text(T.StudyTime, 'TM'),
    text(T.StudyID, 'SH'),
    text(T.AccessionNumber, 'SH'),
    text(T.ReferringPhysicianName, 'PN'),
    text(T.PositionReferenceIndicator, 'LO'),
    text(T.AcquisitionNumber, 'IS'),
  ];
}

function identity(
  source: DataSet,
  series: EnhancedSeriesFacts,
  slice: EnhancedSliceFacts,
  moment: { readonly date: string; readonly time: string },
): DataSet {
  const description = source.find(({ tag }) => tag === T.SeriesDescription)?.value;
  const { scale, model } = series.enhancement;
  return [
    text(T.ImageType, 'CS', 'DERIVED', 'SECONDARY', 'OTHER', 'ENHANCED'),
    text(T.SOPClassUID, 'UI', MR_IMAGE_STORAGE),
    text(T.SOPInstanceUID, 'UI', slice.sopInstanceUid),
    text(T.SeriesInstanceUID, 'UI', series.seriesUid),
    text(T.Modality, 'CS', 'MR'),
    integers(T.SeriesNumber, 9000 + (series.targetSeriesNumber ?? 0)),
    integers(T.InstanceNumber, slice.instanceNumber),
    {
      tag: T.SeriesDescription,
      vr: 'LO',
      value: enhancedSeriesDescription(
        description instanceof Uint8Array ? description : new Uint8Array(),
        reader(source).strings(T.SpecificCharacterSet),
        { scale, model: model.id },
      ),
    },
    ...[T.InstanceCreationDate, T.SeriesDate, T.ContentDate].map((tag) => text(tag, 'DA', moment.date)),
    ...[T.InstanceCreationTime, T.SeriesTime, T.ContentTime].map((tag) => text(tag, 'TM', moment.time)),
  ];
}

function derivation(series: EnhancedSeriesFacts): DataSet {
  const guided = series.enhancement.referenceSeriesUid !== undefined;
  return [
    text(
      T.DerivationDescription,
      'ST',
      derivationDescription(series.enhancement, { ...series.stored, rescaled: series.rescaled }),
    ),
    sequence(
      T.DerivationCodeSequence,
      codeItem(SPATIAL_RESAMPLING),
      codeItem(guided ? GUIDED_SUPER_RESOLUTION : SINGLE_SUPER_RESOLUTION),
    ),
    codingSchemes,
    ...provenanceBlock(canonicalJson({ enhanced: series.enhancement, stored: series.stored })),
  ];
}

/** Position and orientation stay the source's own text where it says the same, to the last digit. */
const SAME_POSITION_MM = 1e-3;
const SAME_DIRECTION = 1e-4;
/** Spacing Between Slices is often the gap instead, or zero: then the measured distance is written. */
const SAME_SPACING = 0.01;

function geometry(read: Reader, series: EnhancedSeriesFacts, slice: EnhancedSliceFacts): DataSet {
  const directions = [...series.iAxisLps, ...series.jAxisLps];
  const between = series.spacingBetweenSlicesMm;
  const says = (tag: number, values: readonly number[], tolerance: number) => {
    const written = read.strings(tag).map(Number);
    return written.length === values.length && written.every((w, n) => Math.abs(w - values[n]!) <= tolerance);
  };
  return [
    ...(says(T.ImagePositionPatient, slice.positionLps, SAME_POSITION_MM)
      ? []
      : [decimals(T.ImagePositionPatient, ...slice.positionLps)]),
    ...(says(T.ImageOrientationPatient, directions, SAME_DIRECTION)
      ? []
      : [decimals(T.ImageOrientationPatient, ...directions)]),
    ...(Number(read.string(T.SliceThickness)) > 0
      ? []
      : [decimals(T.SliceThickness, series.sliceThicknessMm)]),
    ...(between === undefined || says(T.SpacingBetweenSlices, [between], SAME_SPACING * between)
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

const NOT_THE_HEAD = /^(?!.*(HEAD|BRAIN|SKULL|FACE|ORBIT|NECK|EYE|EAR|JAW|SINUS|WHOLEBODY)).+$/;

function safety(read: Reader, series: EnhancedSeriesFacts): DataSet {
  const bodyPart = read.string(T.BodyPartExamined)?.toUpperCase() ?? '';
  const features = read.string(T.RecognizableVisualFeatures);
  const faceMayShow = features === 'YES' || (features === undefined && !NOT_THE_HEAD.test(bodyPart));
  return [
    text(T.ContentQualification, 'CS', 'RESEARCH'),
    text(T.BurnedInAnnotation, 'CS', read.string(T.BurnedInAnnotation) === 'YES' ? 'YES' : 'NO'),
    ...(faceMayShow
      ? [text(T.RecognizableVisualFeatures, 'CS', 'YES')]
      : features === 'NO'
        ? [text(T.RecognizableVisualFeatures, 'CS', 'NO')]
        : []),
    ...(series.lossy ? [text(T.LossyImageCompression, 'CS', '01')] : []),
  ];
}

interface Reader {
  strings(tag: number): string[];
  string(tag: number): string | undefined;
}

/** Codes and numbers of a source's elements, trimmed. */
function reader(source: DataSet): Reader {
  const strings = (tag: number): string[] => {
    const value = source.find((element) => element.tag === tag)?.value;
    if (!(value instanceof Uint8Array) || value.length > 4096) return [];
    const whole = String.fromCharCode(...value).replace(/[\0 ]+$/, '');
    return whole === '' ? [] : whole.split('\\').map((one) => one.trim());
  };
  return { strings, string: (tag) => strings(tag)[0] || undefined };
}
