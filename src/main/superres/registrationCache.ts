import { stat } from 'node:fs/promises';
import type { RegistrationResult } from '../registration/types.ts';
import type { SeriesEntry } from '../studies/types.ts';

const MOST = 8;
const known = new Map<string, RegistrationResult>();

/**
 * The registration of a pair, made by `register` unless this process made it before for the same files,
 * unchanged since. Failures are not remembered.
 *
 * @param settings what else the result depends on
 */
export async function cachedRegistration(
  target: SeriesEntry,
  reference: SeriesEntry,
  settings: string,
  register: () => Promise<RegistrationResult>,
): Promise<RegistrationResult> {
  const key = JSON.stringify([settings, await identityOf(target), await identityOf(reference)]);
  const found = known.get(key);
  if (found !== undefined) return found;
  const result = await register();
  known.set(key, result);
  for (const oldest of known.keys()) {
    if (known.size <= MOST) break;
    known.delete(oldest);
  }
  return result;
}

/** A series' UID and its files with size and time of the last change. */
async function identityOf(entry: SeriesEntry): Promise<unknown> {
  const files = await Promise.all(
    entry.files.map(async (path) => {
      const { size, mtimeMs } = await stat(path);
      return [path, size, mtimeMs];
    }),
  );
  return [entry.summary.uid, files];
}
