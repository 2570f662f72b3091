import type { SourceSeries } from '../../core/dicom/derived/companion.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import type { SeriesEntry } from '../studies/types.ts';
import { referenceTo, sourcePlaces } from './planReferences.ts';
import { readMark, SourceFiles } from './sourceSlices.ts';

/**
 * A series as companion objects name it: whose patient and study it is, and all of its instances with the
 * space they cover. Headers only.
 *
 * @throws TandemError `unsupported-format` where the series is no DICOM, `bad-geometry` where it has no frame
 *   of reference.
 */
export async function companionSource(entry: SeriesEntry, job: JobContext): Promise<SourceSeries> {
  const { path } = entry.summary;
  if (entry.summary.format !== 'dicom' || entry.files.length === 0) {
    throw new TandemError(
      'unsupported-format',
      'Companion objects belong to a DICOM series, which this is not',
      {
        path,
        hint: 'Name the DICOM series that the NIfTI was made from.',
      },
    );
  }
  if (entry.frameOfReferenceUid === undefined) {
    throw new TandemError('bad-geometry', 'The series has no Frame of Reference UID to place an object in', {
      path,
      hint: 'Export it again from the archive.',
    });
  }
  const sources = new SourceFiles();
  const facts = [];
  for (const place of sourcePlaces(entry)) {
    throwIfCancelled(job.signal);
    facts.push(await sources.factsOf(place));
  }
  const first = facts[0]!;
  return {
    studyUid: first.studyUid,
    seriesUid: first.seriesUid,
    frameOfReferenceUid: entry.frameOfReferenceUid,
    dataSet: await sources.elementsOf(first),
    mark: await readMark(first.path),
    instances: facts.map((one) => ({
      ...referenceTo(one),
      slab: one.slab,
      frames: one.frames,
      isTile: one.tile !== undefined,
    })),
  };
}
