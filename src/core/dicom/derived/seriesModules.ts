import type { Vec3 } from '../../volume/vec.ts';
import { codeItem, GUIDED_SUPER_RESOLUTION, SINGLE_SUPER_RESOLUTION, SPATIAL_RESAMPLING } from './codes.ts';
import { type DataElement, type DataSet, integers, sequence, text } from './dataSet.ts';
import { dicomMoment } from './dateTime.ts';
import { type Conversion, contributingEquipment, type DeviceUids, generalEquipment } from './equipment.ts';
import { derivationDescription, type EnhancementFacts, unacceptedMark } from './provenance.ts';
import { canonicalJson, provenanceBlock } from './provenanceBlock.ts';
import { enhancedSeriesDescription } from './seriesDescription.ts';
import type { StoredFormat } from './storedValues.ts';
import { T } from './tags.ts';

/** Modules that an enhanced series has in whatever form it is written, classic or enhanced MR. */

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
  /** What the form was changed from, where it is not the source's own. */
  readonly conversion: Conversion | undefined;
}

/** What is said of one object of an enhanced series. */
export interface ObjectIdentity {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly instanceNumber: number;
  readonly imageType: readonly string[];
}

/** Type 2 attributes of patient, study and frame of reference, for sources that lack them. */
export const EMPTY_WHERE_MISSING: DataSet = [
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
];

/** When the series was made, in the time zone that its source declares. */
export function momentOfSeries(source: DataSet, series: EnhancedSeriesFacts) {
  const zone = reader(source).string(T.TimezoneOffsetFromUTC);
  return dicomMoment(series.processedAt, zone, series.localOffsetMinutes);
}

/** General Series, General Equipment and SOP Common: the enhanced series and what made it, not the source's. */
export function identityModules(source: DataSet, series: EnhancedSeriesFacts, own: ObjectIdentity): DataSet {
  const { date, time, dateTime } = momentOfSeries(source, series);
  const description = source.find(({ tag }) => tag === T.SeriesDescription)?.value;
  const { enhancement } = series;
  const { scale, model } = enhancement;
  return [
    text(T.ImageType, 'CS', ...own.imageType),
    text(T.SOPClassUID, 'UI', own.sopClassUid),
    text(T.SOPInstanceUID, 'UI', own.sopInstanceUid),
    text(T.SeriesInstanceUID, 'UI', series.seriesUid),
    text(T.Modality, 'CS', 'MR'),
    integers(T.SeriesNumber, 9000 + (series.targetSeriesNumber ?? 0)),
    integers(T.InstanceNumber, own.instanceNumber),
    {
      tag: T.SeriesDescription,
      vr: 'LO',
      value: enhancedSeriesDescription(
        description instanceof Uint8Array ? description : new Uint8Array(),
        reader(source).strings(T.SpecificCharacterSet),
        { scale, model: model.id, mark: unacceptedMark(model.state) },
      ),
    },
    ...[T.InstanceCreationDate, T.SeriesDate, T.ContentDate].map((tag) => text(tag, 'DA', date)),
    ...[T.InstanceCreationTime, T.SeriesTime, T.ContentTime].map((tag) => text(tag, 'TM', time)),
    ...generalEquipment(enhancement.appVersion),
    contributingEquipment(source, enhancement, series.deviceUids, dateTime, series.conversion),
  ];
}

/** How the pixels were derived: Derivation Description and Derivation Code Sequence. */
export function derivationElements(series: EnhancedSeriesFacts): DataElement[] {
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
  ];
}

/** The same for programs: provenance in the private block. */
export function provenanceElements(series: EnhancedSeriesFacts): DataSet {
  return provenanceBlock(canonicalJson({ enhanced: series.enhancement, stored: series.stored }));
}

const NOT_THE_HEAD = /^(?!.*(HEAD|BRAIN|SKULL|FACE|ORBIT|NECK|EYE|EAR|JAW|SINUS|WHOLEBODY)).+$/;

/** What people are to beware of: for research, text in the pixels, a face that may show. */
export function safetyElements(source: DataSet): DataElement[] {
  const read = reader(source);
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
  ];
}

/** Codes and numbers of a data set's own elements. */
export interface Reader {
  strings(tag: number): string[];
  string(tag: number): string | undefined;
}

/** Codes and numbers of a source's elements, trimmed. */
export function reader(source: DataSet): Reader {
  const strings = (tag: number): string[] => {
    const value = source.find((element) => element.tag === tag)?.value;
    if (!(value instanceof Uint8Array) || value.length > 4096) return [];
    const whole = String.fromCharCode(...value).replace(/[\0 ]+$/, '');
    return whole === '' ? [] : whole.split('\\').map((one) => one.trim());
  };
  return { strings, string: (tag) => strings(tag)[0] || undefined };
}

/** Positions and directions nearer than this are the source's own, to be said in its own words. */
const SAME_POSITION_MM = 1e-3;
const SAME_DIRECTION = 1e-4;

/**
 * Whether a source says these numbers already: then its text is kept, to the last digit.
 * @param of `position` in mm, or `direction` cosines; a number is the tolerance itself
 */
export function saysAlready(
  read: Reader,
  tag: number,
  values: readonly number[],
  of: 'position' | 'direction' | number,
): boolean {
  const tolerance = of === 'position' ? SAME_POSITION_MM : of === 'direction' ? SAME_DIRECTION : of;
  const written = read.strings(tag).map(Number);
  return written.length === values.length && written.every((w, n) => Math.abs(w - values[n]!) <= tolerance);
}

/** Spacing Between Slices is often the gap instead, or zero: then the measured distance is written. */
export const SAME_SPACING = 0.01;
