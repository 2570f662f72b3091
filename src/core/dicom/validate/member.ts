import { C } from '../derived/companionTags.ts';
import {
  type CheckedObject,
  isDeidentified,
  isOurs,
  numbersOf,
  shortsOf,
  stringOf,
} from './checkedObject.ts';
import type { PlacedPlanes } from './geometry.ts';
import { type FoundReference, findReferences } from './references.ts';

/** What is kept of an object to hold it against others: no pixels, no header. */
export interface Member {
  readonly file: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly frameOfReferenceUid: string;
  readonly patientId: string;
  readonly modality: string;
  readonly instanceNumber: number | undefined;
  /** Rows and columns, for images. */
  readonly size: string;
  readonly planes: PlacedPlanes | undefined;
  readonly isOurs: boolean;
  readonly isDeidentified: boolean;
  readonly references: readonly FoundReference[];
}

export function memberOf(object: CheckedObject, planes: PlacedPlanes | undefined): Member {
  const { dataSet, file } = object;
  const uid = (tag: number) => stringOf(dataSet, tag);
  return {
    file,
    sopClassUid: uid(C.SOPClassUID),
    sopInstanceUid: uid(C.SOPInstanceUID),
    studyUid: uid(C.StudyInstanceUID),
    seriesUid: uid(C.SeriesInstanceUID),
    frameOfReferenceUid: uid(C.FrameOfReferenceUID),
    patientId: uid(C.PatientID),
    modality: uid(C.Modality),
    instanceNumber: numbersOf(dataSet, C.InstanceNumber)[0],
    size: [C.Columns, C.Rows].map((tag) => shortsOf(dataSet, tag)[0]).join(' × '),
    planes,
    isOurs: isOurs(object),
    isDeidentified: isDeidentified(object),
    references: findReferences(dataSet),
  };
}
