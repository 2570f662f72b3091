import { TandemError } from '../errors.ts';
import type { AcquisitionFacts } from './contrast.ts';
import type { DataSet } from './dataSet.ts';
import { type InstanceGeometry, readGeometry } from './imageGeometry.ts';
import { type PixelFormat, pixelFormat } from './pixels.ts';
import { TAG } from './tags.ts';
import { isLossy } from './transferSyntax.ts';

/** What is kept of one single-frame image when a folder is indexed: no pixels. */
export interface Instance {
  readonly path: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly frameOfReferenceUid: string | undefined;
  readonly transferSyntaxUid: string;
  readonly modality: string;
  readonly seriesNumber: number | undefined;
  readonly instanceNumber: number | undefined;
  readonly patientName: string;
  readonly patientId: string;
  readonly studyDescription: string;
  readonly studyDate: string;
  readonly geometry: InstanceGeometry | undefined;
  /** Why there is no geometry, in words; undefined where there is one. */
  readonly geometryProblem: string | undefined;
  readonly sliceThicknessMm: number | undefined;
  readonly echoNumber: number | undefined;
  readonly temporalPosition: number | undefined;
  /** `magnitude`, `phase`, `real` or `imaginary`, where Image Type says it. */
  readonly component: string | undefined;
  readonly facts: AcquisitionFacts;
  readonly matrix: AcquiredMatrix | undefined;
  readonly lossy: boolean;
  readonly format: PixelFormat;
}

/** Acquired samples in each direction (Acquisition Matrix, PS3.3 C.8.3.1). */
export interface AcquiredMatrix {
  readonly frequencySteps: number;
  readonly phaseSteps: number;
  /** `ROW`: phase is encoded along a row, so its steps are to be held against the columns. */
  readonly phaseDirection: 'ROW' | 'COL';
  /** Of the phase direction, relative to the frequency direction. */
  readonly percentPhaseFieldOfView: number | undefined;
}

const ENHANCED_CLASSES: Readonly<Record<string, string>> = {
  '1.2.840.10008.5.1.4.1.1.4.1': 'Enhanced MR image',
  '1.2.840.10008.5.1.4.1.1.4.3': 'Enhanced MR colour image',
  '1.2.840.10008.5.1.4.1.1.4.4': 'Legacy converted enhanced MR image',
  '1.2.840.10008.5.1.4.1.1.4.2': 'MR spectroscopy object',
  '1.2.840.10008.5.1.4.1.1.66.4': 'segmentation',
  '1.2.840.10008.5.1.4.1.1.30': 'parametric map',
};

/** Whether a data set is a DICOMDIR: only a file-set's directory has elements of group 4 (PS3.3, annex F). */
export function isDirectory(dataSet: DataSet): boolean {
  return dataSet.tags().some((tag) => tag >>> 16 === 0x0004);
}

/**
 * What a data set says about its image.
 * @param availableBytes length of the file, or of the inflated data set
 * @throws TandemError with the code and the words for the list of refused files
 */
export function readInstance(dataSet: DataSet, path: string, availableBytes: number): Instance {
  const sopClassUid = dataSet.string(TAG.SOPClassUID) ?? '';
  refuseMultiFrame(dataSet, sopClassUid);
  const format = pixelFormat(dataSet, availableBytes);
  const imageType = dataSet.words(TAG.ImageType).map((value) => value.toUpperCase());
  if (imageType.includes('MOSAIC')) {
    throw new TandemError(
      'unsupported-format',
      'Many slices tiled into one image (a mosaic) are not read yet',
    );
  }
  const geometry = readGeometry(dataSet);
  return {
    path,
    sopClassUid,
    sopInstanceUid: requireUid(dataSet, TAG.SOPInstanceUID, 'SOP Instance UID'),
    studyUid: requireUid(dataSet, TAG.StudyInstanceUID, 'Study Instance UID'),
    seriesUid: requireUid(dataSet, TAG.SeriesInstanceUID, 'Series Instance UID'),
    frameOfReferenceUid: dataSet.string(TAG.FrameOfReferenceUID),
    transferSyntaxUid: dataSet.transferSyntaxUid,
    modality: dataSet.words(TAG.Modality)[0] ?? '',
    seriesNumber: integer(dataSet.decimal(TAG.SeriesNumber)),
    instanceNumber: integer(dataSet.decimal(TAG.InstanceNumber)),
    patientName: dataSet.text(TAG.PatientName),
    patientId: dataSet.text(TAG.PatientID),
    studyDescription: dataSet.text(TAG.StudyDescription),
    studyDate: dataSet.words(TAG.StudyDate)[0] ?? '',
    geometry: typeof geometry === 'string' ? undefined : geometry,
    geometryProblem: typeof geometry === 'string' ? geometry : undefined,
    sliceThicknessMm: positive(dataSet.decimal(TAG.SliceThickness)),
    echoNumber: integer(dataSet.decimal(TAG.EchoNumbers)),
    temporalPosition: integer(dataSet.decimal(TAG.TemporalPositionIdentifier)),
    component: componentOf(imageType),
    facts: readFacts(dataSet, imageType),
    matrix: readMatrix(dataSet),
    lossy: isLossy(dataSet.transferSyntaxUid, dataSet.string(TAG.LossyImageCompression)),
    format,
  };
}

function refuseMultiFrame(dataSet: DataSet, sopClassUid: string): void {
  const enhanced = ENHANCED_CLASSES[sopClassUid];
  const frames = dataSet.has(TAG.NumberOfFrames) ? dataSet.decimal(TAG.NumberOfFrames) : 1;
  if (enhanced === undefined && frames === 1) return;
  if (enhanced === undefined && frames === undefined) {
    throw new TandemError('bad-header', 'The number of frames is not a number');
  }
  throw new TandemError(
    'unsupported-format',
    enhanced !== undefined
      ? `This is an object of many frames (${enhanced}); only images of one frame are read yet`
      : `This image has ${frames} frames; only images of one frame are read yet`,
    { hint: 'Export the series as classic MR images, one file a slice.' },
  );
}

function requireUid(dataSet: DataSet, tag: number, keyword: string): string {
  const uid = dataSet.string(tag);
  if (uid === undefined || !/^[0-9.]{1,64}$/.test(uid)) {
    throw new TandemError('bad-header', `${keyword} is missing or is not a UID`);
  }
  return uid;
}

function readFacts(dataSet: DataSet, imageType: string[]): AcquisitionFacts {
  return {
    modality: dataSet.words(TAG.Modality)[0] ?? '',
    imageType,
    seriesDescription: dataSet.text(TAG.SeriesDescription),
    protocolName: dataSet.text(TAG.ProtocolName),
    scanningSequence: dataSet.words(TAG.ScanningSequence),
    sequenceVariant: dataSet.words(TAG.SequenceVariant),
    scanOptions: dataSet.words(TAG.ScanOptions),
    sequenceName: dataSet.words(TAG.SequenceName)[0] ?? '',
    acquisitionType: dataSet.string(TAG.MRAcquisitionType) ?? '',
    angiography: dataSet.string(TAG.AngioFlag) === 'Y',
    repetitionTimeMs: positive(dataSet.decimal(TAG.RepetitionTime)),
    echoTimeMs: nonNegative(dataSet.decimal(TAG.EchoTime)),
    inversionTimeMs: positive(dataSet.decimal(TAG.InversionTime)),
    flipAngleDeg: positive(dataSet.decimal(TAG.FlipAngle)),
    echoTrainLength: positive(dataSet.decimal(TAG.EchoTrainLength)),
    contrastAgent: dataSet.text(TAG.ContrastBolusAgent),
    diffusionBValue: dataSet.doubles(TAG.DiffusionBValue)?.[0],
  };
}

function readMatrix(dataSet: DataSet): AcquiredMatrix | undefined {
  const values = dataSet.uint16s(TAG.AcquisitionMatrix);
  const direction = dataSet.string(TAG.InPlanePhaseEncodingDirection)?.toUpperCase();
  if (values?.length !== 4) return undefined;
  const [frequencyRows, frequencyColumns, phaseRows, phaseColumns] = values as [
    number,
    number,
    number,
    number,
  ];
  const frequencySteps = frequencyRows || frequencyColumns;
  const phaseSteps = phaseRows || phaseColumns;
  if (frequencySteps === 0 || phaseSteps === 0) return undefined;
  const phaseDirection =
    direction === 'ROW' ? 'ROW' : direction?.startsWith('COL') === true ? 'COL' : undefined;
  if (phaseDirection === undefined) return undefined;
  return {
    frequencySteps,
    phaseSteps,
    phaseDirection,
    percentPhaseFieldOfView: positive(dataSet.decimal(TAG.PercentPhaseFieldOfView)),
  };
}

const COMPONENTS: Readonly<Record<string, string>> = {
  M: 'magnitude',
  M_FFE: 'magnitude',
  M_SE: 'magnitude',
  M_IR: 'magnitude',
  MAGNITUDE: 'magnitude',
  P: 'phase',
  PHASE: 'phase',
  'PHASE MAP': 'phase',
  R: 'real',
  REAL: 'real',
  I: 'imaginary',
  IMAGINARY: 'imaginary',
};

/** From the third value of Image Type on: the first two have other meanings. */
function componentOf(imageType: readonly string[]): string | undefined {
  for (const value of imageType.slice(2)) {
    const component = COMPONENTS[value];
    if (component !== undefined) return component;
  }
  return undefined;
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function nonNegative(value: number | undefined): number | undefined {
  return value !== undefined && value >= 0 ? value : undefined;
}

function integer(value: number | undefined): number | undefined {
  return value !== undefined && Number.isSafeInteger(value) ? value : undefined;
}
