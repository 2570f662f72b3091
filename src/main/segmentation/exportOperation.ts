import { sha256 } from '../audit/entry.ts';
import { makeDeidentifier } from '../deidentify/deidentifier.ts';
import { checkOutputFolder } from '../export/atomic.ts';
import type { Handler } from '../host/handler.ts';
import { checkFormat, exportSegmentation, formatOf } from './exportSegmentation.ts';
import { findSegmentation } from './store.ts';
import { labelsHash, summaryOf } from './summary.ts';

/** Writes a segmentation that is in memory: the same files as `segment` writes. */
export const segmentationExportOperation: Handler<'segmentationExport'> = async (request, job) => {
  const start = performance.now();
  const facts = findSegmentation(request.id);
  const { entry } = facts.image;
  const format = request.format ?? formatOf(entry);
  checkFormat(format, facts.image);
  await checkOutputFolder(request.out);
  const deidentifier =
    request.deidentify === undefined ? undefined : await makeDeidentifier(request.deidentify);
  const { model, state, found, correction } = facts;
  job.evidence?.({
    model: { id: model.id, version: model.card.version, weightsSha256: model.card.weights.sha256, state },
    inputs: [
      { role: 'series', studySha256: sha256(entry.studyUid), seriesSha256: sha256(entry.summary.uid) },
    ],
    settings: { format, image: facts.image.words, corrected: correction !== undefined },
    outputs: { labels: labelsHash(found) },
  });
  const { folder, files, validation, warnings } = await exportSegmentation(
    facts,
    summaryOf(facts),
    request.out,
    format,
    deidentifier,
    job,
  );
  return {
    output: { folder, files: [...files] },
    validation,
    seconds: (performance.now() - start) / 1000,
    warnings: [...warnings],
  };
};
