import { TandemError } from '../../errors.ts';
import type { Code } from './codes.ts';
import {
  type CompanionFacts,
  companionDataSet,
  companionModules,
  imageReferences,
  type SourceSeries,
} from './companion.ts';
import { C } from './companionTags.ts';
import {
  codeContent,
  containerContent,
  imageContent,
  numberContent,
  personContent,
  rootContainer,
  textContent,
  uidContent,
} from './contentTree.ts';
import { type DataSet, oneValue, sequence, text } from './dataSet.ts';
import { MANUFACTURER } from './equipment.ts';
import { groupByStudy, type InstanceReference, instanceItem, type SeriesReference } from './references.ts';
import { COMPREHENSIVE_3D_SR_STORAGE } from './uids.ts';

/** One number that was measured. */
export interface Measurement {
  /** Concept of the quantity, e.g. `MEASURED.volume`. */
  readonly name: Code;
  readonly value: number;
  /** UCUM. */
  readonly units: Code;
  /** How it was derived from several values (CID 7464), e.g. `STATISTICS.mean`. */
  readonly derivation?: Code | undefined;
}

/** Measurements of one thing: a segment, or the series as a whole. */
export interface MeasurementGroup {
  /** Names the thing to people, and to programs across reports. */
  readonly trackingId: string;
  readonly trackingUid: string;
  readonly finding?: Code | undefined;
  readonly findingSite?: Code | undefined;
  /** The segment that was measured, in a segmentation of `source`. */
  readonly segment?:
    | {
        readonly segmentation: InstanceReference & { readonly studyUid: string; readonly seriesUid: string };
        readonly number: number;
      }
    | undefined;
  /** The series whose values were measured. */
  readonly source: Pick<SourceSeries, 'studyUid' | 'seriesUid' | 'instances'>;
  readonly measurements: readonly Measurement[];
}

export interface MeasurementReport {
  readonly groups: readonly MeasurementGroup[];
  /** `Family^Given` of who asked for the measurements; absent where a program worked alone. */
  readonly person?: string | undefined;
  /** Procedure that the report is about; magnetic resonance imaging where it is not given. */
  readonly procedure?: Code | undefined;
}

const dcm = (value: string, meaning: string): Code => ({ value, scheme: 'DCM', meaning });
const sct = (value: string, meaning: string): Code => ({ value, scheme: 'SCT', meaning });
const ucum = (value: string, meaning: string): Code => ({ value, scheme: 'UCUM', meaning });

/** Quantities that are measured here (CID 7469 and others). */
export const MEASURED = {
  volume: sct('118565006', 'Volume'),
  intensity: dcm('110852', 'MR signal intensity'),
  length: sct('410668003', 'Length'),
} as const satisfies Readonly<Record<string, Code>>;

/** CID 7464, general region of interest measurement modifiers. */
export const STATISTICS = {
  mean: sct('373098007', 'Mean'),
  'standard-deviation': sct('386136009', 'Standard Deviation'),
  minimum: sct('255605001', 'Minimum'),
  maximum: sct('56851009', 'Maximum'),
  median: sct('373099004', 'Median'),
} as const satisfies Readonly<Record<string, Code>>;

/** UCUM units by their symbols. */
export const UNITS = {
  mm3: ucum('mm3', 'cubic millimeter'),
  ml: ucum('ml', 'milliliter'),
  mm: ucum('mm', 'millimeter'),
  '1': ucum('1', 'no units'),
  '%': ucum('%', 'percent'),
  dB: ucum('dB', 'decibel'),
} as const satisfies Readonly<Record<string, Code>>;

const REPORT = dcm('126000', 'Imaging Measurement Report');
const LANGUAGE = dcm('121049', 'Language of Content Item and Descendants');
const ENGLISH: Code = { value: 'en', scheme: 'RFC5646', meaning: 'English' };
const OBSERVER_TYPE = dcm('121005', 'Observer Type');
const MR_IMAGING = sct('113091000', 'Magnetic resonance imaging');

/**
 * Measurements as Comprehensive 3D SR (PS3.3, A.35.13) after TID 1500, Measurement Report (PS3.16): observer
 * context of the program and, where there is one, the person; the procedure reported; a measurement group for
 * each thing measured, of TID 1411 where it is a segment and of TID 1501 where it is a series.
 *
 * @param source series whose patient and study the report belongs to.
 * @throws TandemError `failed` where there is no measurement, or one is no finite number.
 */
export function structuredReportDataSet(
  source: SourceSeries,
  report: MeasurementReport,
  facts: CompanionFacts,
): DataSet {
  const measurements = report.groups.flatMap((group) => group.measurements);
  if (measurements.length === 0) throw new TandemError('failed', 'There is no measurement to report');
  const wrong = measurements.find(({ value }) => !Number.isFinite(value));
  if (wrong !== undefined) {
    throw new TandemError('failed', `The measurement “${wrong.name.meaning}” is not a finite number`);
  }
  return companionDataSet(
    source,
    companionModules(source, facts, { sopClassUid: COMPREHENSIVE_3D_SR_STORAGE, modality: 'SR' }),
    evidence(report),
    [
      sequence(C.ReferencedPerformedProcedureStepSequence),
      sequence(C.PerformedProcedureCodeSequence),
      text(C.CompletionFlag, 'CS', 'COMPLETE'),
      text(C.PreliminaryFlag, 'CS', 'PRELIMINARY'),
      text(C.VerificationFlag, 'CS', 'UNVERIFIED'),
    ],
    rootContainer(REPORT, '1500', [
      codeContent('HAS CONCEPT MOD', LANGUAGE, ENGLISH),
      ...observers(report, facts),
      codeContent('HAS CONCEPT MOD', dcm('121058', 'Procedure reported'), report.procedure ?? MR_IMAGING),
      containerContent('CONTAINS', dcm('126010', 'Imaging Measurements'), report.groups.map(groupContent)),
    ]),
  );
}

/** TID 1001, 1002, 1003 and 1004: who measured. */
function observers({ person }: MeasurementReport, facts: CompanionFacts): DataSet[] {
  const context = 'HAS OBS CONTEXT';
  return [
    ...(person === undefined
      ? []
      : [
          codeContent(context, OBSERVER_TYPE, dcm('121006', 'Person')),
          personContent(context, dcm('121008', 'Person Observer Name'), oneValue(person)),
        ]),
    codeContent(context, OBSERVER_TYPE, dcm('121007', 'Device')),
    uidContent(context, dcm('121012', 'Device Observer UID'), facts.deviceUid),
    textContent(context, dcm('121013', 'Device Observer Name'), MANUFACTURER),
    textContent(context, dcm('121014', 'Device Observer Manufacturer'), MANUFACTURER),
    textContent(
      context,
      dcm('121015', 'Device Observer Model Name'),
      `${MANUFACTURER} ${facts.appVersion}, research use only`,
    ),
  ];
}

function groupContent(group: MeasurementGroup): DataSet {
  const { segment, source } = group;
  const region =
    segment === undefined
      ? imageReferences(source.instances).map(({ instance, frames }) =>
          imageContent('CONTAINS', sct('260753009', 'Source'), instance, { frames }),
        )
      : [
          imageContent('CONTAINS', dcm('121191', 'Referenced Segment'), segment.segmentation, {
            segments: [segment.number],
          }),
          uidContent('CONTAINS', dcm('121232', 'Source series for segmentation'), source.seriesUid),
        ];
  return containerContent(
    'CONTAINS',
    dcm('125007', 'Measurement Group'),
    [
      textContent('HAS OBS CONTEXT', dcm('112039', 'Tracking Identifier'), group.trackingId),
      uidContent('HAS OBS CONTEXT', dcm('112040', 'Tracking Unique Identifier'), group.trackingUid),
      ...(group.finding === undefined
        ? []
        : [codeContent('CONTAINS', dcm('121071', 'Finding'), group.finding)]),
      ...region,
      ...(group.findingSite === undefined
        ? []
        : [codeContent('HAS CONCEPT MOD', sct('363698007', 'Finding Site'), group.findingSite)]),
      ...group.measurements.map(({ name, value, units, derivation }) =>
        numberContent(
          'CONTAINS',
          name,
          value,
          units,
          derivation === undefined
            ? []
            : [codeContent('HAS CONCEPT MOD', dcm('121401', 'Derivation'), derivation)],
        ),
      ),
    ],
    segment === undefined ? '1501' : '1411',
  );
}

function evidenceOf({ groups }: MeasurementReport): SeriesReference[] {
  return groups.flatMap(({ source, segment }) => [
    source,
    ...(segment === undefined ? [] : [{ ...segment.segmentation, instances: [segment.segmentation] }]),
  ]);
}

/** Current Requested Procedure Evidence Sequence: every instance that the content names, by study and series. */
function evidence(report: MeasurementReport): DataSet {
  const studies = [...groupByStudy(evidenceOf(report))].map(([studyUid, series]) => [
    text(C.StudyInstanceUID, 'UI', studyUid),
    sequence(
      C.ReferencedSeriesSequence,
      ...series.map(({ seriesUid, instances }) => [
        text(C.SeriesInstanceUID, 'UI', seriesUid),
        sequence(C.ReferencedSOPSequence, ...instances.map(instanceItem)),
      ]),
    ),
  ]);
  return studies.length === 0 ? [] : [sequence(C.CurrentRequestedProcedureEvidenceSequence, ...studies)];
}
