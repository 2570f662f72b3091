import { createHash } from 'node:crypto';
import { scanPaths } from '../../../studies/scan.ts';
import type { Catalogue, CatalogueStudy, SeriesEntry } from '../../../studies/types.ts';
import type { Contrasts, Finder, FoundCase, LeftOut } from '../layouts.ts';
import { chooseReference, chooseTarget } from './chooseSeries.ts';
import { readDicomPair, seriesWords } from './dicomPair.ts';

/**
 * DICOM studies: of each the series that is the best target and, for it, the best reference, by what their
 * headers say of the contrast. Patients and studies are named by hashes of Patient ID (of the Study Instance
 * UID where there is none), never by the ID itself or by a folder, which often is one.
 */
export const findDicomStudies: Finder = async (folders, contrasts, job) => {
  const catalogue = await scanPaths(folders, job);
  const cases: FoundCase[] = [];
  const without: LeftOut[] = [...unreadable(catalogue)];
  for (const study of catalogue.studies.filter(isDicom)) {
    const found = caseOf(study, contrasts);
    if ('read' in found) cases.push(found);
    else without.push(found);
  }
  return { cases, without };
};

function caseOf(study: CatalogueStudy, contrasts: Contrasts): FoundCase | LeftOut {
  const { uid, patientId } = study.summary;
  const id = patientId.trim();
  const name = `study-${shortHash(uid)}`;
  const patient = id === '' ? name : `patient-${shortHash(id)}`;
  const target = chooseTarget(study.series, contrasts.target);
  if (typeof target === 'string') return { name, patient, reason: target };
  const reference =
    contrasts.reference === undefined
      ? undefined
      : chooseReference(study.series, contrasts.reference, target);
  const problem = lossy(target) ?? (typeof reference === 'string' ? reference : undefined);
  const chosen = typeof reference === 'string' ? undefined : reference;
  return {
    name,
    patient,
    layout: 'dicom',
    path: target.summary.path,
    target: seriesWords(target),
    reference: chosen && seriesWords(chosen),
    notes: notesOf(target),
    problem,
    read: (reading) => readDicomPair(target, chosen, reading),
  };
}

function lossy({ summary }: SeriesEntry): string | undefined {
  const warning = summary.warnings.find(({ code }) => code === 'lossy-compressed');
  return warning && `${warning.message}, so it is no truth to learn from`;
}

/** What the headers say of the target that changes what is learnt from it. */
function notesOf({ summary }: SeriesEntry): string[] {
  return summary.warnings.flatMap(({ code, message }) =>
    code === 'zero-filled'
      ? [`${message}. It is reduced to the resolution that was acquired`]
      : code === 'gap' || code === 'uneven-spacing'
        ? [message]
        : [],
  );
}

function isDicom({ series }: CatalogueStudy): boolean {
  return series[0]?.summary.format === 'dicom';
}

/** Files that are images and were refused, counted by reason: their paths may name a patient. */
function unreadable({ refused }: Catalogue): LeftOut[] {
  const images = refused.filter(({ code }) => code !== 'not-an-image');
  return [...Map.groupBy(images, ({ message }) => message)].map(([reason, files]) => ({
    name: files.length === 1 ? '1 file' : `${files.length} files`,
    reason,
  }));
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
