import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { SeriesSelector } from '../../core/contract/schemas.ts';
import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { scanPaths } from './scan.ts';
import { allSeries, describeSeries, selectSeries } from './select.ts';
import type { SeriesEntry } from './types.ts';

/**
 * The series that a request names: a path on its own, or a number, UID, UID's beginning or path within
 * what `paths` hold.
 * @throws TandemError `series-not-found`, `series-ambiguous` (with the choices), and as `scanPaths`
 */
export async function resolveSeries(selector: SeriesSelector, job: JobContext): Promise<SeriesEntry> {
  if (selector.paths.length === 0) return seriesAt(selector.series, job);
  const catalogue = await scanPaths(selector.paths, job);
  try {
    return selectSeries(catalogue, selector.series);
  } catch (error) {
    if (!(error instanceof TandemError) || error.code !== 'series-not-found') throw error;
    for (const path of [selector.series, ...selector.paths.map((folder) => join(folder, selector.series))]) {
      if (await exists(path)) return seriesAt(path, job);
    }
    throw error;
  }
}

/** The one series that a path holds. */
async function seriesAt(path: string, job: JobContext): Promise<SeriesEntry> {
  const entries = allSeries(await scanPaths([path], job));
  if (entries.length === 1) return entries[0]!;
  throw new TandemError('series-ambiguous', `There are ${entries.length} series here`, {
    path,
    hint: `Name one of them by number or UID: ${entries.map(describeSeries).join('; ')}.`,
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
