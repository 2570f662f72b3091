import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { seriesEvidence } from '../audit/seriesEvidence.ts';
import { noteOpened, sourcesOfEnhancement } from '../library/enhancementRows.ts';
import { inPassing } from '../library/library.ts';
import { locateSeries } from '../library/locate.ts';
import { isResultStored } from '../library/results.ts';
import type { SeriesEntry } from '../studies/types.ts';
import { enhancedStore, type StoredSeries } from './store.ts';
import { readStoredSeries, readStoredStack, type StoredStack } from './storedResult.ts';

/**
 * The enhanced series of an id with its sources: as it is in memory, or as it was stored.
 * @throws TandemError `series-not-found`; and as `readStoredSeries` does
 */
export async function openEnhanced(id: string, job: JobContext): Promise<StoredSeries> {
  const opened = await open(id, job);
  job.evidence?.(seriesEvidence(opened.series));
  return opened;
}

async function open(id: string, job: JobContext): Promise<StoredSeries> {
  const known = enhancedStore.find(id);
  if (known !== undefined) return known;
  if (!isResultStored(id)) throw notFound();
  const uids = inPassing((library) =>
    library.change((database) => {
      noteOpened(database, id, Date.now());
      return sourcesOfEnhancement(database, id);
    }),
  );
  const locate = (entry: SeriesEntry, role: 'target' | 'reference') =>
    locateSeries(entry, uids?.[`${role}_uid`] ?? entry.summary.uid, job);
  const stored = await readStoredSeries(id, locate, job);
  if (stored === undefined) throw notFound();
  enhancedStore.add(stored, id);
  return stored;
}

/** The enhanced slices of an id and what made them; their sources need not be there. Throws `series-not-found`. */
export async function openEnhancedStack(id: string, job: JobContext): Promise<StoredStack> {
  const series = enhancedStore.find(id)?.series;
  if (series !== undefined) return series;
  if (!isResultStored(id)) throw notFound();
  inPassing((library) => library.change((database) => noteOpened(database, id, Date.now())));
  const stored = await readStoredStack(id, job);
  if (stored === undefined) throw notFound();
  return stored;
}

function notFound(): TandemError {
  return new TandemError('series-not-found', 'This enhanced series is neither in memory nor stored', {
    hint: 'Enhance again.',
  });
}
