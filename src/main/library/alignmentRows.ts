import { type KeptAlignment, keptAlignment } from '../../core/contract/keptAlignments.ts';
import { change, type Database, row } from './sqlite.ts';

/** Where the user left the references of pairs. */

export interface PairOfStudy {
  readonly studyUid: string;
  readonly targetUid: string;
  readonly referenceUid: string;
}

const OF_PAIR = 'study_uid = ?1 AND target_uid = ?2 AND reference_uid = ?3';

function uidsOf({ studyUid, targetUid, referenceUid }: PairOfStudy): [string, string, string] {
  return [studyUid, targetUid, referenceUid];
}

/** Keeps an alignment in the place of the one before; nothing where the library has not the study. */
export function keepAlignment(
  database: Database,
  pair: PairOfStudy,
  { files, alignment, atMs }: { files: string; alignment: KeptAlignment; atMs: number },
): void {
  change(
    database,
    `INSERT OR REPLACE INTO alignments (study_uid, target_uid, reference_uid, files, alignment, kept_at)
     SELECT uid, ?2, ?3, ?4, ?5, ?6 FROM studies WHERE uid = ?1`,
    ...uidsOf(pair),
    files,
    JSON.stringify(alignment),
    atMs,
  );
}

export function forgetAlignment(database: Database, pair: PairOfStudy): void {
  change(database, `DELETE FROM alignments WHERE ${OF_PAIR}`, ...uidsOf(pair));
}

/**
 * What is kept of a pair whose files are these; what was made on other files is forgotten, and so is what another
 * version wrote and this one cannot read.
 */
export function recallAlignment(
  database: Database,
  pair: PairOfStudy,
  files: string,
): { kept: KeptAlignment | null; dropped: boolean } {
  const found = row<{ files: string; alignment: string }>(
    database,
    `SELECT files, alignment FROM alignments WHERE ${OF_PAIR}`,
    ...uidsOf(pair),
  );
  if (found === undefined) return { kept: null, dropped: false };
  if (found.files === files) {
    const kept = keptAlignment.safeParse(JSON.parse(found.alignment));
    if (kept.success) return { kept: kept.data, dropped: false };
  }
  forgetAlignment(database, pair);
  return { kept: null, dropped: found.files !== files };
}
