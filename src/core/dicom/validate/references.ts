import { C } from '../derived/companionTags.ts';
import type { DataSet } from '../derived/dataSet.ts';
import { stringOf } from './checkedObject.ts';

/** A reference to an instance, as it stands somewhere in a data set. */
export interface FoundReference {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** Where the reference says so: those of Common Instance Reference and of a report's evidence do. */
  readonly seriesUid: string | undefined;
  readonly studyUid: string | undefined;
  /** Tags from the outermost sequence inwards. */
  readonly place: readonly number[];
}

/** References to what are no instances of a series: patients, visits, studies, performed steps, requests. */
const NOT_INSTANCES: ReadonlySet<number> = new Set([
  0x00081110,
  0x00081111,
  0x00081120,
  0x00081125,
  C.ReferencedRequestSequence,
]);

/** Every reference to an instance in a data set, at any depth. */
export function findReferences(dataSet: DataSet): FoundReference[] {
  const found: FoundReference[] = [];
  const visit = (items: readonly DataSet[], place: readonly number[], within: Within) => {
    for (const item of items) {
      const studyUid = stringOf(item, C.StudyInstanceUID) || within.studyUid;
      const seriesUid = stringOf(item, C.SeriesInstanceUID) || within.seriesUid;
      const sopInstanceUid = stringOf(item, C.ReferencedSOPInstanceUID);
      if (sopInstanceUid !== '') {
        const sopClassUid = stringOf(item, C.ReferencedSOPClassUID);
        found.push({ sopClassUid, sopInstanceUid, seriesUid, studyUid, place });
      }
      descend(item, place, { studyUid, seriesUid });
    }
  };
  const descend = (item: DataSet, place: readonly number[], within: Within) => {
    for (const { tag, value } of item) {
      if (value instanceof Uint8Array || NOT_INSTANCES.has(tag)) continue;
      visit(value, [...place, tag], within);
    }
  };
  descend(dataSet, [], { studyUid: stringOf(dataSet, C.StudyInstanceUID), seriesUid: undefined });
  return found;
}

interface Within {
  readonly studyUid: string | undefined;
  readonly seriesUid: string | undefined;
}
