import { thumbnailSizePx } from '../../../core/contract/library.ts';
import { TandemError } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { makeThumbnail } from '../../../core/volume/thumbnail.ts';
import type { Handler } from '../../host/handler.ts';
import { recentScan } from '../../studies/lastScan.ts';
import { loadSeries } from '../../studies/load.ts';
import { selectSeries } from '../../studies/select.ts';
import type { SeriesEntry } from '../../studies/types.ts';
import { library } from '../library.ts';
import { readable } from '../locate.ts';
import { change, row } from '../sqlite.ts';
import { seriesOf } from '../studyRows.ts';

interface ThumbnailRow {
  readonly columns: number;
  readonly rows: number;
  readonly pixels: Uint8Array;
}

/** The kept thumbnail of a series, made now where there is none. Throws `not-found`, `series-not-found`, and as reading the series does. */
export const libraryThumbnailOperation: Handler<'libraryThumbnail'> = async (
  { studyUid, seriesUid, paths },
  job,
) => {
  const known = library().use((database) =>
    row<ThumbnailRow>(
      database,
      'SELECT columns, rows, pixels FROM thumbnails WHERE study_uid = ? AND series_uid = ?',
      studyUid,
      seriesUid,
    ),
  );
  if (known !== undefined) return { size: [known.columns, known.rows], voxels: new Uint8Array(known.pixels) };
  const kept = library()
    .use((database) => seriesOf(database, studyUid))
    .find(({ entry }) => entry.summary.uid === seriesUid);
  if (kept === undefined && paths === undefined) {
    throw new TandemError('not-found', 'The library does not have this series');
  }
  const entry =
    kept === undefined ? selectSeries(await recentScan(paths!, job), seriesUid) : await readable(kept, job);
  const made = await thumbnailOf(entry, job);
  library().change((database) =>
    change(
      database,
      // It may have been forgotten meanwhile.
      `INSERT OR REPLACE INTO thumbnails (study_uid, series_uid, columns, rows, pixels)
       SELECT study_uid, uid, ?3, ?4, ?5 FROM series WHERE study_uid = ?1 AND uid = ?2`,
      studyUid,
      seriesUid,
      made.columns,
      made.rows,
      made.pixels,
    ),
  );
  return { size: [made.columns, made.rows], voxels: made.pixels };
};

async function thumbnailOf(entry: SeriesEntry, job: JobContext) {
  const { stack } = await loadSeries(onlyMiddle(entry), job);
  const middle = stack.slices[Math.floor(stack.slices.length / 2)]!;
  return makeThumbnail({ ...stack, pixels: middle.pixels }, thumbnailSizePx);
}

/** Of DICOM one slice is read; a NIfTI is one file. */
function onlyMiddle(entry: SeriesEntry): SeriesEntry {
  const { geometry, files } = entry;
  if (entry.summary.format === 'nifti' || geometry === undefined) return entry;
  const slices = entry.slices ?? files.map((_, file) => ({ file }));
  const middle = Math.floor(slices.length / 2);
  return {
    ...entry,
    slices: slices.slice(middle, middle + 1),
    geometry: { ...geometry, positionsLps: geometry.positionsLps.slice(middle, middle + 1) },
  };
}
