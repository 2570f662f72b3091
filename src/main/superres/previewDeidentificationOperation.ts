import { setImmediate } from 'node:timers/promises';
import { loadKeywordDictionary } from '../../core/dicom/derived/dictionary.ts';
import { T } from '../../core/dicom/derived/tags.ts';
import { throwIfCancelled } from '../../core/errors.ts';
import { makeDeidentifier } from '../deidentify/deidentifier.ts';
import { finder } from '../deidentify/deidentifyFile.ts';
import { DeidentifyReport } from '../deidentify/report.ts';
import { pixelWarnings } from '../deidentify/warnings.ts';
import { registrationOf } from '../export/besideEnhanced.ts';
import { planDicomSeries } from '../export/dicomPlan.ts';
import { objectDataSet } from '../export/dicomSeries.ts';
import type { Handler } from '../host/handler.ts';
import { openEnhanced } from './openEnhanced.ts';

/**
 * What a de-identified DICOM export of an enhanced series would change: every object of it is made as the export
 * makes it, and none is written, nor a key.
 */
export const previewDeidentificationOperation: Handler<'previewDeidentification'> = async (request, job) => {
  const start = performance.now();
  const { series } = await openEnhanced(request.id, job);
  const report = new DeidentifyReport();
  const deidentifier = await makeDeidentifier(request, {
    note: (tag, outcome) => report.note(tag, outcome),
    makeKey: false,
  });
  const plan = await planDicomSeries(series, new Date(), job, request.as);
  const beside = request.companions.includes('registration') ? [await registrationOf(series, job)] : [];
  const total = plan.names.length + beside.length;
  for (let n = 0; n < total; n++) {
    // Lets a request to cancel arrive.
    await setImmediate();
    throwIfCancelled(job.signal);
    job.progress({ stage: 'deidentifying', done: n, total });
    const dataSet = beside[n - plan.names.length] ?? (await objectDataSet(plan, n));
    report.beginFile();
    deidentifier.dataSet(dataSet);
    const find = finder(dataSet);
    report.addObject(find(T.PatientID), find(T.StudyInstanceUID), pixelWarnings(dataSet));
  }
  return {
    files: total,
    attributes: report.attributes(await loadKeywordDictionary()),
    warnings: report.warnings(),
    seconds: (performance.now() - start) / 1000,
  };
};
