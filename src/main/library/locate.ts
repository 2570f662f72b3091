import type { JobContext } from '../../core/job.ts';
import { resolveSeries } from '../studies/resolve.ts';
import type { SeriesEntry } from '../studies/types.ts';
import { inPassing } from './library.ts';
import { isThere } from './places.ts';
import { type KeptSeries, seriesByUid } from './studyRows.ts';

/**
 * A series that is kept, with files that can be read now: as they are known, or found again where the library
 * has it (an archive is unpacked anew, a folder may have moved). As it was where it is nowhere, so that reading
 * it says what is missing.
 */
export async function locateSeries(entry: SeriesEntry, uid: string, job: JobContext): Promise<SeriesEntry> {
  if (await isReadable(entry)) return entry;
  const kept = inPassing((library) => library.use((database) => seriesByUid(database, uid)));
  return kept === undefined ? entry : readable(kept, job);
}

/** As `locateSeries`, of a row of the library. */
export async function readable({ entry, places }: KeptSeries, job: JobContext): Promise<SeriesEntry> {
  if (await isReadable(entry)) return entry;
  const there = await Promise.all(places.map(isThere));
  if (!there.every(Boolean)) return entry;
  return resolveSeries({ paths: [...places], series: entry.summary.uid }, job).catch(() => entry);
}

async function isReadable({ files }: SeriesEntry): Promise<boolean> {
  return files[0] !== undefined && isThere(files[0]);
}
