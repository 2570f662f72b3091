import type { Request, Result } from '../../core/contract/operations.ts';
import { type RememberedOfStudyKey, rememberedOfStudySchemas } from '../../core/contract/remembering.ts';
import type { Library } from '../library/library.ts';
import { keepOfStudy, keptOfStudy } from '../library/studyMemory.ts';

/** Keeps or forgets one value of a study. */
export function rememberOfStudy(
  library: Library,
  { studyUid, key, value }: Request<'rememberOfStudy'>,
): Result<'rememberOfStudy'> {
  const text = value === null ? null : JSON.stringify(value);
  library.change((database) => keepOfStudy(database, studyUid, key, text, Date.now()));
  return {};
}

/** Everything that is remembered of a study; null where nothing is, or nothing that this version can read. */
export function recallOfStudy(
  library: Library,
  { studyUid }: Request<'recallOfStudy'>,
): Result<'recallOfStudy'> {
  return library.use((database) => {
    const read = <K extends RememberedOfStudyKey>(key: K): Result<'recallOfStudy'>[K] => {
      const found = keptOfStudy(database, studyUid, key);
      if (found === undefined) return null;
      const parsed = rememberedOfStudySchemas[key].safeParse(JSON.parse(found));
      return parsed.success ? (parsed.data as Result<'recallOfStudy'>[K]) : null;
    };
    return { measurements: read('measurements') };
  });
}
