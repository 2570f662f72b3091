import { type DataSet, decimals, integers, mergeDataSets, shorts, text } from '../dicom/derived/dataSet.ts';
import { T } from '../dicom/derived/tags.ts';
import { MR_IMAGE_STORAGE } from '../dicom/derived/uids.ts';
import { type SliceStack, stackNormal } from '../volume/sliceStack.ts';
import { dot } from '../volume/vec.ts';
import { type PhantomContrast, SEQUENCES } from './contrasts.ts';

/** What a phantom series is called in DICOM. */
export interface PhantomSeriesIdentity {
  readonly contrast: PhantomContrast;
  readonly seriesNumber: number;
  readonly description: string;
  readonly patientId: string;
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly frameOfReferenceUid: string;
  readonly appVersion: string;
}

const BITS_STORED = 12;
/** A phantom has no date; a fixed one keeps its files the same bytes every time. */
const DATE = '20260101';

/**
 * One slice of a phantom as MR Image Storage, with the tags of a believable acquisition and Quality Control
 * Image YES. Values are rounded and clipped to 12 bits.
 *
 * @param slice index into the stack.
 */
export function phantomDataSet(
  identity: PhantomSeriesIdentity,
  stack: SliceStack,
  slice: number,
  instance: { readonly number: number; readonly sopInstanceUid: string },
): DataSet {
  const { positionLps, pixels } = stack.slices[slice]!;
  const stored = Uint16Array.from(pixels, (v) => Math.max(0, Math.min(2 ** BITS_STORED - 1, Math.round(v))));
  let smallest = 65535;
  let largest = 0;
  for (const value of stored) {
    smallest = Math.min(smallest, value);
    largest = Math.max(largest, value);
  }
  const step =
    stack.slices.length < 2
      ? (stack.sliceThicknessMm ?? 1)
      : dot(stack.slices[1]!.positionLps, stackNormal(stack)) -
        dot(stack.slices[0]!.positionLps, stackNormal(stack));
  const time = `${100000 + identity.seriesNumber * 500}`;
  return mergeDataSets(
    patientAndStudy(identity),
    [
      text(T.SpecificCharacterSet, 'CS', 'ISO_IR 100'),
      text(T.ImageType, 'CS', 'ORIGINAL', 'PRIMARY', 'OTHER'),
      text(T.InstanceCreationDate, 'DA', DATE),
      text(T.InstanceCreationTime, 'TM', time),
      text(T.SOPClassUID, 'UI', MR_IMAGE_STORAGE),
      text(T.SOPInstanceUID, 'UI', instance.sopInstanceUid),
      ...[T.SeriesDate, T.AcquisitionDate, T.ContentDate].map((tag) => text(tag, 'DA', DATE)),
      ...[T.SeriesTime, T.AcquisitionTime, T.ContentTime].map((tag) => text(tag, 'TM', time)),
      text(T.Modality, 'CS', 'MR'),
      text(T.Manufacturer, 'LO', 'Tandem MR'),
      text(T.ManufacturerModelName, 'LO', 'Digital phantom'),
      text(T.SoftwareVersions, 'LO', identity.appVersion),
      text(T.DeviceSerialNumber, 'LO', '1'),
      text(T.SeriesDescription, 'LO', identity.description),
      text(T.SeriesInstanceUID, 'UI', identity.seriesUid),
      integers(T.SeriesNumber, identity.seriesNumber),
      integers(T.AcquisitionNumber, 1),
      integers(T.InstanceNumber, instance.number),
      text(T.PatientPosition, 'CS', 'HFS'),
      text(T.BodyPartExamined, 'CS', 'HEAD'),
      text(T.FrameOfReferenceUID, 'UI', identity.frameOfReferenceUid),
      text(T.PositionReferenceIndicator, 'LO'),
    ],
    acquisition(identity.contrast, stack, step),
    [
      decimals(T.ImagePositionPatient, ...positionLps),
      decimals(T.ImageOrientationPatient, ...stack.iAxisLps, ...stack.jAxisLps),
      decimals(T.SliceLocation, dot(positionLps, stackNormal(stack))),
      decimals(T.PixelSpacing, stack.spacingMm[1], stack.spacingMm[0]),
      shorts(T.SamplesPerPixel, [1]),
      text(T.PhotometricInterpretation, 'CS', 'MONOCHROME2'),
      shorts(T.Rows, [stack.rows]),
      shorts(T.Columns, [stack.columns]),
      shorts(T.BitsAllocated, [16]),
      shorts(T.BitsStored, [BITS_STORED]),
      shorts(T.HighBit, [BITS_STORED - 1]),
      shorts(T.PixelRepresentation, [0]),
      shorts(T.SmallestImagePixelValue, [smallest]),
      shorts(T.LargestImagePixelValue, [largest]),
      text(T.QualityControlImage, 'CS', 'YES'),
      text(T.BurnedInAnnotation, 'CS', 'NO'),
      text(T.RecognizableVisualFeatures, 'CS', 'NO'),
      { tag: T.PixelData, vr: 'OW', value: littleEndianBytes(stored) },
    ],
  );
}

function patientAndStudy(identity: PhantomSeriesIdentity): DataSet {
  return [
    text(T.PatientName, 'PN', 'PHANTOM^DIGITAL'),
    text(T.PatientID, 'LO', identity.patientId),
    text(T.PatientBirthDate, 'DA'),
    text(T.PatientSex, 'CS', 'O'),
    text(T.StudyInstanceUID, 'UI', identity.studyUid),
    text(T.StudyID, 'SH', '1'),
    text(T.StudyDate, 'DA', DATE),
    text(T.StudyTime, 'TM', '100000'),
    text(T.StudyDescription, 'LO', 'Digital head phantom'),
    text(T.AccessionNumber, 'SH'),
    text(T.ReferringPhysicianName, 'PN'),
  ];
}

function acquisition(contrast: PhantomContrast, stack: SliceStack, step: number): DataSet {
  const sequence = SEQUENCES[contrast];
  return [
    text(T.ScanningSequence, 'CS', ...sequence.scanningSequence),
    text(T.SequenceVariant, 'CS', 'NONE'),
    text(T.ScanOptions, 'CS'),
    text(T.MRAcquisitionType, 'CS', '2D'),
    text(T.ProtocolName, 'LO', sequence.description),
    decimals(T.SliceThickness, stack.sliceThicknessMm ?? step),
    decimals(T.SpacingBetweenSlices, step),
    decimals(T.RepetitionTime, sequence.trMs),
    decimals(T.EchoTime, sequence.teMs),
    ...(sequence.tiMs === undefined ? [] : [decimals(T.InversionTime, sequence.tiMs)]),
    integers(T.EchoTrainLength, 1),
    integers(T.EchoNumbers, 1),
    decimals(T.NumberOfAverages, 1),
    decimals(T.MagneticFieldStrength, 3),
    decimals(T.FlipAngle, 90),
    integers(T.NumberOfPhaseEncodingSteps, stack.rows),
    decimals(T.PercentSampling, 100),
    decimals(T.PercentPhaseFieldOfView, 100),
    decimals(T.PixelBandwidth, 200),
    decimals(T.ImagingFrequency, 127.7),
    text(T.ImagedNucleus, 'SH', '1H'),
    shorts(T.AcquisitionMatrix, [0, stack.columns, stack.rows, 0]),
    text(T.InPlanePhaseEncodingDirection, 'CS', 'COL'),
  ];
}

function littleEndianBytes(values: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  values.forEach((value, n) => {
    view.setUint16(2 * n, value, true);
  });
  return bytes;
}
