import { sep } from 'node:path';
import type { LibraryStudy } from '../../core/contract/library.ts';
import { TandemError } from '../../core/errors.ts';
import { enhancementsOf } from './enhancementRows.ts';
import type { Library } from './library.ts';
import { isThere, outermost } from './places.ts';
import { isResultStored } from './results.ts';
import type { Database } from './sqlite.ts';
import { type KeptSeries, type StudyRow, seriesOf, studiesNamed } from './studyRows.ts';

/** Studies as the contract has them, with what is there of their files right now. */
export async function describeStudies(library: Library, found: readonly StudyRow[]): Promise<LibraryStudy[]> {
  const studies = library.use((database) =>
    found.map((study) => ({
      study,
      series: seriesOf(database, study.uid),
      enhancements: enhancementsOf(database, study.uid, isResultStored),
    })),
  );
  const probes = new Set(studies.flatMap(({ series }) => series.flatMap(probesOf)));
  const there = new Map(
    await Promise.all([...probes].map(async (path) => [path, await isThere(path)] as const)),
  );
  const isMissing = (one: KeptSeries): boolean => probesOf(one).some((path) => there.get(path) !== true);
  return studies.map(({ study, series, enhancements }) => {
    const paths = outermost(series.flatMap((one) => one.places));
    return {
      uid: study.uid,
      description: study.description,
      date: study.date,
      patientName: study.patient_name,
      patientId: study.patient_id,
      addedAtMs: study.added_at,
      openedAtMs: study.opened_at,
      paths,
      missingPaths: outermost(series.filter(isMissing).flatMap((one) => one.places)),
      isCopy: study.is_copy === 1,
      series: series.map((one) => {
        const { contrast, warnings: _, ...summary } = one.entry.summary;
        return { ...summary, contrast: contrast.name, missing: isMissing(one) };
      }),
      enhancements,
    };
  });
}

/**
 * What must be there for a series to be: its folders, and one file, for a folder may have been emptied. What came
 * out of an archive is unpacked anew each time.
 */
function probesOf({ entry, places }: KeptSeries): string[] {
  const file = entry.files[0];
  const inPlaces =
    file !== undefined && places.some((place) => file === place || file.startsWith(place + sep));
  return inPlaces ? [...places, file] : [...places];
}

/** The study of a UID, or of the beginning of one. Throws `not-found`, `series-ambiguous`. */
export function requireStudy(database: Database, name: string): StudyRow {
  const [first, ...others] = name === '' ? [] : studiesNamed(database, name);
  if (first === undefined) {
    throw new TandemError('not-found', `There is no study “${name}” in the library`, {
      hint: 'See: tandem library search',
    });
  }
  if (first.uid !== name && others.length > 0) {
    const uids = [first, ...others].map(({ uid }) => uid).join(', ');
    throw new TandemError('series-ambiguous', `“${name}” names several studies`, {
      hint: `Give more of the UID: ${uids}.`,
    });
  }
  return first;
}
