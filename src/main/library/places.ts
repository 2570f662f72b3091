import { stat } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import type { SeriesEntry } from '../studies/types.ts';
import { shownPath } from '../studies/unpacked.ts';

/** A disk that does not answer within this time is taken for one that is not there. */
const ANSWERS_WITHIN_MS = 2000;

/**
 * The paths that, listed, give a series again: the folders its DICOM files are in, the archive they came out
 * of, a NIfTI's own file.
 */
export async function placesOf({ summary, files }: SeriesEntry): Promise<string[]> {
  if (files.some((file) => shownPath(file) !== file)) return [await archiveAbove(summary.path)];
  if (summary.format === 'nifti') return [...files];
  const folders = new Set(files.map((file) => dirname(file)));
  return outermost([...folders]);
}

/** Paths without those that lie in another of them. */
export function outermost(paths: readonly string[]): string[] {
  const unique = [...new Set(paths)];
  return unique.filter(
    (path) =>
      !unique.some((other) => other !== path && path.startsWith(other.endsWith(sep) ? other : other + sep)),
  );
}

/** Whether something is there, and answers. */
export async function isThere(path: string): Promise<boolean> {
  const { promise: tooLate, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ANSWERS_WITHIN_MS);
  try {
    return await Promise.race([
      stat(path).then(
        () => true,
        () => false,
      ),
      tooLate,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

/** The file that a path within an archive leads through. */
async function archiveAbove(path: string): Promise<string> {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const found = await stat(at).catch(() => undefined);
    if (found !== undefined) return at;
  }
  return path;
}
