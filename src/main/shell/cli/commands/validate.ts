import { resolve } from 'node:path';
import { ERROR_EXIT_CODES } from '../../../../core/errors.ts';
import { type Command, command } from '../command.ts';
import { onePositional, optionalPath, text } from '../requestParts.ts';
import { describeFindings, describeVerdict, hasErrors } from '../validationWords.ts';

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
    print: (result) =>
      [
        ...describeFindings(result),
        ...result.refused.map(({ path, code, message }) => `refused  ${path}: ${code}: ${message}`),
        ...describeVerdict(result),
      ].join('\n'),
    exitCode: (result) => (hasErrors(result) ? ERROR_EXIT_CODES['bad-header'] : 0),
  }),
];
