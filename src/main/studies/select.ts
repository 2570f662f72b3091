import { basename, resolve } from 'node:path';
import { TandemError } from '../../core/errors.ts';
import { niftiStem } from './niftiSeries.ts';
import type { Catalogue, SeriesEntry } from './types.ts';

/** All series of a catalogue, in its order. */
export function allSeries(catalogue: Catalogue): SeriesEntry[] {
  return catalogue.studies.flatMap(({ series }) => series);
}

/**
 * The series that `name` means within a catalogue: a UID, a series number, the path or name of a NIfTI
 * file or of a folder that holds one series, or the beginning of one UID only.
 * @throws TandemError `series-not-found`, or `series-ambiguous` with the choices in its words
 */
export function selectSeries(catalogue: Catalogue, name: string): SeriesEntry {
  const entries = allSeries(catalogue);
  for (const rule of RULES) {
    const matches = entries.filter((entry) => rule(entry, name));
    if (matches.length > 0) return theOne(matches, name);
  }
  throw new TandemError('series-not-found', `There is no series “${name}”`, {
    hint: `There are: ${entries.map(describeSeries).join('; ')}.`,
  });
}

/** From the strictest to the loosest; the first that matches anything decides. */
const RULES: readonly ((entry: SeriesEntry, name: string) => boolean)[] = [
  ({ summary }, name) => summary.uid === name,
  ({ summary }, name) => /^\d+$/.test(name) && summary.number === Number(name),
  ({ summary, files }, name) => {
    const path = resolve(name);
    return summary.path === path || files.includes(path);
  },
  ({ summary }, name) =>
    summary.format === 'nifti' && (basename(summary.path) === name || niftiStem(summary.path) === name),
  ({ seriesInstanceUid }, name) => seriesInstanceUid === name,
  // Every UID begins alike, so a beginning must be long enough to mean something.
  ({ summary }, name) => name.length >= 4 && summary.uid.startsWith(name),
];

function theOne(matches: readonly SeriesEntry[], name: string): SeriesEntry {
  if (matches.length === 1) return matches[0]!;
  // A series' main stack keeps the plain UID; what was set apart from it has to be asked for.
  const series = new Set(matches.map(({ seriesInstanceUid }) => seriesInstanceUid));
  const main = matches.filter(({ summary, seriesInstanceUid }) => summary.uid === seriesInstanceUid);
  if (series.size === 1 && main.length === 1) return main[0]!;
  throw new TandemError('series-ambiguous', `“${name}” names ${matches.length} series`, {
    hint: `Name one of them by its UID: ${matches.map(describeSeries).join('; ')}.`,
  });
}

/** `6 “AX T2” (UID 1.2.3)`. */
export function describeSeries({ summary }: SeriesEntry): string {
  const name =
    summary.format === 'nifti' ? basename(summary.path) : `${summary.number ?? ''} “${summary.description}”`;
  return `${name.trim()} (UID ${summary.uid})`;
}
