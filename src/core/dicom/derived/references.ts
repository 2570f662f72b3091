import { type Code, codeItem, SAME_ANATOMY, SOURCE_IMAGE, SOURCE_SERIES, STRUCTURAL_IMAGE } from './codes.ts';
import { type DataElement, type DataSet, integers, sequence, text } from './dataSet.ts';
import { T } from './tags.ts';

const REFERENCED_FRAME_NUMBER = 0x00081160;
const REFERENCED_SOP_SEQUENCE = 0x00081199;

export interface InstanceReference {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** One frame of an instance that has several, 1-based. */
  readonly frame?: number | undefined;
}

/** Instances of one series that an enhanced slice was made from. */
export interface SeriesReference {
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly instances: readonly InstanceReference[];
}

/**
 * Where an enhanced slice came from: Source Image Sequence (the target's slice as source, the reference's
 * slices as structural images; General Reference, PS3.3 C.7.6.16.2.26 has the same items), Related Series
 * Sequence (General Series), and the Common Instance Reference module that lists both by series. Two echoes
 * of one series can be target and reference: the series is then named once.
 *
 * @param reference undefined where no reference was used or where it is not DICOM.
 */
export function sourceReferences(target: SeriesReference, reference: SeriesReference | undefined): DataSet {
  const images = [
    ...byInstance(target.instances).map((frames) => sourceImage(frames, SOURCE_IMAGE)),
    ...byInstance(reference?.instances ?? []).map((frames) => sourceImage(frames, STRUCTURAL_IMAGE)),
  ];
  return [
    sequence(T.SourceImageSequence, ...images),
    ...relatedSeriesOf(target, reference),
    ...commonInstanceReference(target, reference),
  ];
}

/** Related Series Sequence (General Series): the target's series, and the reference's. */
export function relatedSeriesOf(target: SeriesReference, reference: SeriesReference | undefined): DataSet {
  const related =
    reference === undefined
      ? [relatedSeries(target, [SOURCE_SERIES])]
      : isSameSeries(target, reference)
        ? [relatedSeries(target, [SOURCE_SERIES, SAME_ANATOMY])]
        : [relatedSeries(target, [SOURCE_SERIES]), relatedSeries(reference, [SAME_ANATOMY, SOURCE_SERIES])];
  return [sequence(T.RelatedSeriesSequence, ...related)];
}

function isSameSeries(a: SeriesReference, b: SeriesReference): boolean {
  return a.studyUid === b.studyUid && a.seriesUid === b.seriesUid;
}

/** References to frames of one object together: an object is named once. */
export function byInstance(instances: readonly InstanceReference[]): InstanceReference[][] {
  return [...Map.groupBy(instances, ({ sopInstanceUid }) => sopInstanceUid).values()];
}

/**
 * An item of Source Image Sequence for frames of one instance, or for a whole one.
 * @param references to one SOP instance, at least one
 */
export function sourceImage(references: readonly InstanceReference[], purpose: Code): DataSet {
  const frames = references.map(({ frame }) => frame).filter((frame) => frame !== undefined);
  return [
    ...instanceItem(references[0]!),
    ...(frames.length === 0 ? [] : [integers(REFERENCED_FRAME_NUMBER, ...frames)]),
    // The grid is finer than the source's: a pixel of one is not a pixel of the other.
    text(T.SpatialLocationsPreserved, 'CS', 'NO'),
    sequence(T.PurposeOfReferenceCodeSequence, codeItem(purpose)),
  ];
}

function relatedSeries(series: SeriesReference, purposes: readonly Code[]): DataSet {
  return [
    text(T.StudyInstanceUID, 'UI', series.studyUid),
    text(T.SeriesInstanceUID, 'UI', series.seriesUid),
    sequence(T.PurposeOfReferenceCodeSequence, ...purposes.map(codeItem)),
  ];
}

function commonInstanceReference(
  target: SeriesReference,
  reference: SeriesReference | undefined,
): DataElement[] {
  if (reference !== undefined && isSameSeries(target, reference)) {
    const instances = [...target.instances, ...reference.instances];
    return [sequence(T.ReferencedSeriesSequence, referencedSeries({ ...target, instances }))];
  }
  const list = reference === undefined || reference.instances.length === 0 ? [] : [reference];
  const here = [target, ...list.filter(({ studyUid }) => studyUid === target.studyUid)];
  const elsewhere = list.filter(({ studyUid }) => studyUid !== target.studyUid);
  const elements = [sequence(T.ReferencedSeriesSequence, ...here.map(referencedSeries))];
  if (elsewhere.length > 0) {
    const studies = elsewhere.map((series) => [
      text(T.StudyInstanceUID, 'UI', series.studyUid),
      sequence(T.ReferencedSeriesSequence, referencedSeries(series)),
    ]);
    elements.push(sequence(T.StudiesContainingOtherReferencedInstancesSequence, ...studies));
  }
  return elements;
}

/** Series by study, each series named once and each of its instances once. */
export function groupByStudy(series: readonly SeriesReference[]): Map<string, SeriesReference[]> {
  const studies = new Map<string, Map<string, Map<string, InstanceReference>>>();
  for (const { studyUid, seriesUid, instances } of series) {
    const inStudy = studies.get(studyUid) ?? new Map<string, Map<string, InstanceReference>>();
    const inSeries = inStudy.get(seriesUid) ?? new Map<string, InstanceReference>();
    for (const instance of instances) inSeries.set(instance.sopInstanceUid, instance);
    if (inSeries.size > 0) studies.set(studyUid, inStudy.set(seriesUid, inSeries));
  }
  return new Map(
    [...studies].map(([studyUid, inStudy]) => [
      studyUid,
      [...inStudy].map(([seriesUid, found]) => ({ studyUid, seriesUid, instances: [...found.values()] })),
    ]),
  );
}

/**
 * Common Instance Reference module (PS3.3, C.12.2) over any number of series: those of the object's own study,
 * and those of others.
 */
export function commonInstances(studyUid: string, series: readonly SeriesReference[]): DataSet {
  const studies = groupByStudy(series);
  const here = studies.get(studyUid) ?? [];
  const elsewhere = [...studies].filter(([uid]) => uid !== studyUid);
  return [
    ...(here.length === 0 ? [] : [sequence(T.ReferencedSeriesSequence, ...here.map(referencedSeries))]),
    ...(elsewhere.length === 0
      ? []
      : [
          sequence(
            T.StudiesContainingOtherReferencedInstancesSequence,
            ...elsewhere.map(([uid, found]) => [
              text(T.StudyInstanceUID, 'UI', uid),
              sequence(T.ReferencedSeriesSequence, ...found.map(referencedSeries)),
            ]),
          ),
        ]),
  ];
}

/**
 * The series and studies of instances as evidence has them: Hierarchical SOP Instance Reference macro (PS3.3,
 * C.17.2.1), which Source Image Evidence is of.
 * @param tag of the sequence
 */
export function evidence(tag: number, series: readonly SeriesReference[]): DataElement {
  return sequence(
    tag,
    ...[...groupByStudy(series)].map(([studyUid, found]) => [
      text(T.StudyInstanceUID, 'UI', studyUid),
      sequence(
        T.ReferencedSeriesSequence,
        ...found.map(({ seriesUid, instances }) => [
          text(T.SeriesInstanceUID, 'UI', seriesUid),
          sequence(REFERENCED_SOP_SEQUENCE, ...instances.map(instanceItem)),
        ]),
      ),
    ]),
  );
}

function referencedSeries(series: SeriesReference): DataSet {
  return [
    text(T.SeriesInstanceUID, 'UI', series.seriesUid),
    sequence(
      T.ReferencedInstanceSequence,
      ...byInstance(series.instances).map(([first]) => instanceItem(first!)),
    ),
  ];
}

/** Referenced SOP Class and Instance UID. */
export function instanceItem({ sopClassUid, sopInstanceUid }: InstanceReference): DataSet {
  return [
    text(T.ReferencedSOPClassUID, 'UI', sopClassUid),
    text(T.ReferencedSOPInstanceUID, 'UI', sopInstanceUid),
  ];
}
