import type { SeriesSelector } from '../../../core/contract/schemas.ts';
import type { JobContext } from '../../../core/job.ts';
import type { Handler } from '../../host/handler.ts';
import { recentScan } from '../../studies/lastScan.ts';
import { selectSeries } from '../../studies/select.ts';
import type { SeriesEntry } from '../../studies/types.ts';
import { recallAlignment } from '../alignmentRows.ts';
import { filesOfPair } from '../filesOfPair.ts';
import { library } from '../library.ts';

/** The alignment that is kept of a pair, where its files are still what they were. Throws as `scanPaths`. */
export const alignmentRecallOperation: Handler<'alignmentRecall'> = async (
  { studyUid, target, reference },
  job,
) => {
  const files = await filesOfPair(await entryOf(target, job), await entryOf(reference, job));
  const pair = { studyUid, targetUid: target.series, referenceUid: reference.series };
  return { files, ...library().change((database) => recallAlignment(database, pair, files)) };
};

/** A window asks right after it has opened the study: what was found then need not be read again. */
async function entryOf({ paths, series }: SeriesSelector, job: JobContext): Promise<SeriesEntry> {
  return selectSeries(await recentScan(paths, job), series);
}
