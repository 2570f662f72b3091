import { resolve } from 'node:path';
import {
  type Enhancement,
  type LibrarySort,
  type LibraryStudy,
  librarySort,
} from '../../../../core/contract/library.ts';
import { TandemError } from '../../../../core/errors.ts';
import { type Arguments, type Command, command } from '../command.ts';
import { flag, onePositional, somePositionals, text } from '../requestParts.ts';
import { formatSpacing } from '../words.ts';

/** `tandem library …`: the studies that are known, where they are and what was made of them. */
export const libraryCommands: readonly Command[] = [
  command({
    name: 'library add',
    operation: 'libraryAdd',
    usage: 'tandem library add PATH... [--copy] [--json]',
    summary: 'Keeps the studies that files and folders hold: an index, or with --copy the files too',
    positionals: 1000,
    options: { copy: flag },
    request: (args) => ({
      paths: somePositionals(args, 'files or folders').map((path) => resolve(path)),
      copy: args.flag('copy'),
    }),
    print: ({ studies }) => studies.map(describeKept).join('\n'),
  }),
  command({
    name: 'library search',
    operation: 'librarySearch',
    usage:
      'tandem library search [WORD...] [--from YYYY-MM-DD] [--to YYYY-MM-DD] [--sort opened|added|date|patient|description] [--ascending] [--offset N] [--limit N] [--json]',
    summary: 'Studies whose patient, ID, description, date, contrasts or modality hold every word',
    positionals: 100,
    options: { from: text, to: text, sort: text, ascending: flag, offset: text, limit: text },
    request: (args) => ({
      text: args.positionals.join(' '),
      from: dateOf(args, 'from'),
      to: dateOf(args, 'to'),
      sort: sortOf(args),
      descending: args.flag('ascending') ? false : undefined,
      offset: args.number('offset'),
      limit: args.number('limit'),
    }),
    print: ({ total, studies, setAside }) =>
      [
        ...(setAside === null
          ? []
          : [`The library was damaged and begun anew; what was there is in ${setAside.path}`]),
        ...studies.map(describeKept),
        `${studies.length} of ${total}`,
      ].join('\n'),
  }),
  command({
    name: 'library show',
    operation: 'libraryStudy',
    usage: 'tandem library show UID [--json]',
    summary: 'One study: its series, where they are, what was enhanced with which model and when',
    positionals: 1,
    options: {},
    request: (args) => ({ uid: onePositional(args, 'the study by its UID, or the beginning of it') }),
    print: ({ study }) => describeWhole(study),
  }),
  command({
    name: 'library forget',
    operation: 'libraryForget',
    usage: 'tandem library forget UID [--json]',
    summary: 'Takes a study out, with its thumbnails, stored results and copies; its own files stay',
    positionals: 1,
    options: {},
    request: (args) => ({ uid: onePositional(args, 'the study by its UID, or the beginning of it') }),
    print: ({ studyUid, resultsRemoved, copiesRemoved }) =>
      `forgotten ${studyUid}: ${resultsRemoved} stored results${copiesRemoved ? ' and the copies' : ''} removed`,
  }),
  command({
    name: 'library relocate',
    operation: 'libraryRelocate',
    usage: 'tandem library relocate FOLDER [--study UID] [--json]',
    summary: 'Finds studies whose folders were moved, by their UIDs, below a folder',
    positionals: 1,
    options: { study: text },
    request: (args) => ({
      path: resolve(onePositional(args, 'the folder that holds them now')),
      uid: args.text('study'),
    }),
    print: ({ found, studies }) => [`${found} series found`, ...studies.map(describeKept)].join('\n'),
  }),
  command({
    name: 'library discard',
    operation: 'libraryRemoveResults',
    usage: 'tandem library discard ID... [--json]',
    summary: 'Removes stored enhanced series; that they were made stays in the history',
    positionals: 1000,
    options: {},
    request: (args) => ({ ids: [...somePositionals(args, 'stored results by their ids')] }),
    print: ({ removed, freedBytes }) => `${removed} removed, ${(freedBytes / 1e6).toFixed(1)} MB freed`,
  }),
];

function dateOf(args: Arguments, name: string): string | undefined {
  const given = args.text(name);
  if (given === undefined) return undefined;
  const match = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(given);
  if (match === null) {
    throw new TandemError('usage', `--${name} takes a date YYYY-MM-DD, not “${given}”`, { hint: args.hint });
  }
  return match.slice(1).join('');
}

function sortOf(args: Arguments): LibrarySort | undefined {
  const given = args.text('sort');
  if (given === undefined) return undefined;
  const parsed = librarySort.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new TandemError('usage', `--sort is one of ${librarySort.options.join(', ')}, not “${given}”`);
}

function describeKept(study: LibraryStudy): string {
  const { uid, patientName, patientId, date, description, series, enhancements, missingPaths } = study;
  const who = [patientName, patientId && `(${patientId})`, date, description].filter(Boolean).join('  ');
  const contrasts = [...new Set(series.map(({ contrast }) => contrast))].join(', ');
  return [
    `${uid}  ${who}`,
    `  ${series.length} series: ${contrasts}${enhancements.length === 0 ? '' : `; enhanced ${enhancements.length} times`}`,
    ...missingPaths.map((path) => `  missing  ${path}`),
  ].join('\n');
}

function describeWhole(study: LibraryStudy): string {
  return [
    describeKept(study),
    ...study.series.map(
      (one) =>
        `  series ${one.number ?? '–'}  ${one.contrast.padEnd(8)} ${one.size.join(' × ')}, ${formatSpacing(one.spacingMm)} mm` +
        `  ${one.description}${one.missing ? '  (missing)' : ''}\n    ${one.path}`,
    ),
    ...study.enhancements.flatMap((made) => [
      `  enhanced ${new Date(made.madeAtMs).toISOString()}  ×${made.scale} ${made.model} ${made.modelVersion}  ` +
        `${made.target}${made.reference === null ? '' : ` ← ${made.reference}`}  ${made.device}, registration ${made.verdict}`,
      `    ${made.id}  ${storedOf(made)}`,
      ...made.exports.map(({ folder, format }) => `    exported as ${format} to ${folder}`),
    ]),
  ].join('\n');
}

function storedOf({ stored, bytes, removed }: Enhancement): string {
  if (stored) return `stored, ${(bytes / 1e6).toFixed(1)} MB`;
  return removed === null ? 'not stored' : 'not stored any more';
}
