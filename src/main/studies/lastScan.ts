import type { JobContext } from '../../core/job.ts';
import { scanPaths } from './scan.ts';
import type { Catalogue } from './types.ts';

/** What was listed last is kept in the library right after: the files need not be read twice for that. */
const FRESH_MS = 60_000;

let last: { readonly key: string; readonly atMs: number; readonly catalogue: Catalogue } | undefined;

/** As `scanPaths`; remembers what it found. */
export async function scanAndRemember(paths: readonly string[], job: JobContext): Promise<Catalogue> {
  const catalogue = await scanPaths(paths, job);
  last = { key: keyOf(paths), atMs: Date.now(), catalogue };
  return catalogue;
}

/** What was found under these paths a moment ago, else what is there now. Throws as `scanPaths`. */
export async function recentScan(paths: readonly string[], job: JobContext): Promise<Catalogue> {
  if (last?.key === keyOf(paths) && Date.now() - last.atMs < FRESH_MS) return last.catalogue;
  return scanPaths(paths, job);
}

function keyOf(paths: readonly string[]): string {
  return JSON.stringify(paths);
}
