import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The application's own folder: both `src/main` and the bundle in `out/main` lie two levels below it. */
const applicationRoot = new URL('../../', import.meta.url);

export const rendererFolder = fileURLToPath(new URL('out/renderer', applicationRoot));
export const shippedModelsFolder = fileURLToPath(new URL('models', applicationRoot));

/**
 * Where a user's settings lie: TANDEM_SETTINGS, else where the system keeps those of programs. Made when
 * something is first written there.
 */
export function settingsFolder(): string {
  const { TANDEM_SETTINGS, APPDATA, XDG_CONFIG_HOME } = process.env;
  if (TANDEM_SETTINGS) return resolve(TANDEM_SETTINGS);
  if (process.platform === 'win32') return join(APPDATA ?? join(homedir(), 'AppData/Roaming'), 'Tandem MR');
  if (process.platform === 'darwin') return join(homedir(), 'Library/Application Support/Tandem MR');
  return join(XDG_CONFIG_HOME || join(homedir(), '.config'), 'tandem-mr');
}

/**
 * Where what a program keeps for its user lies, the library, stored results and received studies: TANDEM_HOME,
 * else below TANDEM_SETTINGS, else where the system keeps the data of programs. It holds names of patients:
 * its owner's alone (see `library/folder.ts`). Made when something is first written there.
 */
export function dataFolder(): string {
  const { TANDEM_HOME, TANDEM_SETTINGS, LOCALAPPDATA, XDG_DATA_HOME } = process.env;
  if (TANDEM_HOME) return resolve(TANDEM_HOME);
  if (TANDEM_SETTINGS) return resolve(TANDEM_SETTINGS, 'data');
  if (process.platform === 'win32')
    return join(LOCALAPPDATA ?? join(homedir(), 'AppData/Local'), 'Tandem MR');
  if (process.platform === 'darwin') return join(homedir(), 'Library/Application Support/Tandem MR');
  return join(XDG_DATA_HOME || join(homedir(), '.local/share'), 'tandem-mr');
}
