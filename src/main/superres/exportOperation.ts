import type { ValidationReport } from '../../core/contract/validating.ts';
import type { JobContext } from '../../core/job.ts';
import { makeDeidentifier } from '../deidentify/deidentifier.ts';
import { exportEnhanced } from '../export/exportEnhanced.ts';
import type { WrittenSeries } from '../export/types.ts';
import type { Handler } from '../host/handler.ts';
import { noteExport } from '../library/enhancementRows.ts';
import { inPassing } from '../library/library.ts';
import { validateFiles } from '../validate/validateFiles.ts';
import { outputOf } from './enhanceOperation.ts';
import { openEnhanced } from './openEnhanced.ts';
import type { EnhancedSeries } from './types.ts';

/** Slices of an export that dciodvfy is given: what it finds in one it finds in all. */
const JUDGED = 8;

/**
 * Writes an enhanced series, in memory or stored, to a folder, absent or empty before, and checks what it wrote.
 */
export const exportOperation: Handler<'export'> = async (request, job) => {
  const start = performance.now();
  const { id, out, format, as, deidentify, companions } = request;
  const { series } = await openEnhanced(id, job);
  const deidentifier = deidentify === undefined ? undefined : await makeDeidentifier(deidentify);
  const written = await exportEnhanced(series, out, format, job, { as, deidentifier, companions });
  inPassing((library) =>
    library.change((database) =>
      noteExport(database, id, { folder: written.folder, format, atMs: Date.now() }),
    ),
  );
  return {
    output: outputOf(written),
    clipped: written.clipped,
    validation: format === 'dicom' ? await check(written, series, deidentifier !== undefined, job) : null,
    seconds: (performance.now() - start) / 1000,
  };
};

/** A de-identified export names its source by other UIDs: it is checked by itself. */
async function check(
  { files, companions }: WrittenSeries,
  { target, reference }: EnhancedSeries,
  isDeidentified: boolean,
  job: JobContext,
): Promise<ValidationReport> {
  const sources = [target, ...(reference?.summary.format === 'dicom' ? [reference] : [])];
  const source = isDeidentified ? undefined : sources.flatMap((entry) => entry.files);
  // The files are there: that much cannot be cancelled any more.
  const uncancelled = { ...job, signal: new AbortController().signal };
  const asked = { files: [...files, ...companions], source, ours: true, judged: JUDGED };
  const { refused: _, ...report } = await validateFiles(asked, uncancelled);
  return report;
}
