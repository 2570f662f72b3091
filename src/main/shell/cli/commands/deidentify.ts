import { resolve } from 'node:path';
import type { Result } from '../../../../core/contract/operations.ts';
import { type Command, command } from '../command.ts';
import { deidentifyOptions } from '../deidentifyParts.ts';
import { flag, optionalPath, somePositionals, text } from '../requestParts.ts';
import { counted } from '../words.ts';

/** Names out of files. */
export const deidentifyCommands: readonly Command[] = [
  command({
    name: 'deidentify',
    operation: 'deidentify',
    usage:
      'tandem deidentify PATH… --out DIR [--options shift-dates,clean-descriptors,…] [--key-file FILE] ' +
      '[--dry-run] [--json]',
    summary: 'De-identifies DICOM files by PS3.15; a dry run lists what would change',
    positionals: Number.POSITIVE_INFINITY,
    options: { out: text, options: text, 'key-file': text, 'dry-run': flag },
    request: (args) => ({
      paths: somePositionals(args, 'a file or folder').map((path) => resolve(path)),
      out: optionalPath(args.text('out')),
      options: deidentifyOptions(args, 'options'),
      keyFile: optionalPath(args.text('key-file')),
      dryRun: args.flag('dry-run'),
    }),
    print: describe,
  }),
];

const KEYS = {
  file: 'pseudonyms follow from the key file',
  'new file': 'a key file was made: keep it secret, and keep it',
  forgotten: 'the key is forgotten: what is de-identified later will not fit together with this',
} as const;

function describe(result: Result<'deidentify'>): string {
  return [
    ...result.attributes.map(
      ({ tag, keyword, outcome, elements, files }) =>
        `${tag} ${outcome.padEnd(9)} ${String(elements).padStart(6)} in ${counted(files, 'file')}  ${keyword}`,
    ),
    ...result.warnings.map(
      ({ code, message, files }) => `warning  ${code}: ${message} (${counted(files, 'file')})`,
    ),
    ...result.refused.map(({ path, code, message }) => `refused  ${path}: ${code}: ${message}`),
    `${counted(result.files, 'file')} of ${counted(result.patients, 'patient')}, ${counted(result.studies, 'study', 'studies')}, ${result.series} series; ` +
      KEYS[result.key],
    result.out === null ? 'dry run: nothing was written' : `wrote ${result.out}`,
  ].join('\n');
}
