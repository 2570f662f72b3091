import { TandemError } from '../../../core/errors.ts';
import type { Handler } from '../../host/handler.ts';
import { allJobs, clearEnded } from '../../jobs/jobRows.ts';
import { removeCopies } from '../copies.ts';
import { requireStudy } from '../describeStudies.ts';
import { deleteEnhancementsOf, enhancementsOf, storedEnhancements } from '../enhancementRows.ts';
import { library } from '../library.ts';
import { isResultStored, removeResults, usedBytes } from '../results.ts';
import { deleteStudy, seriesOf } from '../studyRows.ts';

/** Takes a study out of the library. Throws `not-found`; `usage` while a job of it waits or runs. */
export const libraryForgetOperation: Handler<'libraryForget'> = async ({ uid }) => {
  const { study, places, stored } = library().change((database) => {
    const found = requireStudy(database, uid);
    const jobs = allJobs(database).filter(({ subject }) => subject?.studyUid === found.uid);
    if (jobs.some(({ state }) => state === 'waiting' || state === 'running')) {
      throw new TandemError('usage', 'A job of this study waits or runs', { hint: 'Cancel it first.' });
    }
    const made = enhancementsOf(database, found.uid, isResultStored);
    const kept = seriesOf(database, found.uid).flatMap((one) => one.places);
    for (const { id } of jobs) clearEnded(database, id);
    deleteEnhancementsOf(database, found.uid);
    deleteStudy(database, found.uid);
    return { study: found, places: kept, stored: made.filter((one) => one.stored) };
  });
  // What is overwritten in the file lingers in its log until that is emptied.
  library().use((database) => database.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
  await removeResults(
    library(),
    stored.map(({ id }) => id),
    'by-user',
  );
  const removed = await Promise.all([...new Set(places)].map(removeCopies));
  return { studyUid: study.uid, resultsRemoved: stored.length, copiesRemoved: removed.some(Boolean) };
};

/** Removes stored results; the history stays. Throws `not-found` where none of them is stored. */
export const libraryRemoveResultsOperation: Handler<'libraryRemoveResults'> = async ({ ids }) => {
  const stored = ids.filter(isResultStored);
  if (stored.length === 0) {
    throw new TandemError('not-found', 'None of these results is stored', {
      hint: 'See: tandem library show',
    });
  }
  const freed = library()
    .use(storedEnhancements)
    .filter(({ id }) => stored.includes(id));
  await removeResults(library(), stored, 'by-user');
  return { removed: stored.length, freedBytes: usedBytes(freed) };
};
