import { resolve } from 'node:path';
import type { Result } from '../../../../core/contract/operations.ts';
import { ERROR_EXIT_CODES } from '../../../../core/errors.ts';
import { type Command, command } from '../command.ts';
import { onePositional, optionalPath, text } from '../requestParts.ts';

/** Before anything is sent. */
export const validateCommands: readonly Command[] = [
  command({
    name: 'validate',
    operation: 'validateExport',
    usage: 'tandem validate PATH [--source PATH] [--json]',
    summary:
      'Checks DICOM files by our own rules and by dciodvfy where it is installed; exit code 3 where there are errors',
    positionals: 1,
    options: { source: text },
    request: (args) => ({
      path: resolve(onePositional(args, 'a file or folder')),
      source: optionalPath(args.text('source')),
    }),
    print: describe,
    exitCode: (result) => (hasErrors(result) ? ERROR_EXIT_CODES['bad-header'] : 0),
  }),
];

/** Errors of either check that the source does not have itself. */
function hasErrors({ errors, dciodvfy }: Result<'validateExport'>): boolean {
  return errors > 0 || (dciodvfy?.errors.some(({ ofSource }) => !ofSource) ?? false);
}

function describe(result: Result<'validateExport'>): string {
  const { files, series, errors, warnings, findings, dciodvfy, refused } = result;
  const where = (one: { readonly file: string; readonly files: number }) =>
    `${one.file}${one.files > 1 ? ` and ${one.files - 1} more` : ''}`;
  const whose = ({ ofSource }: { readonly ofSource: boolean }) =>
    ofSource ? ' [the source has it too]' : '';
  const bySeverity = [...findings].sort((a, b) => a.severity.localeCompare(b.severity));
  return [
    ...bySeverity.map(
      (one) =>
        `${one.severity.padEnd(7)}  ${one.code}: ${one.message}${one.tag === '' ? '' : ` ${one.tag}`}${whose(one)}\n` +
        `           ${where(one)}`,
    ),
    ...(dciodvfy?.errors ?? []).map(
      (one) => `dciodvfy  ${one.message}${whose(one)}\n           ${where(one)}`,
    ),
    ...refused.map(({ path, code, message }) => `refused  ${path}: ${code}: ${message}`),
    `${files} file(s) in ${series} series: ${errors} error(s), ${warnings} warning(s)`,
    dciodvfy === null
      ? 'dciodvfy is not installed: it was not asked'
      : `dciodvfy: ${dciodvfy.errors.filter(({ ofSource }) => !ofSource).length} error(s) in ${dciodvfy.files} file(s)` +
        (dciodvfy.unanswered === 0 ? '' : `, no answer about ${dciodvfy.unanswered}`),
  ].join('\n');
}
