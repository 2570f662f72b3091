import type { ValidationReport } from '../../core/contract/validating.ts';
import type { JobContext } from '../../core/job.ts';
import type { SeriesEntry } from '../studies/types.ts';
import { validateFiles } from './validateFiles.ts';

/** Files of an export that dciodvfy is given: what it finds in one slice it finds in all. */
const JUDGED = 8;

/**
 * The check of what an export has just written, by our own rules and by dciodvfy where it is on the machine.
 *
 * @param written the series that the files were made from; NIfTI among them are nothing to hold a file against.
 *   What is de-identified names its source by other UIDs: it is checked by itself.
 */
export async function checkWritten(
  written: {
    readonly files: readonly string[];
    readonly sources: readonly SeriesEntry[];
    /** Other objects that they name. */
    readonly named?: readonly string[] | undefined;
    readonly isDeidentified: boolean;
  },
  job: JobContext,
): Promise<ValidationReport> {
  const ofDicom = written.sources.filter(({ summary }) => summary.format === 'dicom');
  const named = [...ofDicom.flatMap(({ files }) => files), ...(written.named ?? [])];
  const source = written.isDeidentified ? undefined : [...new Set(named)];
  // The files are there: that much cannot be cancelled any more.
  const uncancelled = { ...job, signal: new AbortController().signal };
  const asked = { files: written.files, source, ours: true, judged: JUDGED };
  const { refused: _, ...report } = await validateFiles(asked, uncancelled);
  return report;
}
