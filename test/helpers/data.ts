import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The folder of real MR data (TANDEM_DATA, else ../shared/data), or undefined where there is none. */
export function dataRoot(): string | undefined {
  const root = process.env.TANDEM_DATA ?? join(projectRoot, '../shared/data');
  return existsSync(root) ? root : undefined;
}

/** The folder of reference vectors beside the real data, or undefined where there is none. */
export function vectorsRoot(): string | undefined {
  const data = dataRoot();
  if (data === undefined) return undefined;
  const root = join(data, '../vectors');
  return existsSync(root) ? root : undefined;
}
