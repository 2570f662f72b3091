import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeFoldersSync } from '../export/makeFolders.ts';
import { writeError } from '../export/writeErrors.ts';
import { dataFolder } from '../paths.ts';

/**
 * The data folder, made where it is missing, for its owner alone: it holds names of patients.
 * @throws TandemError `no-permission`, `write-failed`
 */
export function privateDataFolder(folder = dataFolder()): string {
  try {
    makeFoldersSync(folder, { mode: 0o700 });
    if (process.platform !== 'win32' && (statSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700);
  } catch (error) {
    throw writeError(error as NodeJS.ErrnoException, folder);
  }
  return folder;
}

/** A folder of the data folder's, made where it is missing. Throws as `privateDataFolder`. */
export function dataSubfolder(name: string): string {
  const folder = join(privateDataFolder(), name);
  try {
    makeFoldersSync(folder, { mode: 0o700 });
  } catch (error) {
    throw writeError(error as NodeJS.ErrnoException, folder);
  }
  return folder;
}
