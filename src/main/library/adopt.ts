import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { addEnhancement, type NewEnhancement } from './enhancementRows.ts';
import type { Library } from './library.ts';
import { resultFolder, resultsFolder } from './results.ts';
import { row } from './sqlite.ts';

const looked = new WeakSet<Library>();

/**
 * Stored results that the history does not know, once a process: their library was damaged, or the program ended
 * between storing and noting. They are taken up again; what was noted as removed and is still there goes.
 */
export async function adoptStrays(library: Library): Promise<void> {
  if (looked.has(library)) return;
  looked.add(library);
  const names = (await readdir(resultsFolder()).catch(() => [])).filter((name) => !name.startsWith('.'));
  for (const id of names) {
    const known = library.use((database) =>
      row<{ removed: string | null }>(database, 'SELECT removed FROM enhancements WHERE id = ?', id),
    );
    if (known?.removed) await rm(resultFolder(id), { recursive: true, force: true });
    if (known !== undefined) continue;
    const made = await historyOf(id);
    if (made !== undefined) library.change((database) => addEnhancement(database, made));
  }
}

/** What a stored result says of itself; undefined where it cannot be read, and it is left alone. */
async function historyOf(id: string): Promise<NewEnhancement | undefined> {
  try {
    const { made } = JSON.parse(await readFile(join(resultFolder(id), 'result.json'), 'utf8')) as {
      made?: NewEnhancement;
    };
    return made?.id === id ? made : undefined;
  } catch {
    return undefined;
  }
}
