import { enhanceResult } from '../../core/contract/enhancing.ts';
import type { Enhancement } from '../../core/contract/library.ts';
import { modelState } from '../../core/contract/modelStates.ts';
import type { Result } from '../../core/contract/operations.ts';
import { change, type Database, row, rows } from './sqlite.ts';

/** The history of enhancements, and which of their results are stored. */

interface EnhancementRow {
  readonly id: string;
  readonly study_uid: string;
  readonly target_uid: string;
  readonly target: string;
  readonly reference_uid: string | null;
  readonly reference: string | null;
  readonly model: string;
  readonly model_version: string;
  readonly scale: 2 | 4;
  readonly device: Enhancement['device'];
  readonly verdict: Enhancement['verdict'];
  readonly made_at: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly removed: Enhancement['removed'];
  readonly result: string | null;
}

export type NewEnhancement = Omit<Enhancement, 'stored' | 'removed' | 'exports' | 'modelState'> & {
  /** What `enhance` answered. */
  readonly result: Result<'enhance'>;
};

export function addEnhancement(database: Database, made: NewEnhancement): void {
  change(
    database,
    `INSERT OR REPLACE INTO enhancements (id, study_uid, target_uid, target, reference_uid, reference, model,
       model_version, scale, device, verdict, made_at, seconds, bytes, opened_at, result)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?12, ?15)`,
    made.id,
    made.studyUid,
    made.targetUid,
    made.target,
    made.referenceUid,
    made.reference,
    made.model,
    made.modelVersion,
    made.scale,
    made.device,
    made.verdict,
    made.madeAtMs,
    made.seconds,
    made.bytes,
    JSON.stringify(made.result),
  );
}

/** @param isStored whether its files are there. */
export function enhancementsOf(
  database: Database,
  studyUid: string,
  isStored: (id: string) => boolean,
): Enhancement[] {
  const found = rows<EnhancementRow>(
    database,
    'SELECT * FROM enhancements WHERE study_uid = ? ORDER BY made_at DESC',
    studyUid,
  );
  return found.map((made) => enhancementOf(database, made, isStored));
}

/** One of the history, and what it answered; undefined where it is not there. */
export function enhancementById(
  database: Database,
  id: string,
  isStored: (id: string) => boolean,
): { enhancement: Enhancement; result: Result<'enhance'> | null } | undefined {
  const found = row<EnhancementRow>(database, 'SELECT * FROM enhancements WHERE id = ?', id);
  if (found === undefined) return undefined;
  const result = enhanceResult.safeParse(JSON.parse(found.result ?? 'null'));
  return {
    enhancement: enhancementOf(database, found, isStored),
    result: result.success ? result.data : null,
  };
}

function enhancementOf(
  database: Database,
  made: EnhancementRow,
  isStored: (id: string) => boolean,
): Enhancement {
  return {
    id: made.id,
    studyUid: made.study_uid,
    targetUid: made.target_uid,
    target: made.target,
    referenceUid: made.reference_uid,
    reference: made.reference,
    model: made.model,
    modelVersion: made.model_version,
    modelState: modelStateIn(made.result),
    scale: made.scale,
    device: made.device,
    verdict: made.verdict,
    madeAtMs: made.made_at,
    seconds: made.seconds,
    stored: made.removed === null && isStored(made.id),
    bytes: made.bytes,
    removed: made.removed,
    exports: rows<{ folder: string; format: 'dicom' | 'nifti'; at: number }>(
      database,
      'SELECT folder, format, at FROM exports WHERE enhancement_id = ? ORDER BY at DESC',
      made.id,
    ).map(({ folder, format, at }) => ({ folder, format, atMs: at })),
  };
}

/** Of the model, in what an enhancement answered. */
function modelStateIn(result: string | null): Enhancement['modelState'] {
  const answered = JSON.parse(result ?? 'null') as { modelState?: unknown } | null;
  const state = modelState.safeParse(answered?.modelState);
  return state.success ? state.data : undefined;
}

/** The UIDs that target and reference of an enhancement have now. */
export function sourcesOfEnhancement(
  database: Database,
  id: string,
): { target_uid: string; reference_uid: string | null } | undefined {
  return row(database, 'SELECT target_uid, reference_uid FROM enhancements WHERE id = ?', id);
}

export function noteOpened(database: Database, id: string, atMs: number): void {
  change(database, 'UPDATE enhancements SET opened_at = ? WHERE id = ?', atMs, id);
}

/** Nothing where the enhancement is not in the history. */
export function noteExport(
  database: Database,
  id: string,
  { folder, format, atMs }: Enhancement['exports'][number],
): void {
  change(
    database,
    'INSERT INTO exports (enhancement_id, folder, format, at) SELECT id, ?2, ?3, ?4 FROM enhancements WHERE id = ?1',
    id,
    folder,
    format,
    atMs,
  );
}

export interface StoredBytes {
  readonly id: string;
  readonly bytes: number;
}

/** What is stored, the longest unopened first. */
export function storedEnhancements(database: Database): StoredBytes[] {
  return rows<StoredBytes>(
    database,
    'SELECT id, bytes FROM enhancements WHERE removed IS NULL ORDER BY opened_at, id',
  );
}

export function noteRemoved(database: Database, id: string, why: NonNullable<Enhancement['removed']>): void {
  change(database, 'UPDATE enhancements SET removed = ? WHERE id = ? AND removed IS NULL', why, id);
}

export function deleteEnhancementsOf(database: Database, studyUid: string): void {
  change(database, 'DELETE FROM enhancements WHERE study_uid = ?', studyUid);
}
