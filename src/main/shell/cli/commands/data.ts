import { resolve } from 'node:path';
import type { RequestInput, Result } from '../../../../core/contract/operations.ts';
import { resolvedSource } from '../../../training/data/studySource.ts';
import { caseWords } from '../caseWords.ts';
import { type Command, command } from '../command.ts';
import { flag, optionalPath, somePositionals, text, texts } from '../requestParts.ts';

/** Data to train on. */
export const dataCommands: readonly Command[] = [
  command({
    name: 'data choose',
    operation: 'finetuneCases',
    usage:
      'tandem data choose DIR [DIR …] --target t2 [--reference t1] [--out DIR] ' +
      '[--layout auto|folders|ixi|brats|dicom] [--validation PATIENT …] [--test PATIENT …] ' +
      '[--validation-share 0] [--test-share 0] [--seed 1] ' +
      '[--registration auto|headers|headers-unchecked] [--least-slices 3] [--json]',
    summary: 'What can be learned from and why the rest cannot, split by person, and the locked test set',
    positionals: Number.POSITIVE_INFINITY,
    options: {
      target: text,
      reference: text,
      out: text,
      layout: text,
      validation: texts,
      test: texts,
      'validation-share': text,
      'test-share': text,
      seed: text,
      registration: text,
      'least-slices': text,
    },
    request: (args) => ({
      sources: somePositionals(args, 'folders of cases').map(resolvedSource),
      layout: args.text('layout') as RequestInput<'finetuneCases'>['layout'],
      target: args.text('target'),
      reference: args.text('reference'),
      validation: [...args.all('validation')],
      test: [...args.all('test')],
      validationShare: args.number('validation-share'),
      testShare: args.number('test-share'),
      seed: args.number('seed'),
      registration: args.text('registration') as RequestInput<'finetuneCases'>['registration'],
      leastSlices: args.number('least-slices'),
      out: optionalPath(args.text('out')),
    }),
    print: choiceWords,
  }),
  command({
    name: 'data prepare',
    operation: 'dataPrepare',
    usage:
      'tandem data prepare DIR [DIR …] --target t2 [--reference t1] (--out DIR | --list) ' +
      '[--layout auto|folders|ixi|brats|dicom] [--name NAME] ' +
      '[--validation PATIENT …] [--test PATIENT …] [--validation-share 0] [--test-share 0] [--seed 1] ' +
      '[--planes acquired|all] [--also-at MM …] [--registration auto|headers|headers-unchecked] [--least-slices 3] ' +
      '[--locked FILE] [--json]',
    summary: 'Turns cases into slices to train on: registered, scaled, split by patient, named by hashes',
    positionals: Number.POSITIVE_INFINITY,
    options: {
      target: text,
      reference: text,
      out: text,
      list: flag,
      layout: text,
      name: text,
      validation: texts,
      test: texts,
      'validation-share': text,
      'test-share': text,
      seed: text,
      planes: text,
      'also-at': texts,
      registration: text,
      'least-slices': text,
      locked: text,
    },
    request: (args) => ({
      sources: somePositionals(args, 'folders of cases').map(resolvedSource),
      layout: args.text('layout') as RequestInput<'dataPrepare'>['layout'],
      list: args.flag('list'),
      target: args.text('target'),
      reference: args.text('reference'),
      out: args.flag('list') ? optionalPath(args.text('out')) : resolve(args.required('out')),
      name: args.text('name'),
      validation: [...args.all('validation')],
      test: [...args.all('test')],
      validationShare: args.number('validation-share'),
      testShare: args.number('test-share'),
      seed: args.number('seed'),
      planes: args.text('planes') as RequestInput<'dataPrepare'>['planes'],
      alsoAtMm: args.all('also-at').map(Number),
      registration: args.text('registration') as RequestInput<'dataPrepare'>['registration'],
      leastSlices: args.number('least-slices'),
      locked: optionalPath(args.text('locked')),
    }),
    print: (result) => (result.path === '' ? listWords(result) : resultWords(result)),
  }),
];

function resultWords(result: Result<'dataPrepare'>): string {
  const megabytes = Math.round(result.bytes / 2 ** 20).toLocaleString('en');
  return [
    ...layoutWords(result),
    `wrote ${result.path}: ${megabytes} MB, manifest ${result.sha256.slice(0, 12)}…`,
    ...SIDES.map((side) => {
      const { slices, patients, cases } = result[side];
      return `${side.padEnd(11)} ${slices} slices of ${patients} patients (${cases} cases)`;
    }),
    ...leftOutWords(result),
  ].join('\n');
}

function listWords(result: Result<'dataPrepare'>): string {
  return [
    ...layoutWords(result),
    ...result.cases.flatMap(({ name, patient, split, path, target, reference, notes }) => [
      `${split.padEnd(11)} ${name} (patient ${patient}): ${target}${reference === undefined ? '' : ` ← ${reference}`}`,
      `            in ${path}`,
      ...notes.map((note) => `            ${note}`),
    ]),
    ...leftOutWords(result),
    SIDES.map((side) => `${side}: ${result[side].patients} patients (${result[side].cases} cases)`).join(
      ', ',
    ),
    'Nothing was written. Registration and content are judged when the data are prepared.',
  ].join('\n');
}

function choiceWords({ cases, leftOut, samePeople, locked }: Result<'finetuneCases'>): string {
  return [
    ...cases.map(
      ({ name, path, patient, split, slices, target, reference }) =>
        `${split.padEnd(11)} ${caseWords({ name, path })}, patient ${patient}: ${slices} slices, ${target}${reference === undefined ? '' : ` ← ${reference}`}`,
    ),
    ...leftOutWords({ leftOut }),
    ...samePeople.map(({ words }) => `one person  ${words}`),
    locked === null
      ? 'Nothing was written.'
      : `locked      ${locked.cases} cases: ${locked.path}, ${locked.sha256.slice(0, 12)}…`,
  ].join('\n');
}

const SIDES = ['train', 'validation', 'test'] as const;

function layoutWords({ layouts }: Result<'dataPrepare'>): string[] {
  return layouts.map(({ source, layout }) => `layout      ${layout}: ${source}`);
}

/** What fails for one reason stands in one line. */
function leftOutWords({ leftOut }: Pick<Result<'finetuneCases'>, 'leftOut'>): string[] {
  return [...Map.groupBy(leftOut, ({ reason }) => reason)].map(
    ([reason, cases]) => `left out    ${cases.map(caseWords).join(', ')}: ${reason}`,
  );
}
