import { resolve } from 'node:path';
import type { Result } from '../../../../core/contract/operations.ts';
import { type Arguments, type Command, command } from '../command.ts';
import { modelNamed, onePositional, text } from '../requestParts.ts';

const sayingOptions = { by: text, notes: text } as const;

/** Which model, and who says so. */
const whoSays = (args: Arguments) => ({
  model: modelNamed(onePositional(args, 'a model')),
  by: args.required('by'),
  notes: args.text('notes'),
});

/** What becomes of a site's own models. */
export const modelStateCommands: readonly Command[] = [
  command({
    name: 'models accept',
    operation: 'modelsAccept',
    usage: 'tandem models accept ID|DIR --by NAME [--notes TEXT] [--json]',
    summary:
      'Accepts a candidate on its acceptance report, as the default for its scans; a segmentation model on its card',
    positionals: 1,
    options: sayingOptions,
    request: whoSays,
    print: describeStanding,
  }),
  command({
    name: 'models retire',
    operation: 'modelsRetire',
    usage: 'tandem models retire ID --by NAME [--notes TEXT] [--json]',
    summary: 'Retires a model of the site’s: what it makes is marked as that of a retired one',
    positionals: 1,
    options: sayingOptions,
    request: whoSays,
    print: describeStanding,
  }),
  command({
    name: 'models rollback',
    operation: 'modelsRollback',
    usage: 'tandem models rollback ID --by NAME [--notes TEXT] [--json]',
    summary: 'Retires the default of its scans and makes the one before it the default again',
    positionals: 1,
    options: sayingOptions,
    request: whoSays,
    print: ({ retired, now }) =>
      `${describeStanding(retired)}\nthe default is now ${now ?? 'none: name a model for these scans'}`,
  }),
  command({
    name: 'models report',
    operation: 'modelsReport',
    usage: 'tandem models report ID|DIR [--json]',
    summary: 'The acceptance report in a model package, as text',
    positionals: 1,
    options: {},
    request: (args) => ({ model: modelNamed(onePositional(args, 'a model')) }),
    print: ({ title, sections }) => [title, ...sections.map(printSection)].join('\n\n'),
  }),
  command({
    name: 'models export-package',
    operation: 'modelsExportPackage',
    usage: 'tandem models export-package ID|DIR --out FILE.tar [--by NAME] [--json]',
    summary: 'Writes a model package with its acceptance report as one file',
    positionals: 1,
    options: { out: text, by: text },
    request: (args) => ({
      model: modelNamed(onePositional(args, 'a model')),
      out: resolve(args.required('out')),
      by: args.text('by'),
    }),
    print: ({ path, files, bytes, sha256 }) =>
      `wrote ${path}: ${files.length} files, ${bytes.toLocaleString('en')} bytes\nSHA-256 ${sha256}`,
  }),
  command({
    name: 'models import-package',
    operation: 'modelsImportPackage',
    usage: 'tandem models import-package FILE.tar [--by NAME] [--json]',
    summary: 'Takes a model package from one file, checked, into the site’s models, as a candidate',
    positionals: 1,
    options: { by: text },
    request: (args) => ({
      path: resolve(onePositional(args, 'the file of a package')),
      by: args.text('by'),
    }),
    print: describeStanding,
  }),
];

function describeStanding({ model, version, path, standing }: Result<'modelsAccept'>): string {
  const { state, isDefault, predecessor, report, history } = standing;
  const last = history.at(-1);
  const who =
    last === undefined ? '' : ` by ${last.user ?? last.account}, ${new Date(last.atMs).toISOString()}`;
  const before = predecessor === null ? '' : `; before it: ${predecessor}`;
  return [
    `${model} ${version}: ${state}${who}${isDefault ? `, the default for its scans${before}` : ''}`,
    ...(report === null ? [] : [`acceptance report: ${report.passed ? 'passed' : 'did not pass'}`]),
    `in ${path}`,
  ].join('\n');
}

function printSection({ title, notes, table }: Result<'modelsReport'>['sections'][number]): string {
  const rows = table === undefined ? [] : [table.columns, ...table.rows];
  const widths = (table?.columns ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) =>
        at < (table?.textColumns ?? 0) ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [title.toUpperCase(), ...rows.map(line), ...notes].join('\n');
}
