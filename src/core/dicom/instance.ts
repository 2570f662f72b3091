import { TandemError } from '../errors.ts';
import { type Attributes, Layers } from './attributes.ts';
import { type Concatenation, readConcatenation } from './concatenation.ts';
import type { AcquisitionFacts } from './contrast.ts';
import type { DataSet } from './dataSet.ts';
import { type AcquiredMatrix, readFacts, readMatrix } from './facts.ts';
import {
  type Dimension,
  frameAttributes,
  hasFunctionalGroups,
  otherDimensions,
  placeAlong,
} from './functionalGroups.ts';
import { type InstanceGeometry, orientationDoubt, readGeometry } from './imageGeometry.ts';
import { imageKind, isMap } from './imageKind.ts';
import { readMosaic, type Tile } from './mosaic.ts';
import { type PixelFormat, pixelFormat } from './pixels.ts';
import { Sharing } from './sharing.ts';
import { ENHANCED_MR_IMAGE_STORAGE, LEGACY_CONVERTED_ENHANCED_MR_IMAGE_STORAGE } from './storageClasses.ts';
import { TAG } from './tags.ts';
import { isLossy } from './transferSyntax.ts';
import { type PrivateFacts, privateFacts } from './vendorPrivate.ts';

/**
 * What is kept of one image when a folder is indexed: no pixels. One image is a file, one frame of a file
 * of many, or one tile of a mosaic.
 */
export interface Instance {
  readonly path: string;
  /** From 0, in an object of frames (one with functional groups); undefined in a classic image. */
  readonly frame: number | undefined;
  /** Where in the stored frame the image lies; undefined where it is all of it. */
  readonly tile: ImageTile | undefined;
  readonly rows: number;
  readonly columns: number;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly frameOfReferenceUid: string | undefined;
  readonly transferSyntaxUid: string;
  readonly modality: string;
  readonly seriesNumber: number | undefined;
  readonly instanceNumber: number | undefined;
  /** Of one multi-frame image that is split over several files; undefined where it is whole. */
  readonly concatenation: Concatenation | undefined;
  readonly acquisitionNumber: number | undefined;
  readonly patientName: string;
  readonly patientId: string;
  /** Who gave the Patient ID: two hospitals number different people alike. '' where it is not said. */
  readonly issuerOfPatientId: string;
  readonly studyDescription: string;
  readonly studyDate: string;
  readonly geometry: InstanceGeometry | undefined;
  /** Why there is no geometry, in words; undefined where there is one. */
  readonly geometryProblem: string | undefined;
  /** What the header left open about where the image lies, in words. */
  readonly geometryDoubt: string | undefined;
  readonly sliceThicknessMm: number | undefined;
  /** As the header states it; what the positions say counts. */
  readonly spacingBetweenSlicesMm: number | undefined;
  readonly echoNumber: number | undefined;
  readonly temporalPosition: number | undefined;
  readonly triggerTimeMs: number | undefined;
  /** The scanner's name of the stack, in enhanced objects. */
  readonly stackId: string | undefined;
  /** `magnitude`, `phase`, `real` or `imaginary`, where the header says it. */
  readonly component: string | undefined;
  /** What else sets images of one place apart: `water`, `fat`, `field map` … */
  readonly kind: string | undefined;
  /** Direction of the diffusion gradient, `0.71, 0, 0.71`. */
  readonly gradientDirection: string | undefined;
  /** Place along the dimensions of an enhanced object that are not space, in words. */
  readonly dimensions: string | undefined;
  readonly facts: AcquisitionFacts;
  readonly matrix: AcquiredMatrix | undefined;
  readonly lossy: boolean;
  /** Of the stored frame, with the rescale of this one. */
  readonly format: PixelFormat;
}

/** The first pixel of an image in the stored frame. */
export interface ImageTile {
  readonly row: number;
  readonly column: number;
}

/** What is no image of voxels, by its SOP class. */
const OTHER_CLASSES: Readonly<Record<string, string>> = {
  '1.2.840.10008.5.1.4.1.1.4.2': 'an MR spectroscopy object',
  '1.2.840.10008.5.1.4.1.1.66.4': 'a segmentation',
  '1.2.840.10008.5.1.4.1.1.66.7': 'a label map',
  '1.2.840.10008.5.1.4.1.1.30': 'a parametric map',
  '1.2.840.10008.5.1.4.1.1.481.2': 'a radiotherapy dose',
};

/** Enhanced MR and legacy converted enhanced MR: nothing at their top level says where a frame lies. */
const ENHANCED_CLASSES: ReadonlySet<string> = new Set([
  ENHANCED_MR_IMAGE_STORAGE,
  LEGACY_CONVERTED_ENHANCED_MR_IMAGE_STORAGE,
]);

/** Why an object that is no image is refused. @param what `a segmentation` … */
export function noImage(what: string): TandemError {
  return new TandemError('unsupported-format', `This is ${what}, which is not read as an image`, {
    hint: 'Choose the series of images that it was made from.',
  });
}

/** Whether a data set is a DICOMDIR: only a file-set's directory has elements of group 4 (PS3.3, annex F). */
export function isDirectory(dataSet: DataSet): boolean {
  return dataSet.tags().some((tag) => tag >>> 16 === 0x0004);
}

/**
 * What a data set says about its images: one, one a frame, or one a tile of a mosaic. What they have in
 * common is held once.
 *
 * @param availableBytes length of the file, or of the inflated data set
 * @param sharing holds what images of several files have in common
 * @throws TandemError with the code and the words for the list of refused files
 */
export function readInstances(
  dataSet: DataSet,
  path: string,
  availableBytes: number,
  sharing: Sharing = new Sharing(),
): Instance[] {
  const sopClassUid = dataSet.string(TAG.SOPClassUID) ?? '';
  const other = OTHER_CLASSES[sopClassUid];
  if (other !== undefined) {
    throw noImage(other);
  }
  const format = pixelFormat(dataSet, availableBytes);
  const file = fileFacts(dataSet, path, sopClassUid, sharing);
  if (hasFunctionalGroups(dataSet)) return frames(dataSet, file, format, sharing);
  if (format.frames !== 1 || ENHANCED_CLASSES.has(sopClassUid)) {
    const frames = format.frames === 1 ? 'one frame' : `${format.frames} frames`;
    throw new TandemError(
      'unsupported-format',
      `This image has ${frames}, and where each frame lies is not said (there are no functional groups)`,
      { hint: 'Export the series as enhanced MR, or as classic MR images, one file a slice.' },
    );
  }
  const image = imageFacts(new Layers([dataSet]), privateFacts(dataSet), format, sharing);
  const mosaic = readMosaic(dataSet, image.facts.imageType, format);
  if (mosaic !== undefined) {
    return mosaic.tiles.map((tile) => ({
      ...file,
      ...image,
      ...tileFacts(tile, sharing),
      geometryDoubt: mosaic.doubt,
    }));
  }
  return [
    {
      ...file,
      ...image,
      ...geometryFacts(readGeometry(dataSet), sharing),
      geometryDoubt: orientationDoubt(dataSet),
    },
  ];
}

function frames(dataSet: DataSet, file: FileFacts, format: PixelFormat, sharing: Sharing): Instance[] {
  const dimensions = otherDimensions(dataSet);
  const privates = privateFacts(dataSet);
  const images: Instance[] = [];
  for (const attributes of frameAttributes(dataSet)) {
    const frame = images.length;
    if (frame >= format.frames) throw framesDisagree(format.frames, 'more');
    images.push({
      ...file,
      ...imageFacts(attributes, privates, format, sharing, dimensions),
      ...geometryFacts(readGeometry(attributes), sharing),
      geometryDoubt: orientationDoubt(attributes),
      frame,
    });
  }
  if (images.length < format.frames) throw framesDisagree(format.frames, String(images.length));
  return images;
}

function framesDisagree(frames: number, described: string): TandemError {
  return new TandemError(
    'bad-header',
    `The image has ${frames} frames, but its functional groups describe ${described}`,
    { hint: 'Export it again from its source.' },
  );
}

type FileFacts = ReturnType<typeof fileFacts>;

/** What all images of a file share. */
function fileFacts(dataSet: DataSet, path: string, sopClassUid: string, sharing: Sharing) {
  return {
    path,
    frame: undefined as number | undefined,
    tile: undefined as ImageTile | undefined,
    sopClassUid: sharing.text(sopClassUid),
    sopInstanceUid: requireUid(dataSet, TAG.SOPInstanceUID, 'SOP Instance UID'),
    studyUid: sharing.text(requireUid(dataSet, TAG.StudyInstanceUID, 'Study Instance UID')),
    seriesUid: sharing.text(requireUid(dataSet, TAG.SeriesInstanceUID, 'Series Instance UID')),
    frameOfReferenceUid: sharing.optional(dataSet.string(TAG.FrameOfReferenceUID)),
    transferSyntaxUid: sharing.text(dataSet.transferSyntaxUid),
    modality: sharing.text(dataSet.words(TAG.Modality)[0] ?? ''),
    seriesNumber: integer(dataSet.decimal(TAG.SeriesNumber)),
    instanceNumber: integer(dataSet.decimal(TAG.InstanceNumber)),
    concatenation: readConcatenation(dataSet),
    patientName: sharing.text(dataSet.text(TAG.PatientName)),
    patientId: sharing.text(dataSet.text(TAG.PatientID)),
    issuerOfPatientId: sharing.text(dataSet.text(TAG.IssuerOfPatientID)),
    studyDescription: sharing.text(dataSet.text(TAG.StudyDescription)),
    studyDate: sharing.text(dataSet.words(TAG.StudyDate)[0] ?? ''),
    lossy: isLossy(dataSet.transferSyntaxUid, dataSet.string(TAG.LossyImageCompression)),
  };
}

/** What one image says of itself beside where it lies. */
function imageFacts(
  attributes: Layers,
  privates: PrivateFacts,
  format: PixelFormat,
  sharing: Sharing,
  dimensions: readonly Dimension[] = [],
) {
  const publicB = attributes.numbers(TAG.DiffusionBValue, 'FD')?.[0];
  const facts = readFacts(attributes, publicB ?? privates.bValue);
  const { component, kind } = imageKind(
    facts.imageType,
    attributes.string(TAG.ComplexImageComponent),
    attributes.has(TAG.FrameType),
  );
  const direction = attributes.numbers(TAG.DiffusionGradientOrientation, 'FD') ?? privates.gradientDirection;
  return {
    rows: format.rows,
    columns: format.columns,
    acquisitionNumber: integer(
      attributes.decimal(TAG.AcquisitionNumber) ?? attributes.numbers(TAG.FrameAcquisitionNumber, 'US')?.[0],
    ),
    geometryDoubt: undefined as string | undefined,
    sliceThicknessMm: positive(attributes.decimal(TAG.SliceThickness)),
    spacingBetweenSlicesMm: positive(attributes.decimal(TAG.SpacingBetweenSlices)),
    echoNumber: integer(attributes.decimal(TAG.EchoNumbers)),
    temporalPosition: integer(
      attributes.numbers(TAG.TemporalPositionIndex, 'UL')?.[0] ??
        attributes.decimal(TAG.TemporalPositionIdentifier) ??
        privates.temporalPosition,
    ),
    triggerTimeMs:
      attributes.numbers(TAG.NominalCardiacTriggerDelayTime, 'FD')?.[0] ??
      attributes.decimal(TAG.TriggerTime),
    stackId: sharing.optional(attributes.words(TAG.StackId)[0]),
    component: component ?? (isMap(kind) ? undefined : privates.component),
    kind,
    gradientDirection: direction?.length === 3 ? direction.map(twoDigits).join(', ') : undefined,
    dimensions: sharing.optional(placeAlong(dimensions, attributes)),
    facts: sharing.value(facts),
    matrix: sharing.value(readMatrix(attributes)),
    format: sharing.value({ ...format, ...rescaleOf(attributes, format) }),
  };
}

function geometryFacts(geometry: InstanceGeometry | string, sharing: Sharing) {
  return typeof geometry === 'string'
    ? { geometry: undefined, geometryProblem: sharing.text(geometry) }
    : {
        geometry: {
          ...geometry,
          iAxisLps: sharing.value(geometry.iAxisLps),
          jAxisLps: sharing.value(geometry.jAxisLps),
          spacingMm: sharing.value(geometry.spacingMm),
        },
        geometryProblem: undefined,
      };
}

function tileFacts({ row, column, rows, columns, geometry }: Tile, sharing: Sharing) {
  return { tile: sharing.value({ row, column }), rows, columns, ...geometryFacts(geometry, sharing) };
}

/** A frame's own rescale, where its functional groups have one. */
function rescaleOf(attributes: Attributes, format: PixelFormat): { slope: number; intercept: number } {
  const slope = attributes.has(TAG.RescaleSlope) ? attributes.decimal(TAG.RescaleSlope) : format.slope;
  const intercept = attributes.has(TAG.RescaleIntercept)
    ? attributes.decimal(TAG.RescaleIntercept)
    : format.intercept;
  if (slope === undefined || slope === 0 || intercept === undefined) {
    throw new TandemError('bad-header', 'The rescale slope or intercept is not a usable number');
  }
  return { slope, intercept };
}

function requireUid(dataSet: DataSet, tag: number, keyword: string): string {
  const uid = dataSet.string(tag);
  if (uid === undefined || !/^[0-9.]{1,64}$/.test(uid)) {
    throw new TandemError('bad-header', `${keyword} is missing or is not a UID`);
  }
  return uid;
}

function twoDigits(value: number): string {
  return String(Number(value.toFixed(2)) + 0);
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function integer(value: number | undefined): number | undefined {
  return value !== undefined && Number.isSafeInteger(value) ? value : undefined;
}
