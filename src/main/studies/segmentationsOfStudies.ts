import type { StudySegmentation } from '../../core/contract/schemas.ts';
import type { DataSet } from '../../core/dicom/dataSet.ts';
import { readSegmentationHeader } from '../../core/dicom/derived/readSegmentation.ts';
import type { CatalogueStudy } from './types.ts';

/** A segmentation that was met among the files; `summary.path` is where its file is. */
export interface FoundSegmentation {
  readonly studyUid: string;
  readonly summary: StudySegmentation;
}

/** What a list says of a segmentation. @throws TandemError `bad-header` */
export function describeSegmentation(dataSet: DataSet, path: string): FoundSegmentation {
  const { studyUid, sopInstanceUid, description, contentLabel, segments, frameOfReferenceUid } =
    readSegmentationHeader(dataSet);
  return {
    studyUid,
    summary: {
      uid: sopInstanceUid,
      description: description || contentLabel,
      labels: segments.map(({ label }) => label),
      path,
      ...(frameOfReferenceUid === undefined ? {} : { frameOfReferenceUid }),
    },
  };
}

/** A study with its own among the segmentations. */
export function withSegmentations(
  study: CatalogueStudy,
  found: readonly FoundSegmentation[],
): CatalogueStudy {
  const own = found.filter(({ studyUid }) => studyUid === study.summary.uid).map(({ summary }) => summary);
  if (own.length === 0) return study;
  return {
    ...study,
    summary: { ...study.summary, segmentations: own },
    segmentations: own.map(({ path }) => path),
  };
}
