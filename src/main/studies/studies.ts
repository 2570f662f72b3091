import { basename, dirname } from 'node:path';
import type { Instance } from '../../core/dicom/instance.ts';
import { dicomSeries } from './dicomSeries.ts';
import { suggestPairs } from './pairing.ts';
import type { CatalogueStudy, SeriesEntry } from './types.ts';

/** Groups what was found into studies: DICOM by Study Instance UID, NIfTI by folder. */
export function assembleStudies(
  instances: readonly Instance[],
  nifti: readonly SeriesEntry[],
): CatalogueStudy[] {
  const dicom = [...Map.groupBy(instances, ({ studyUid }) => studyUid).values()].map((members) => {
    const first = members[0]!;
    const found = study(dicomSeries(members), {
      uid: first.studyUid,
      description: first.studyDescription,
      date: first.studyDate,
      patientName: first.patientName,
      patientId: first.patientId,
    });
    return { ...found, issuerOfPatientId: first.issuerOfPatientId };
  });
  const folders = [...Map.groupBy(nifti, ({ studyUid }) => studyUid).values()].map((members) => {
    const first = members[0]!;
    return study(members, {
      uid: first.studyUid,
      description: basename(dirname(first.summary.path)),
      date: '',
      patientName: '',
      patientId: '',
    });
  });
  return [...dicom, ...folders];
}

type StudyFacts = Pick<
  CatalogueStudy['summary'],
  'uid' | 'description' | 'date' | 'patientName' | 'patientId'
>;

function study(series: readonly SeriesEntry[], facts: StudyFacts): CatalogueStudy {
  const summary = { ...facts, series: series.map((entry) => entry.summary), pairs: suggestPairs(series) };
  return { summary, series };
}
