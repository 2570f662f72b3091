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
  throw notFound(entries, name);
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

/**
 * All volumes of one DICOM series: that of a number or UID, or the only one there is; one volume where
 * `name` is the UID of a part.
 * @throws TandemError `series-not-found`, `series-ambiguous`, `unsupported-format` where it is no DICOM
 */
export function seriesVolumes(catalogue: Catalogue, name: string | undefined): SeriesEntry[] {
  const entries = allSeries(catalogue);
  const matches =
    name === undefined
      ? entries
      : (RULES.map((rule) => entries.filter((entry) => rule(entry, name))).find(({ length }) => length > 0) ??
        []);
  if (matches.length === 0) throw notFound(entries, name ?? '');
  if (matches.some(({ summary }) => summary.format !== 'dicom')) {
    throw new TandemError('unsupported-format', 'This is NIfTI already', {
      path: matches[0]!.summary.path,
      hint: 'Name a DICOM series.',
    });
  }
  if (new Set(matches.map(({ seriesInstanceUid }) => seriesInstanceUid)).size === 1) {
    const isOnePart = matches.length === 1 && matches[0]!.summary.uid === name && name.includes('#');
    const number = name !== undefined && matches.every(({ summary }) => String(summary.number) === name);
    if (isOnePart || number || name === undefined) return matches;
    // A series' main stack has the series' own UID, which means all of it.
    return entries.filter(({ seriesInstanceUid }) => seriesInstanceUid === matches[0]!.seriesInstanceUid);
  }
  throw new TandemError('series-ambiguous', `There are ${matches.length} series here`, {
    hint: `Name one of them by number or UID (--series): ${matches.map(describeSeries).join('; ')}.`,
  });
}

function notFound(entries: readonly SeriesEntry[], name: string): TandemError {
  return new TandemError('series-not-found', `There is no series “${name}”`, {
    hint: `There are: ${entries.map(describeSeries).join('; ')}.`,
  });
}

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
