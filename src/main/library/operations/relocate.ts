import { basename } from 'node:path';
import { TandemError } from '../../../core/errors.ts';
import type { Handler } from '../../host/handler.ts';
import { scanPaths } from '../../studies/scan.ts';
import type { CatalogueStudy, SeriesEntry } from '../../studies/types.ts';
import { describeStudies, requireStudy } from '../describeStudies.ts';
import { library } from '../library.ts';
import { placesOf } from '../places.ts';
import { type Database, rows } from '../sqlite.ts';
import { type KeptSeries, keepStudy, renameStudy, type StudyRow, seriesOf, studyRow } from '../studyRows.ts';

/**
 * Finds known series below a folder and takes that for their place. DICOM is known by its UIDs; NIfTI files,
 * which have none, by name, matrix and spacing, all of a study's together.
 *
 * @throws TandemError `not-found` where nothing there is in the library; as `scanPaths` does
 */
export const libraryRelocateOperation: Handler<'libraryRelocate'> = async ({ path, uid }, job) => {
  const only = uid === undefined ? undefined : library().use((database) => requireStudy(database, uid));
  const { studies } = await scanPaths([path], job);
  const found: { study: CatalogueStudy; kept: KeptSeries[] }[] = [];
  for (const study of studies) {
    const kept = await Promise.all(
      study.series.map(async (entry) => ({ entry, places: await placesOf(entry) })),
    );
    found.push({ study, kept });
  }
  let count = 0;
  const moved = library().change((database) => {
    const uids = new Set<string>();
    for (const { study, kept } of found) {
      const known = knownAs(database, study, only);
      if (known === undefined) continue;
      const names = known.names ?? new Map(study.series.map(({ summary }) => [summary.uid, summary.uid]));
      if (known.names !== undefined) renameStudy(database, known.study.uid, study.summary.uid, known.names);
      const mine = new Set([
        ...names.values(),
        ...seriesOf(database, study.summary.uid).map(({ entry }) => entry.summary.uid),
      ]);
      const series = kept.filter(({ entry }) => mine.has(entry.summary.uid));
      const { opened_at, is_copy } = known.study;
      keepStudy(database, { summary: study.summary, series, isCopy: is_copy === 1 }, opened_at);
      count += series.length;
      uids.add(study.summary.uid);
    }
    return [...uids].flatMap((one) => studyRow(database, one) ?? []);
  });
  if (moved.length === 0) {
    throw new TandemError('not-found', 'No series of the library is here', {
      path,
      hint:
        only === undefined
          ? 'Point to the folder that holds the files now.'
          : 'Point to where this study’s files are now.',
    });
  }
  return { found: count, studies: await describeStudies(library(), moved) };
};

interface Known {
  readonly study: StudyRow;
  /** NIfTI: the series' UIDs before, and as they are in the new place. */
  readonly names?: ReadonlyMap<string, string>;
}

/** The study of the library that this one is. */
function knownAs(
  database: Database,
  { summary, series }: CatalogueStudy,
  only: StudyRow | undefined,
): Known | undefined {
  const same = studyRow(database, summary.uid);
  if (same !== undefined) return only === undefined || only.uid === same.uid ? { study: same } : undefined;
  if (series.some((one) => one.summary.format !== 'nifti')) return undefined;
  const candidates =
    only === undefined ? rows<StudyRow>(database, `SELECT * FROM studies WHERE uid LIKE 'folder-%'`) : [only];
  for (const study of candidates) {
    const names = matched(seriesOf(database, study.uid), series);
    if (names !== undefined) return { study, names };
  }
  return undefined;
}

/** Each known series with the one that looks the same; undefined unless all have one. */
function matched(
  known: readonly KeptSeries[],
  found: readonly SeriesEntry[],
): ReadonlyMap<string, string> | undefined {
  const names = new Map<string, string>();
  for (const { entry } of known) {
    const twin = found.find((one) => looks(one) === looks(entry));
    if (twin === undefined) return undefined;
    names.set(entry.summary.uid, twin.summary.uid);
  }
  return names.size === 0 ? undefined : names;
}

function looks({ summary }: SeriesEntry): string {
  return JSON.stringify([basename(summary.path), summary.size, summary.spacingMm]);
}
