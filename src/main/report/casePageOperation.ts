import { resolve } from 'node:path';
import type { Result } from '../../core/contract/operations.ts';
import type { SeriesSummary } from '../../core/contract/schemas.ts';
import { unacceptedMark } from '../../core/dicom/derived/provenance.ts';
import { type CasePage, type CaseRow, casePageHtml } from '../../core/report/casePage.ts';
import { sha256 } from '../audit/entry.ts';
import { writeFileAtomically } from '../export/atomic.ts';
import type { Handler } from '../host/handler.ts';
import { inPassing } from '../library/library.ts';
import { row } from '../library/sqlite.ts';
import { openEnhanced } from '../superres/openEnhanced.ts';
import type { EnhancedSeries } from '../superres/types.ts';
import { appVersion } from '../version.ts';
import { casePictures } from './casePictures.ts';
import { readPng } from './pngFile.ts';
import { requireEnding } from './savePictureOperation.ts';

const NOTICE = 'Research use only — not for diagnosis';

/** One page of HTML about an enhanced series, with the window's pictures or its own. */
export const casePageOperation: Handler<'casePage'> = async (request, job) => {
  const out = resolve(request.out);
  requireEnding(out, '.html');
  const { series } = await openEnhanced(request.id, job);
  const { provenance } = series;
  const unaccepted = unacceptedMark(provenance.model.state);
  const mark = `ENHANCED ×${provenance.scale} · ${provenance.model.id}${unaccepted === undefined ? '' : ` · ${unaccepted}`} · RUO`;
  const pictures =
    request.pictures.length === 0
      ? await casePictures(series, mark, job)
      : await Promise.all(
          request.pictures.map(async ({ title, path }) => ({
            title,
            png: (await readPng(path)).toString('base64'),
            // Windows write it into their pictures.
            mark: undefined,
          })),
        );
  const ran = outcomeOf(request.id);
  const target = series.target.summary;
  const study = studyOf(series.target.studyUid);
  const page: CasePage = {
    language: 'en',
    title: `${nameOf(target)}, enhanced ×${provenance.scale}`,
    notice: NOTICE,
    picturesTitle: 'Pictures',
    pictures,
    sections: [
      { title: 'Study', rows: study === undefined ? [] : studyRows(study, request.withPatient), notes: [] },
      { title: 'Images', rows: imageRows(series), notes: [] },
      modelSection(series),
      registrationSection(series),
      ...(ran === undefined ? [] : [runSection(ran)]),
      ...request.measurements.map(({ label, values }) => ({
        title: `Measured: ${label}`,
        rows: values.map(({ name, value }): CaseRow => [name, value]),
        notes: [],
      })),
    ],
    foot: `Tandem MR ${appVersion}, written ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC. ${NOTICE}.`,
  };
  const html = casePageHtml(page);
  await writeFileAtomically(out, html);
  job.evidence?.({ outputs: { page: sha256(html) } });
  return { path: out, bytes: Buffer.byteLength(html), pictures: pictures.length };
};

interface StudyFacts {
  readonly patient_name: string;
  readonly patient_id: string;
  readonly description: string;
  readonly date: string;
}

/** What the library knows of a study. */
function studyOf(uid: string): StudyFacts | undefined {
  return inPassing((library) =>
    library.use((database) =>
      row<StudyFacts>(
        database,
        'SELECT patient_name, patient_id, description, date FROM studies WHERE uid = ?',
        uid,
      ),
    ),
  );
}

/** Without the patient also without the date, which tells a patient from others. */
function studyRows(study: StudyFacts, withPatient: boolean): CaseRow[] {
  const description: CaseRow = ['Study', study.description || '–'];
  if (!withPatient) return [description];
  return [
    ['Patient', study.patient_name.replaceAll('^', ' ').trim() || '–'],
    ['Patient ID', study.patient_id || '–'],
    description,
    ['Date', isoDate(study.date)],
  ];
}

function imageRows({ stack, targetStack, target, reference }: EnhancedSeries): CaseRow[] {
  const size = (of: typeof stack): string =>
    `${of.columns} × ${of.rows} × ${of.slices.length}, ${of.spacingMm.map((mm) => Number(mm.toFixed(3))).join(' × ')} mm`;
  return [
    ['Target', nameOf(target.summary)],
    ['Target as acquired', size(targetStack)],
    ['Enhanced', size(stack)],
    ['Reference', reference === undefined ? 'none' : nameOf(reference.summary)],
  ];
}

const STATES = {
  shipped: 'Shipped with the program',
  accepted: 'Accepted at this site',
  candidate: 'CANDIDATE: not accepted at this site',
  retired: 'RETIRED: no longer accepted at this site',
} as const;

function modelSection({ provenance }: EnhancedSeries): CasePage['sections'][number] {
  const { model, scale, device } = provenance;
  return {
    title: 'Model',
    rows: [
      ['Model', `${model.id} ${model.version}`],
      ...(model.state === undefined ? [] : [['State', STATES[model.state]] as CaseRow]),
      ['Network', model.network],
      ['Scale', `×${scale} in the plane of the slices`],
      ['Weights (SHA-256)', model.weightsSha256],
      ['Licence of the weights', model.licence],
      ['Device', device],
      ['Program', `Tandem MR ${provenance.appVersion}`],
    ],
    notes: ['Detail in the enhanced series is inferred by a network, not measured by the scanner.'],
  };
}

const VERDICTS = {
  trusted: 'Trusted',
  untrusted: 'Not trusted, accepted by the user',
  none: 'Not asked for: the headers were taken as they are',
} as const;

function registrationSection({ provenance, reference }: EnhancedSeries): CasePage['sections'][number] {
  const { registration } = provenance;
  if (reference === undefined) {
    return { title: 'Alignment of the reference', rows: [['Verdict', 'No reference was used']], notes: [] };
  }
  const { verdict, miBefore, miAfter, rotationDeg, translationMm, overlap, reasons } = registration;
  const rows: CaseRow[] = [['Verdict', VERDICTS[verdict]]];
  if (miBefore !== null && miAfter !== null) {
    rows.push(['Mutual information', `${miBefore.toFixed(3)} → ${miAfter.toFixed(3)}`]);
  }
  if (verdict !== 'none') {
    rows.push(['Rotation found', `${rotationDeg.toFixed(2)}°`]);
    rows.push(['Displacement found', `${translationMm.toFixed(2)} mm`]);
  }
  rows.push(['Overlap', `${(100 * overlap).toFixed(1)} %`]);
  return { title: 'Alignment of the reference', rows, notes: [...reasons] };
}

function runSection(ran: Result<'enhance'>): CasePage['sections'][number] {
  return {
    title: 'Run',
    rows: [
      ['Time', `${ran.seconds.toFixed(1)} s`],
      ['Peak memory', `${Math.round(ran.peakMb)} MB`],
      ['Voxels clipped', String(ran.clipped)],
    ],
    notes: ran.warnings.map(({ message }) => message),
  };
}

/** How the job that made it went, where the queue remembers. */
function outcomeOf(id: string): Result<'enhance'> | undefined {
  const found = inPassing((library) =>
    library.use((database) =>
      row<{ result: string | null }>(database, 'SELECT result FROM jobs WHERE result_id = ?', id),
    ),
  );
  return found?.result ? (JSON.parse(found.result) as Result<'enhance'>) : undefined;
}

function nameOf({ number, description, contrast }: SeriesSummary): string {
  const name = description.trim() || contrast.name;
  return number === null ? name : `${number} · ${name}`;
}

function isoDate(date: string): string {
  return /^\d{8}$/.test(date) ? `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}` : date || '–';
}
