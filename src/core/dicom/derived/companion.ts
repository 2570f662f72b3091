import { TandemError } from '../../errors.ts';
import { type Code, codeItem, PROCESSING_EQUIPMENT, withCodingSchemes } from './codes.ts';
import { C } from './companionTags.ts';
import { copyStudyAttributes } from './copiedAttributes.ts';
import {
  type DataElement,
  type DataSet,
  integers,
  mergeDataSets,
  oneValue,
  sequence,
  text,
} from './dataSet.ts';
import { dicomMoment } from './dateTime.ts';
import { generalEquipment, MANUFACTURER, purpose, SERIAL_NUMBER, scanner } from './equipment.ts';
import type { UnacceptedMark } from './markOfImage.ts';
import { type InstanceReference, instanceItem, type SeriesReference } from './references.ts';
import { type Slab, slabsOverlap } from './slab.ts';

/** A slice of a series that a companion belongs to. */
export interface SourceInstance extends InstanceReference {
  /** Undefined where it has no position. */
  readonly slab?: Slab | undefined;
  /** Frames of the instance that it is in; undefined for a classic image. */
  readonly frames?: number | undefined;
  /** It is a tile of a mosaic: its pixels are not at the pixels of the instance. */
  readonly isTile?: boolean | undefined;
}

/** A series that a companion object belongs to or names. */
export interface SourceSeries extends SeriesReference {
  /** Data set of one of its instances, without pixels (`readElements`): whose patient and study it is. */
  readonly dataSet: DataSet;
  readonly frameOfReferenceUid: string;
  readonly instances: readonly SourceInstance[];
  /** Of the model that made the series, where no one has accepted it; what is made of the series carries it too. */
  readonly mark?: UnacceptedMark | undefined;
}

/** What is said of a companion object itself. */
export interface CompanionFacts {
  readonly seriesUid: string;
  readonly sopInstanceUid: string;
  readonly seriesNumber: number;
  /** At most 64 characters. */
  readonly seriesDescription: string;
  readonly createdAt: Date;
  readonly localOffsetMinutes: number;
  readonly appVersion: string;
  /** UID of this version of the program. */
  readonly deviceUid: string;
  /** Of the model whose image the object belongs to, where no one has accepted it. */
  readonly mark?: UnacceptedMark | undefined;
}

/** Content Identification macro (PS3.3, 10.9): a short name in capitals, and what it is in words. */
export interface ContentNames {
  /** CS: at most 16 of A–Z, 0–9, space and underscore. */
  readonly label: string;
  readonly description: string;
  /** Person name, `Family^Given`; empty where nobody in particular made it. */
  readonly creator?: string | undefined;
}

/**
 * The modules that every companion has: patient and study of its series, value for value, a new series by
 * Tandem MR, the frame of reference, SOP common, and Contributing Equipment for scanner and program.
 *
 * @throws TandemError `bad-header` where a text that must not be empty is.
 */
export function companionModules(
  source: SourceSeries,
  facts: CompanionFacts,
  kind: { readonly sopClassUid: string; readonly modality: string },
): DataSet {
  if (facts.seriesDescription.trim() === '') {
    throw new TandemError('bad-header', 'A companion object needs a series description');
  }
  const { date, time, dateTime } = momentOf(source, facts);
  return [
    ...MUST_BE_THERE.map(([tag, vr]) => text(tag, vr)),
    ...copyStudyAttributes(source.dataSet).filter(isWellFormed),
    text(C.StudyInstanceUID, 'UI', source.studyUid),
    text(C.SOPClassUID, 'UI', kind.sopClassUid),
    text(C.SOPInstanceUID, 'UI', facts.sopInstanceUid),
    text(C.SeriesInstanceUID, 'UI', facts.seriesUid),
    text(C.Modality, 'CS', kind.modality),
    integers(C.SeriesNumber, facts.seriesNumber),
    integers(C.InstanceNumber, 1),
    text(C.SeriesDescription, 'LO', oneValue(facts.seriesDescription).slice(0, 64)),
    ...[C.InstanceCreationDate, C.SeriesDate, C.ContentDate].map((tag) => text(tag, 'DA', date)),
    ...[C.InstanceCreationTime, C.SeriesTime, C.ContentTime].map((tag) => text(tag, 'TM', time)),
    ...generalEquipment(facts.appVersion),
    text(C.DeviceSerialNumber, 'LO', SERIAL_NUMBER),
    text(C.DeviceUID, 'UI', facts.deviceUid),
    sequence(C.ContributingEquipmentSequence, scanner(source.dataSet), [
      ...purpose(PROCESSING_EQUIPMENT),
      text(C.Manufacturer, 'LO', MANUFACTURER),
      text(C.ManufacturerModelName, 'LO', MANUFACTURER),
      text(C.SoftwareVersions, 'LO', facts.appVersion),
      text(C.DeviceUID, 'UI', facts.deviceUid),
      text(C.ContributionDateTime, 'DT', dateTime),
      text(C.ContributionDescription, 'ST', contribution(facts.mark ?? source.mark)),
    ]),
  ];
}

function contribution(mark: UnacceptedMark | undefined): string {
  const notice = 'Research use only, not for diagnosis';
  return mark === undefined
    ? notice
    : `${mark}: made by, or of an image of, a model that is not accepted at this site. ${notice}`;
}

/** The parts of a companion as one data set, with the private coding schemes that it uses. */
export function companionDataSet(source: SourceSeries, ...parts: readonly DataSet[]): DataSet {
  return withCodingSchemes(mergeDataSets(...parts), source.dataSet);
}

/** Frame of Reference module: for everything that has a place in the patient. */
export function frameOfReference(source: SourceSeries): DataSet {
  return [
    text(C.PositionReferenceIndicator, 'LO'),
    ...source.dataSet.filter(({ tag }) => tag === C.PositionReferenceIndicator),
    text(C.FrameOfReferenceUID, 'UI', source.frameOfReferenceUid),
  ];
}

/**
 * Body part and side, as the series has them; an empty side where nothing says which, for it must be there
 * where the part is one of a pair. Not for segmentations, whose segments say what they are.
 */
export function bodyPart(source: SourceSeries): DataSet {
  const named: ReadonlySet<number> = new Set([C.BodyPartExamined, C.Laterality]);
  return [
    ...(textOf(source.dataSet, C.BodyPartExamined) === undefined ? [text(C.Laterality, 'CS')] : []),
    ...source.dataSet.filter(({ tag }) => named.has(tag)),
  ];
}

/** Type 2 attributes of patient and study, for sources that lack them. */
const MUST_BE_THERE: readonly (readonly [number, string])[] = [
  [C.PatientName, 'PN'],
  [C.PatientID, 'LO'],
  [C.PatientBirthDate, 'DA'],
  [C.PatientSex, 'CS'],
  [C.StudyDate, 'DA'],
  [C.StudyTime, 'TM'],
  [C.StudyID, 'SH'],
  [C.AccessionNumber, 'SH'],
  [C.ReferringPhysicianName, 'PN'],
];

const FORMS: Readonly<Record<string, RegExp>> = {
  AS: /^\d{3}[DWMY]$/,
  CS: /^[A-Z0-9_ ]{1,16}(\\[A-Z0-9_ ]{0,16})*$/,
  DS: /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/,
};

/**
 * Whether what a source says of its patient is of the form that it must have. The source keeps its mistakes (an
 * age of “45”, a list without items); a new object need not repeat those that it may do without.
 */
function isWellFormed({ tag, vr, value }: DataElement): boolean {
  if (!(value instanceof Uint8Array)) return value.length > 0;
  if (value.length === 0 || tag === C.SpecificCharacterSet) return true;
  const form = FORMS[vr];
  return form === undefined || form.test(String.fromCharCode(...value).replaceAll(/^[\0 ]+|[\0 ]+$/g, ''));
}

/** When the companion was made, in the time zone that its source declares. */
export function momentOf(source: SourceSeries, facts: CompanionFacts) {
  return dicomMoment(
    facts.createdAt,
    textOf(source.dataSet, C.TimezoneOffsetFromUTC),
    facts.localOffsetMinutes,
  );
}

/** Content Label, Description and Creator's Name. */
export function contentIdentification({ label, description, creator = '' }: ContentNames): DataSet {
  const name = label.toUpperCase().replaceAll(/[^A-Z0-9_ ]/g, '_');
  return [
    text(C.ContentLabel, 'CS', name.slice(0, 16).trim()),
    text(C.ContentDescription, 'LO', oneValue(description).slice(0, 64)),
    text(C.ContentCreatorName, 'PN', oneValue(creator)),
  ];
}

/**
 * Derivation Image functional group (PS3.3, C.7.6.16.2.6) of one frame: how it was derived, and from which
 * slices of the series: those that share space with it.
 */
export function derivationImage(
  source: SourceSeries,
  frame: Slab,
  how: { readonly derivation: Code; readonly purpose: Code },
): DataElement {
  const overlapping = source.instances.flatMap(({ slab, ...image }) =>
    slab !== undefined && slabsOverlap(frame, slab)
      ? [{ ...image, preserved: image.isTile !== true && samePixels(frame, slab) }]
      : [],
  );
  // Frames of one instance are named in one item, tiles of a mosaic as the instance that they are in.
  const items = Map.groupBy(overlapping, ({ sopInstanceUid, preserved }) => `${sopInstanceUid} ${preserved}`);
  return sequence(
    C.DerivationImageSequence,
    ...(items.size === 0
      ? []
      : [
          [
            sequence(C.DerivationCodeSequence, codeItem(how.derivation)),
            sequence(
              C.SourceImageSequence,
              ...[...items.values()].map((images) => [
                ...instanceItem(images[0]!),
                ...frameNumbers(framesOf(images)),
                text(C.SpatialLocationsPreserved, 'CS', images[0]!.preserved ? 'YES' : 'NO'),
                sequence(C.PurposeOfReferenceCodeSequence, codeItem(how.purpose)),
              ]),
            ),
          ],
        ]),
  );
}

/** Referenced Frame Number (PS3.3, 10.3), or nothing where no frame is meant more than another. */
export function frameNumbers(frames: readonly number[]): DataSet {
  return frames.length === 0 ? [] : [integers(C.ReferencedFrameNumber, ...frames)];
}

function framesOf(images: readonly SourceInstance[]): number[] {
  const frames = images.map(({ frame }) => frame).filter((frame) => frame !== undefined);
  return [...new Set(frames)].sort((a, b) => a - b);
}

/**
 * Each instance once, with the frames that are meant; without any where they are all of its frames, or where it is
 * a classic image.
 */
export function imageReferences(
  instances: readonly SourceInstance[],
): { readonly instance: InstanceReference; readonly frames: readonly number[] }[] {
  return [...Map.groupBy(instances, ({ sopInstanceUid }) => sopInstanceUid).values()].map((images) => {
    const frames = framesOf(images);
    return { instance: images[0]!, frames: frames.length === images[0]!.frames ? [] : frames };
  });
}

const SAME_PLACE_MM = 1e-3;

function samePixels(a: Slab, b: Slab): boolean {
  const near = (p: readonly number[], q: readonly number[]) =>
    p.every((value, n) => Math.abs(value - q[n]!) <= SAME_PLACE_MM);
  return near(a.centreLps, b.centreLps) && [0, 1].every((n) => near(a.halfAxesMm[n]!, b.halfAxesMm[n]!));
}

/** The first value of a text element, trimmed; undefined where absent or empty. */
export function textOf(dataSet: DataSet, tag: number): string | undefined {
  const value = dataSet.find((element) => element.tag === tag)?.value;
  if (!(value instanceof Uint8Array) || value.length > 4096) return undefined;
  const first = String.fromCharCode(...value).split('\\')[0]!;
  return first.replaceAll(/^[\0 ]+|[\0 ]+$/g, '') || undefined;
}

/** Lossy compression is inherited from the series and never lost again. */
export function lossyHistory(source: SourceSeries): DataSet {
  if (textOf(source.dataSet, C.LossyImageCompression) !== '01') {
    return [text(C.LossyImageCompression, 'CS', '00')];
  }
  const history: ReadonlySet<number> = new Set([
    C.LossyImageCompression,
    C.LossyImageCompressionRatio,
    C.LossyImageCompressionMethod,
  ]);
  return source.dataSet.filter(({ tag }) => history.has(tag));
}
