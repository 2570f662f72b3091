import type { Request, RequestInput } from '../../../core/contract/operations.ts';
import { DEIDENTIFY_OPTIONS } from '../../../core/dicom/deidentify/options.ts';
import { TandemError } from '../../../core/errors.ts';
import type { Arguments } from './command.ts';
import { flag, optionalPath, text } from './requestParts.ts';

/** How the command line asks for de-identification of what it exports. */

type Options = Request<'deidentify'>['options'];

export const deidentifyingOptions = {
  deidentify: flag,
  'deidentify-options': text,
  'key-file': text,
} as const;

export const deidentifyingUsage =
  '[--deidentify [--deidentify-options shift-dates,clean-descriptors,…] [--key-file FILE]]';

/** Undefined where it is not asked for. Throws `usage` for details of what was not asked for. */
export function deidentificationOf(args: Arguments): RequestInput<'export'>['deidentify'] {
  const options = deidentifyOptions(args, 'deidentify-options');
  const keyFile = optionalPath(args.text('key-file'));
  if (args.flag('deidentify')) return { options, keyFile };
  if (options === undefined && keyFile === undefined) return undefined;
  throw new TandemError('usage', '--deidentify-options and --key-file go with --deidentify', {
    hint: args.hint,
  });
}

/** The options named by a list with commas. Throws `usage` with the names there are. */
export function deidentifyOptions(args: Arguments, name: string): Options | undefined {
  return args
    .text(name)
    ?.split(',')
    .map((asked) => {
      const found = DEIDENTIFY_OPTIONS.find((option) => option === asked.trim());
      if (found !== undefined) return found;
      throw new TandemError('usage', `“${asked}” is no option of de-identification`, {
        hint: `Options: ${DEIDENTIFY_OPTIONS.join(', ')}.`,
      });
    });
}
