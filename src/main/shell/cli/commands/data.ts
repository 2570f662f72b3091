import { resolve } from 'node:path';
import type { RequestInput } from '../../../../core/contract/operations.ts';
import { type Command, command } from '../command.ts';
import { somePositionals, text, texts } from '../requestParts.ts';

/** Data to train on. */
export const dataCommands: readonly Command[] = [
  command({
    name: 'data prepare',
    operation: 'dataPrepare',
    usage:
      'tandem data prepare DIR [DIR …] --target t2 [--reference t1] --out DIR [--name NAME] ' +
      '[--validation PATIENT …] [--test PATIENT …] [--validation-share 0] [--test-share 0] [--seed 1] ' +
      '[--planes acquired|all] [--registration auto|headers|headers-unchecked] [--least-slices 3] [--json]',
    summary: 'Turns cases into slices to train on: registered, scaled, split by patient, named by hashes',
    positionals: Number.POSITIVE_INFINITY,
    options: {
      target: text,
      reference: text,
      out: text,
      name: text,
      validation: texts,
      test: texts,
      'validation-share': text,
      'test-share': text,
      seed: text,
      planes: text,
      registration: text,
      'least-slices': text,
    },
    request: (args) => ({
      sources: somePositionals(args, 'folders of cases').map((path) => resolve(path)),
      target: args.text('target'),
      reference: args.text('reference'),
      out: resolve(args.required('out')),
      name: args.text('name'),
      validation: [...args.all('validation')],
      test: [...args.all('test')],
      validationShare: args.number('validation-share'),
      testShare: args.number('test-share'),
      seed: args.number('seed'),
      planes: args.text('planes') as RequestInput<'dataPrepare'>['planes'],
      registration: args.text('registration') as RequestInput<'dataPrepare'>['registration'],
      leastSlices: args.number('least-slices'),
    }),
    print: (result) =>
      [
        `wrote ${result.path}: ${Math.round(result.bytes / 2 ** 20).toLocaleString('en')} MB, manifest ${result.sha256.slice(0, 12)}…`,
        ...(['train', 'validation', 'test'] as const).map(
          (side) =>
            `${side.padEnd(11)} ${result[side].slices} slices of ${result[side].patients} patients (${result[side].cases} cases)`,
        ),
        ...result.leftOut.map(({ name, reason }) => `left out   ${name}: ${reason}`),
      ].join('\n'),
  }),
];
