import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { enhancedStore, type StoredSeries } from './store.ts';
import { readStoredSeries, readStoredStack, type StoredStack } from './storedResult.ts';

/**
 * The enhanced series of an id with its sources: as it is in memory, or as it was stored.
 * @throws TandemError `series-not-found`; and as `readStoredSeries` does
 */
export async function openEnhanced(id: string, job: JobContext): Promise<StoredSeries> {
  const known = enhancedStore.find(id);
  if (known !== undefined) return known;
  const stored = await readStoredSeries(id, (entry) => entry, job);
  if (stored === undefined) throw notFound();
  enhancedStore.add(stored, id);
  return stored;
}

/** The enhanced slices of an id and what made them; their sources need not be there. Throws `series-not-found`. */
export async function openEnhancedStack(id: string, job: JobContext): Promise<StoredStack> {
  const series = enhancedStore.find(id)?.series;
  if (series !== undefined) return series;
  const stored = await readStoredStack(id, job);
  if (stored === undefined) throw notFound();
  return stored;
}

function notFound(): TandemError {
  return new TandemError('series-not-found', 'This enhanced series is neither in memory nor stored', {
    hint: 'Enhance again.',
  });
}
