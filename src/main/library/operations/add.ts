import type { JobContext } from '../../../core/job.ts';
import type { Handler } from '../../host/handler.ts';
import { recentScan } from '../../studies/lastScan.ts';
import { scanPaths } from '../../studies/scan.ts';
import type { CatalogueStudy } from '../../studies/types.ts';
import { copyStudy } from '../copies.ts';
import { describeStudies } from '../describeStudies.ts';
import { library } from '../library.ts';
import { placesOf } from '../places.ts';
import { keepStudy, type StudyToKeep, studyRow } from '../studyRows.ts';

/** Keeps what files and folders hold; with `copy`, as copies of the library's own. */
export const libraryAddOperation: Handler<'libraryAdd'> = async ({ paths, copy }, job) => {
  const { studies } = await recentScan(paths, job);
  const kept: StudyToKeep[] = [];
  for (const study of studies) kept.push(...(copy ? await copied(study, job) : [await inPlace(study)]));
  const atMs = Date.now();
  const found = library().change((database) => {
    for (const study of kept) keepStudy(database, study, atMs);
    return kept.flatMap(({ summary }) => studyRow(database, summary.uid) ?? []);
  });
  return { studies: await describeStudies(library(), found) };
};

/** What was copied before and is all there needs no second copy. */
async function copied(study: CatalogueStudy, job: JobContext): Promise<StudyToKeep[]> {
  const known = library().use((database) => studyRow(database, study.summary.uid));
  const [before] = known?.is_copy === 1 ? await describeStudies(library(), [known]) : [];
  const isWhole =
    before?.missingPaths.length === 0 &&
    study.series.every(({ summary }) => before.series.some(({ uid }) => uid === summary.uid));
  const folder = isWhole ? undefined : await copyStudy(study, job);
  const again = folder === undefined ? (before?.paths ?? []) : [folder];
  const { studies } = await scanPaths(again, job);
  return Promise.all(studies.map((one) => inPlace(one, true)));
}

async function inPlace({ summary, series }: CatalogueStudy, isCopy = false): Promise<StudyToKeep> {
  const kept = await Promise.all(series.map(async (entry) => ({ entry, places: await placesOf(entry) })));
  return { summary, series: kept, isCopy };
}
