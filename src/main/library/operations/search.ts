import { TandemError } from '../../../core/errors.ts';
import type { Handler } from '../../host/handler.ts';
import { adoptStrays } from '../adopt.ts';
import { describeStudies, requireStudy } from '../describeStudies.ts';
import { enhancementById, storedEnhancements } from '../enhancementRows.ts';
import { library } from '../library.ts';
import { isResultStored, resultsLimitBytes, usedBytes } from '../results.ts';
import { change, type Database, row } from '../sqlite.ts';
import { countStudies, searchStudies } from '../studyRows.ts';

/** One page of the studies that fit. */
export const librarySearchOperation: Handler<'librarySearch'> = async (search) => {
  await adoptStrays(library());
  const { total, page, all, setAside, used } = library().use((database) => ({
    ...searchStudies(database, search),
    all: countStudies(database),
    setAside: setAsideOf(database),
    used: usedBytes(storedEnhancements(database)),
  }));
  return {
    total,
    all,
    studies: await describeStudies(library(), page),
    setAside,
    storage: { usedBytes: used, limitBytes: resultsLimitBytes() },
  };
};

/** One study. Throws `not-found`, `series-ambiguous`. */
export const libraryStudyOperation: Handler<'libraryStudy'> = async ({ uid }) => {
  const found = library().use((database) => requireStudy(database, uid));
  const [study] = await describeStudies(library(), [found]);
  return { study: study! };
};

/** One enhancement of the history. Throws `not-found`. */
export const libraryEnhancementOperation: Handler<'libraryEnhancement'> = async ({ id }) => {
  const found = library().use((database) => enhancementById(database, id, isResultStored));
  if (found !== undefined) return found;
  throw new TandemError('not-found', 'The library knows of no such enhancement', {
    hint: 'See: tandem library show',
  });
};

/** Forgets that a damaged library was set aside; its file stays. */
export const libraryAcknowledgeOperation: Handler<'libraryAcknowledge'> = async () => {
  library().change((database) => change(database, `DELETE FROM remembered WHERE key = 'set-aside'`));
  return {};
};

function setAsideOf(database: Database): { path: string; atMs: number } | null {
  const found = row<{ value: string }>(database, `SELECT value FROM remembered WHERE key = 'set-aside'`);
  return found === undefined ? null : (JSON.parse(found.value) as { path: string; atMs: number });
}
