import { sha256 } from '../audit/entry.ts';
import { makeDeidentifier } from '../deidentify/deidentifier.ts';
import { exportEnhanced } from '../export/exportEnhanced.ts';
import type { Handler } from '../host/handler.ts';
import { noteExport } from '../library/enhancementRows.ts';
import { inPassing } from '../library/library.ts';
import { checkWritten } from '../validate/checkWritten.ts';
import { outputOf, sourcesOf } from './enhanceOperation.ts';
import { openEnhanced } from './openEnhanced.ts';

/**
 * Writes an enhanced series, in memory or stored, to a folder, absent or empty before, and checks what it wrote.
 */
export const exportOperation: Handler<'export'> = async (request, job) => {
  const start = performance.now();
  const { id, out, format, as, deidentify, companions } = request;
  const { series } = await openEnhanced(id, job);
  const deidentifier = deidentify === undefined ? undefined : await makeDeidentifier(deidentify);
  const written = await exportEnhanced(series, out, format, job, { as, deidentifier, companions });
  job.evidence?.({ outputs: { series: sha256(written.seriesUid) } });
  inPassing((library) =>
    library.change((database) =>
      noteExport(database, id, { folder: written.folder, format, atMs: Date.now() }),
    ),
  );
  return {
    output: outputOf(written),
    clipped: written.clipped,
    validation:
      format === 'dicom'
        ? await checkWritten(
            {
              files: [...written.files, ...written.companions],
              sources: sourcesOf(series),
              isDeidentified: deidentifier !== undefined,
            },
            job,
          )
        : null,
    seconds: (performance.now() - start) / 1000,
  };
};
