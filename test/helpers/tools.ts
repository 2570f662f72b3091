import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Full path of an external judge (dciodvfy, dcmdump …) on the PATH, or undefined where there is none. */
export function findTool(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const candidate = join(folder, name);
    if (folder !== '' && existsSync(candidate)) return candidate;
  }
  return undefined;
}
