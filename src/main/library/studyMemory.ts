import { change, type Database, row } from './sqlite.ts';

/** What is remembered of single studies. The study need not be in the library: it is added while it is looked at. */

/** What belongs to no study of the library is dropped after this: the study was on another machine or temporary. */
const STRAY_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Keeps a value, or forgets it where it is null; and drops what has long belonged to no study. */
export function keepOfStudy(
  database: Database,
  studyUid: string,
  key: string,
  value: string | null,
  atMs: number,
): void {
  change(
    database,
    'DELETE FROM study_memory WHERE saved_at < ? AND study_uid NOT IN (SELECT uid FROM studies)',
    atMs - STRAY_DAYS * DAY_MS,
  );
  if (value === null) {
    change(database, 'DELETE FROM study_memory WHERE study_uid = ? AND key = ?', studyUid, key);
    return;
  }
  change(
    database,
    'INSERT OR REPLACE INTO study_memory (study_uid, key, value, saved_at) VALUES (?, ?, ?, ?)',
    studyUid,
    key,
    value,
    atMs,
  );
}

export function keptOfStudy(database: Database, studyUid: string, key: string): string | undefined {
  return row<{ value: string }>(
    database,
    'SELECT value FROM study_memory WHERE study_uid = ? AND key = ?',
    studyUid,
    key,
  )?.value;
}

export function forgetOfStudy(database: Database, studyUid: string): void {
  change(database, 'DELETE FROM study_memory WHERE study_uid = ?', studyUid);
}

/** Takes what is remembered to the study's new name; what the new name had is of the same images, and goes. */
export function renameInMemory(database: Database, from: string, to: string): void {
  change(database, 'UPDATE OR REPLACE study_memory SET study_uid = ? WHERE study_uid = ?', to, from);
}
