import { dirname } from 'node:path';
import { TandemError } from '../../../../core/errors.ts';
import type { JobContext } from '../../../../core/job.ts';
import { commonFolder } from '../../../studies/dicomSeries.ts';
import { scanPaths } from '../../../studies/scan.ts';
import type { Catalogue, CatalogueStudy, SeriesEntry } from '../../../studies/types.ts';
import { shownPath } from '../../../studies/unpacked.ts';
import type { Contrasts, Finder, FoundCase, LeftOut } from '../layouts.ts';
import { dicomPatient } from '../patientNames.ts';
import { placesOfStudy, studyName, studyOfSource } from '../studySource.ts';
import { chooseReference, chooseTarget } from './chooseSeries.ts';
import { readDicomPair, seriesWords } from './dicomPair.ts';

/**
 * DICOM studies: of each the series that is the best target and, for it, the best reference, by what their
 * headers say of the contrast. Patients are told apart by Patient ID and its issuer (by the study where there is no
 * ID) and named by hashes, as studies are by that of their UID: never by an ID itself or by a folder, which often
 * is one.
 */
export const findDicomStudies: Finder = async (folders, contrasts, job) => {
  const catalogue = await catalogueOf(folders, job);
  const cases: FoundCase[] = [];
  const without: LeftOut[] = [...unreadable(catalogue)];
  const studies = catalogue.studies.filter(isDicom);
  const issuers = issuersOf(studies);
  for (const study of studies) {
    const found = caseOf(study, patientOf(study, issuers), contrasts);
    if ('read' in found) cases.push(found);
    else without.push(found);
  }
  return { cases, without };
};

/** What folders hold, and the studies that are named by themselves, each once. */
async function catalogueOf(sources: readonly string[], job: JobContext): Promise<Catalogue> {
  const named = sources.flatMap((source) => studyOfSource(source) ?? []);
  const folders = sources.filter((source) => studyOfSource(source) === undefined);
  if (named.length === 0) return scanPaths(folders, job);
  const own = await scanPaths([...new Set(named.flatMap(placesOfStudy))], job);
  const found = folders.length === 0 ? { studies: [], refused: [] } : await scanPaths(folders, job);
  const known = new Set(found.studies.map(({ summary }) => summary.uid));
  const missing = named.find((uid) => !own.studies.some(({ summary }) => summary.uid === uid));
  if (missing !== undefined) {
    throw new TandemError('not-found', 'A study is no longer where the library knows it to be', {
      path: placesOfStudy(missing)[0],
      hint: 'Say where it is now (tandem library relocate), or leave it out.',
    });
  }
  const added = own.studies.filter(({ summary: { uid } }) => named.includes(uid) && !known.has(uid));
  return { studies: [...found.studies, ...added], refused: found.refused };
}

/** Of each Patient ID, who gave it, as far as its studies say; '' among them where one does not. */
function issuersOf(studies: readonly CatalogueStudy[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { summary, issuerOfPatientId = '' } of studies) {
    const id = summary.patientId.trim();
    found.set(id, (found.get(id) ?? new Set()).add(issuerOfPatientId.trim()));
  }
  return found;
}

/** A study that does not say its issuer is of the one that others say; where they say several, of all: on one side. */
function patientOf(
  { summary, issuerOfPatientId = '' }: CatalogueStudy,
  issuers: ReadonlyMap<string, ReadonlySet<string>>,
): string {
  const id = summary.patientId.trim();
  if (id === '') return studyName(summary.uid);
  const said = issuers.get(id)!;
  if (!said.has('')) return dicomPatient(id, issuerOfPatientId.trim());
  const named = [...said].filter((issuer) => issuer !== '');
  return dicomPatient(id, named.length === 1 ? named[0]! : '');
}

function caseOf(study: CatalogueStudy, patient: string, contrasts: Contrasts): FoundCase | LeftOut {
  const name = studyName(study.summary.uid);
  const target = chooseTarget(study.series, contrasts.target);
  if (typeof target === 'string') {
    const files = study.series.flatMap((one) => one.files.map(shownPath));
    return { name, patient, path: commonFolder(files), reason: target };
  }
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
    alsoIn: [...new Set((target.copies ?? []).map((path) => dirname(path)))],
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
