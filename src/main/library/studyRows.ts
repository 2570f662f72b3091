import type { LibrarySort } from '../../core/contract/library.ts';
import type { StudySummary } from '../../core/contract/schemas.ts';
import type { SeriesEntry } from '../studies/types.ts';
import { change, type Database, row, rows } from './sqlite.ts';
import { forgetOfStudy, renameInMemory } from './studyMemory.ts';
import { folded, patternsOf } from './text.ts';

/** Studies and series as they lie in the library. */

export interface StudyRow {
  readonly uid: string;
  readonly description: string;
  readonly date: string;
  readonly patient_name: string;
  readonly patient_id: string;
  readonly is_copy: number;
  readonly added_at: number;
  readonly opened_at: number;
}

export interface KeptSeries {
  readonly entry: SeriesEntry;
  readonly places: readonly string[];
}

export interface StudyToKeep {
  readonly summary: Pick<StudySummary, 'uid' | 'description' | 'date' | 'patientName' | 'patientId'>;
  readonly series: readonly KeptSeries[];
  readonly isCopy: boolean;
}

/**
 * Adds a study, or brings a known one up to date: series that were found are replaced, others stay as they
 * were known, for they may be on another disk.
 */
export function keepStudy(database: Database, study: StudyToKeep, atMs: number): void {
  const { uid, description, date, patientName, patientId } = study.summary;
  change(
    database,
    `INSERT INTO studies (uid, description, date, patient_name, patient_id, words, is_copy, added_at, opened_at)
     VALUES (?1, ?2, ?3, ?4, ?5, '', ?6, ?7, ?7)
     ON CONFLICT (uid) DO UPDATE SET description = ?2, date = ?3, patient_name = ?4, patient_id = ?5,
       is_copy = ?6, opened_at = ?7`,
    uid,
    description,
    date,
    patientName,
    patientId,
    study.isCopy ? 1 : 0,
    atMs,
  );
  for (const [position, series] of study.series.entries()) keepSeries(database, uid, series, position, atMs);
  refreshWords(database, uid);
}

function keepSeries(
  database: Database,
  studyUid: string,
  { entry, places }: KeptSeries,
  position: number,
  atMs: number,
): void {
  const text = JSON.stringify(entry);
  // Of files that are not what they were, the thumbnail is not either.
  change(
    database,
    `DELETE FROM thumbnails WHERE study_uid = ?1 AND series_uid = ?2
       AND EXISTS (SELECT 1 FROM series WHERE study_uid = ?1 AND uid = ?2 AND entry <> ?3)`,
    studyUid,
    entry.summary.uid,
    text,
  );
  change(
    database,
    `INSERT INTO series (study_uid, uid, position, entry, places, seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
     ON CONFLICT (study_uid, uid) DO UPDATE SET position = ?3, entry = ?4, places = ?5, seen_at = ?6`,
    studyUid,
    entry.summary.uid,
    position,
    text,
    JSON.stringify(places),
    atMs,
  );
}

/** Everything of a study that free text may mean. */
function refreshWords(database: Database, uid: string): void {
  const study = studyRow(database, uid);
  if (study === undefined) return;
  const series = seriesOf(database, uid).map(({ entry }) => entry.summary);
  const words = [
    study.patient_name,
    study.patient_id,
    study.description,
    study.date,
    study.date.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3'),
    ...series.flatMap(({ description, modality, contrast }) => [description, modality, contrast.name]),
  ];
  const text = folded([...new Set(words)].filter((word) => word !== '').join(' '));
  change(database, 'UPDATE studies SET words = ? WHERE uid = ?', text, uid);
}

export function studyRow(database: Database, uid: string): StudyRow | undefined {
  return row<StudyRow>(database, 'SELECT * FROM studies WHERE uid = ?', uid);
}

/** The studies whose UIDs begin so. */
export function studiesNamed(database: Database, beginning: string): StudyRow[] {
  const pattern = `${beginning.replaceAll(/[\\%_]/g, '\\$&')}%`;
  return rows<StudyRow>(
    database,
    `SELECT * FROM studies WHERE uid = ?1 OR uid LIKE ?2 ESCAPE '\\' ORDER BY uid = ?1 DESC LIMIT 6`,
    beginning,
    pattern,
  );
}

export function seriesOf(database: Database, studyUid: string): KeptSeries[] {
  return rows<{ entry: string; places: string }>(
    database,
    'SELECT entry, places FROM series WHERE study_uid = ? ORDER BY position, uid',
    studyUid,
  ).map(keptSeries);
}

/** A series by its UID, of whatever study. */
export function seriesByUid(database: Database, uid: string): KeptSeries | undefined {
  const found = row<{ entry: string; places: string }>(
    database,
    'SELECT entry, places FROM series WHERE uid = ? ORDER BY seen_at DESC',
    uid,
  );
  return found && keptSeries(found);
}

function keptSeries({ entry, places }: { entry: string; places: string }): KeptSeries {
  return { entry: JSON.parse(entry) as SeriesEntry, places: JSON.parse(places) as string[] };
}

export interface StudySearch {
  readonly text: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly sort: LibrarySort;
  readonly descending?: boolean | undefined;
  readonly offset: number;
  readonly limit: number;
}

const COLUMNS: Readonly<Record<LibrarySort, { readonly column: string; readonly isTime: boolean }>> = {
  opened: { column: 'opened_at', isTime: true },
  added: { column: 'added_at', isTime: true },
  date: { column: 'date', isTime: true },
  patient: { column: 'patient_name COLLATE NOCASE', isTime: false },
  description: { column: 'description COLLATE NOCASE', isTime: false },
};

/** One page of the studies that fit, and how many fit. */
export function searchStudies(database: Database, search: StudySearch): { total: number; page: StudyRow[] } {
  const patterns = patternsOf(search.text);
  const conditions = patterns.map(() => `words LIKE ? ESCAPE '\\'`);
  const values: string[] = [...patterns];
  if (search.from !== undefined) {
    conditions.push('date >= ?');
    values.push(search.from);
  }
  if (search.to !== undefined) {
    conditions.push(`date <> '' AND date <= ?`);
    values.push(search.to);
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const { column, isTime } = COLUMNS[search.sort];
  const direction = (search.descending ?? isTime) ? 'DESC' : 'ASC';
  const total = row<{ n: number }>(database, `SELECT COUNT(*) AS n FROM studies ${where}`, ...values)?.n ?? 0;
  const page = rows<StudyRow>(
    database,
    `SELECT * FROM studies ${where} ORDER BY ${column} ${direction}, uid LIMIT ? OFFSET ?`,
    ...values,
    search.limit,
    search.offset,
  );
  return { total, page };
}

export function countStudies(database: Database): number {
  return row<{ n: number }>(database, 'SELECT COUNT(*) AS n FROM studies')?.n ?? 0;
}

/** Gives a study of NIfTI files, whose UIDs follow from their paths, the ones of its new place. */
export function renameStudy(
  database: Database,
  from: string,
  to: string,
  series: ReadonlyMap<string, string>,
): void {
  change(database, 'UPDATE studies SET uid = ? WHERE uid = ?', to, from);
  change(database, 'UPDATE enhancements SET study_uid = ? WHERE study_uid = ?', to, from);
  renameInMemory(database, from, to);
  for (const [before, after] of series) {
    change(database, 'UPDATE series SET uid = ? WHERE study_uid = ? AND uid = ?', after, to, before);
    change(database, 'UPDATE enhancements SET target_uid = ? WHERE target_uid = ?', after, before);
    change(database, 'UPDATE enhancements SET reference_uid = ? WHERE reference_uid = ?', after, before);
    change(database, 'UPDATE alignments SET target_uid = ? WHERE target_uid = ?', after, before);
    change(database, 'UPDATE alignments SET reference_uid = ? WHERE reference_uid = ?', after, before);
  }
}

/** With its series, thumbnails and what is remembered of it. */
export function deleteStudy(database: Database, uid: string): void {
  change(database, 'DELETE FROM studies WHERE uid = ?', uid);
  forgetOfStudy(database, uid);
}
