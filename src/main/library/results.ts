import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Enhancement } from '../../core/contract/library.ts';
import { sweepLeftovers } from '../export/leftovers.ts';
import { dataFolder } from '../paths.ts';
import { noteRemoved, type StoredBytes, storedEnhancements } from './enhancementRows.ts';
import type { Library } from './library.ts';

/** How many bytes stored results may take where TANDEM_RESULTS_GB does not say otherwise. */
const DEFAULT_LIMIT_GB = 20;

export function resultsFolder(): string {
  return join(dataFolder(), 'results');
}

/** Where the enhanced series of an id is, or would be, stored. */
export function resultFolder(id: string): string {
  return join(resultsFolder(), id);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether it is there: a result is stored whole or not at all. Ids come from outside: only a UUID names a folder. */
export function isResultStored(id: string): boolean {
  return UUID.test(id) && existsSync(resultFolder(id));
}

/** The most that stored results take together; a single larger one is stored all the same. */
export function resultsLimitBytes(): number {
  const gigabytes = Number(process.env.TANDEM_RESULTS_GB);
  const valid = process.env.TANDEM_RESULTS_GB !== undefined && gigabytes > 0;
  return Math.round((valid ? gigabytes : DEFAULT_LIMIT_GB) * 1e9);
}

export function usedBytes(stored: readonly StoredBytes[]): number {
  return stored.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Removes stored results: first it is written down that they are gone, then they go, so that a crash between
 * leaves files without a name, which are swept, and never a name without files.
 */
export async function removeResults(
  library: Library,
  ids: readonly string[],
  why: NonNullable<Enhancement['removed']>,
): Promise<void> {
  library.change((database) => {
    for (const id of ids) noteRemoved(database, id, why);
  });
  for (const id of ids) await rm(resultFolder(id), { recursive: true, force: true });
}

/** Removes what was not opened for longest until the rest fits the limit; `newest` stays. */
export async function makeRoom(library: Library, newest: string): Promise<readonly string[]> {
  await sweepLeftovers(resultsFolder());
  const stored = library.use(storedEnhancements).filter(({ id }) => isResultStored(id));
  const gone: string[] = [];
  let used = usedBytes(stored);
  for (const { id, bytes } of stored) {
    if (used <= resultsLimitBytes()) break;
    if (id === newest) continue;
    used -= bytes;
    gone.push(id);
  }
  if (gone.length > 0) await removeResults(library, gone, 'for-room');
  return gone;
}
