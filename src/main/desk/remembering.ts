import type { Request, Result } from '../../core/contract/operations.ts';
import { type RememberedKey, rememberedSchemas } from '../../core/contract/remembering.ts';
import { forgetAlignment, keepAlignment } from '../library/alignmentRows.ts';
import type { Library } from '../library/library.ts';
import { change, row } from '../library/sqlite.ts';

/** Keeps or forgets one value of the window's. */
export function remember(library: Library, { key, value }: Request<'remember'>): Result<'remember'> {
  library.change((database) => {
    if (value === null) change(database, 'DELETE FROM remembered WHERE key = ?', key);
    else {
      change(
        database,
        'INSERT OR REPLACE INTO remembered (key, value, saved_at) VALUES (?, ?, ?)',
        key,
        JSON.stringify(value),
        Date.now(),
      );
    }
  });
  return {};
}

/** Everything that is remembered; null where nothing is, or nothing that this version can read. */
export function recall(library: Library): Result<'recall'> {
  return library.use((database) => {
    const read = <K extends RememberedKey>(key: K): Result<'recall'>[K] => {
      const found = row<{ value: string }>(database, 'SELECT value FROM remembered WHERE key = ?', key);
      if (found === undefined) return null;
      const parsed = rememberedSchemas[key].safeParse(JSON.parse(found.value));
      return parsed.success ? (parsed.data as Result<'recall'>[K]) : null;
    };
    return {
      session: read('session'),
      view: read('view'),
      settings: read('settings'),
    };
  });
}

/** Keeps or forgets where the user left the reference of a pair. */
export function keepPosition(
  library: Library,
  { files, alignment, ...pair }: Request<'alignmentKeep'>,
): Result<'alignmentKeep'> {
  library.change((database) => {
    if (alignment === null) forgetAlignment(database, pair);
    else keepAlignment(database, pair, { files, alignment, atMs: Date.now() });
  });
  return {};
}
