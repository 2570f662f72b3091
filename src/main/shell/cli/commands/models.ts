import { resolve } from 'node:path';
import type { JudgeResult } from '../../../../core/contract/acceptance.ts';
import type { MeasureResult, UnseenGain } from '../../../../core/contract/measuring.ts';
import type { ModelStanding } from '../../../../core/contract/modelStates.ts';
import type { RequestInput } from '../../../../core/contract/operations.ts';
import { TandemError } from '../../../../core/errors.ts';
import { textTable } from '../../../evaluation/report/textTable.ts';
import { type Arguments, type Command, command } from '../command.ts';
import {
  devices,
  flag,
  jsonObject,
  modelNamed,
  onePositional,
  optionalPath,
  scaleOf,
  somePositionals,
  text,
  texts,
} from '../requestParts.ts';
import { decibels, giga } from '../words.ts';

/** Everything was done and written, and the model did not pass: no error, but no success to a script either. */
const ACCEPTANCE_FAILED = 1;

/** Networks, their weights and what runs them. */
export const modelsCommands: readonly Command[] = [
  command({
    name: 'devices',
    operation: 'devices',
    usage: 'tandem devices [--json]',
    summary: 'What a network can run on here, and why a device that is not here is not',
    positionals: 0,
    options: {},
    request: () => ({}),
    print: ({ devices, automatic }) =>
      [
        ...devices.map(
          ({ device, available, reason, hint }) =>
            `${device.padEnd(8)} ${available ? reason : `unavailable: ${reason}. ${hint ?? ''}`}`,
        ),
        `auto     takes ${automatic.device}: ${automatic.reason}`,
      ].join('\n'),
  }),
  command({
    name: 'models',
    operation: 'models',
    usage: 'tandem models [--json]',
    summary: 'The model packages that are here, their states, and what each was trained on',
    positionals: 0,
    options: {},
    request: () => ({}),
    print: (result) =>
      [
        ...result.models.map(
          (model) =>
            `${model.id.padEnd(20)} ×${model.scale}  ${model.target}${model.reference ? ` ← ${model.reference}` : ''}  ` +
            `${model.network}, ${model.parameters} parameters, ${gainInWords(model.unseenGain)}${standingInWords(model.standing)}${model.licence}`,
        ),
        ...result.refused.map((file) => `refused  ${file.path}: ${file.code}: ${file.message}`),
      ].join('\n'),
  }),
  command({
    name: 'models import',
    operation: 'modelsImport',
    usage:
      'tandem models import --network NAME --weights FILE.safetensors|FILE.onnx --out DIR [--options JSON] [--scale 2|4] ' +
      '[--id ID] [--target t2] [--reference t1] [--licence TEXT] [--notice TEXT …] [--package-version 1.0.0] [--json]',
    summary: 'Makes a model package of weights that were trained elsewhere',
    positionals: 0,
    options: {
      network: text,
      weights: text,
      out: text,
      options: text,
      scale: text,
      id: text,
      target: text,
      reference: text,
      licence: text,
      notice: texts,
      'package-version': text,
    },
    request: (args) => ({
      network: args.required('network'),
      weights: resolve(args.required('weights')),
      out: resolve(args.required('out')),
      options: jsonObject(args, 'options'),
      scale: args.text('scale') === undefined ? undefined : scaleOf(args),
      id: args.text('id'),
      target: args.text('target') as RequestInput<'modelsImport'>['target'],
      reference: args.text('reference') as RequestInput<'modelsImport'>['reference'],
      licence: args.text('licence'),
      notices: [...args.all('notice')],
      version: args.text('package-version'),
    }),
    print: (result) =>
      `wrote ${result.model} to ${result.path}: ${result.network}, ${result.parameters} parameters`,
  }),
  command({
    name: 'models describe',
    operation: 'modelsDescribe',
    usage:
      'tandem models describe ID|DIR | --network NAME [--options JSON] [--scale 2|4] [--rows 240] [--columns 240] [--json]',
    summary: 'What a network or a model package costs: parameters, operations, memory, operators by device',
    positionals: 1,
    options: { network: text, options: text, scale: text, rows: text, columns: text },
    request: (args) => ({
      model: args.positionals[0] === undefined ? undefined : modelNamed(args.positionals[0]),
      network: args.text('network'),
      options: jsonObject(args, 'options'),
      scale: args.text('scale') === undefined ? undefined : scaleOf(args),
      rows: args.number('rows'),
      columns: args.number('columns'),
    }),
    print: (result) =>
      [
        `${result.network} ×${result.scale}: ${result.description}`,
        `options             ${JSON.stringify(result.options)}`,
        `parameters          ${result.parameters.toLocaleString('en')}`,
        `operations          ${giga(result.multiplyAccumulates.asInPapers)} G multiply-accumulates at ${result.columns} × ${result.rows} as papers count, ${giga(result.multiplyAccumulates.all)} G in all`,
        ...result.multiplyAccumulates.byOperator.map(
          ({ operator, multiplyAccumulates }) => `  ${operator.padEnd(24)} ${giga(multiplyAccumulates)} G`,
        ),
        `memory              about ${Math.round(result.memoryMb)} MB a worker`,
        `sees                the ${result.sees} (tiles overlap by ${result.haloPx} pixels)`,
        `inputs and outputs  ${result.inputs.join(', ')} → ${result.outputs.join(', ')}`,
        ...result.devices.map(
          ({ device, available, whole, operators }) =>
            `${device.padEnd(19)} ${Object.values(operators).reduce((sum, n) => sum + n, 0)} nodes` +
            `${available ? (whole ? ', runs all of them' : ', some fall back to the CPU') : ', not here'}`,
        ),
      ].join('\n'),
  }),
  command({
    name: 'models measure',
    operation: 'modelsMeasure',
    usage:
      'tandem models measure ID|DIR… --case CASE … [--target t2] [--reference t1] [--disturb] [--other-patient CASE] [--json]',
    summary:
      'Evaluates model packages and writes the numbers onto their cards (of an ID: the one in models/)',
    positionals: Number.POSITIVE_INFINITY,
    options: { case: texts, target: text, reference: text, disturb: flag, 'other-patient': text },
    request: (args) => ({
      models: somePositionals(args, 'a model').map(modelNamed),
      cases: someCases(args),
      target: args.text('target'),
      reference: args.text('reference'),
      disturb: args.flag('disturb'),
      otherPatient: optionalPath(args.text('other-patient')),
    }),
    print: describeMeasuring,
  }),
  command({
    name: 'models judge',
    operation: 'modelsJudge',
    usage:
      'tandem models judge --base ID --tuned DIR --test DIR … --thresholds FILE --out DIR [--locked FILE] ' +
      '[--thresholds-sha256 HASH] [--target t2] [--reference t1] [--lesion lesion] ' +
      `[--registration auto|headers|headers-unchecked] [--device auto|${devices}] [--json]`,
    summary: 'Judges a tuned model against its base on unseen patients, by thresholds written down before',
    positionals: Number.POSITIVE_INFINITY,
    options: {
      base: text,
      tuned: text,
      test: texts,
      thresholds: text,
      'thresholds-sha256': text,
      locked: text,
      target: text,
      reference: text,
      lesion: text,
      registration: text,
      device: text,
      out: text,
    },
    request: (args) => ({
      base: modelNamed(args.required('base')),
      tuned: modelNamed(args.required('tuned')),
      test: testFolders(args),
      thresholds: resolve(args.required('thresholds')),
      thresholdsSha256: args.text('thresholds-sha256'),
      locked: optionalPath(args.text('locked')),
      target: args.text('target'),
      reference: args.text('reference'),
      lesion: args.text('lesion'),
      registration: args.text('registration') as RequestInput<'modelsJudge'>['registration'],
      device: args.text('device') as RequestInput<'modelsJudge'>['device'],
      out: resolve(args.required('out')),
    }),
    print: describeJudgement,
    exitCode: ({ report }) => (report.passed ? 0 : ACCEPTANCE_FAILED),
  }),
  command({
    name: 'models run',
    operation: 'modelsRun',
    usage:
      'tandem models run ID|DIR --inputs IO.safetensors --out OUT.safetensors [--intermediates] ' +
      `[--device ${devices}|auto] [--json]`,
    summary: 'Runs a model package on raw tensors, to compare it with another implementation',
    positionals: 1,
    options: { inputs: text, out: text, device: text, intermediates: flag },
    request: (args) => ({
      model: modelNamed(onePositional(args, 'a model')),
      inputs: resolve(args.required('inputs')),
      out: resolve(args.required('out')),
      device: args.text('device') as RequestInput<'modelsRun'>['device'],
      intermediates: args.flag('intermediates'),
    }),
    print: (result) =>
      [
        ...result.outputs.map(({ name, shape }) => `${name.padEnd(24)} ${shape.join(' × ')}`),
        `wrote ${result.path} (${result.device}, ${result.seconds.toFixed(2)} s)`,
      ].join('\n'),
  }),
];

/** `--test`, again and again. Throws `usage` where it is not there. */
function testFolders(args: Arguments): string[] {
  const folders = [...args.all('test'), ...args.positionals];
  if (folders.length === 0) throw new TandemError('usage', '--test is missing', { hint: args.hint });
  return folders.map((path) => resolve(path));
}

function describeJudgement({ path, report, sha256 }: JudgeResult): string {
  const { base, tuned, testSet, verdicts, failures } = report;
  const marks = { passed: 'passed     ', failed: 'FAILED     ', 'not-judged': 'not judged ' };
  return [
    `${tuned.id} ${tuned.version} against ${base.id} ${base.version}: ${testSet.patients} patients, ${testSet.slices} slices`,
    ...verdicts.map(({ outcome, words }) => `${marks[outcome]} ${words}`),
    report.passed ? 'ACCEPTANCE PASSED' : ['ACCEPTANCE FAILED', ...failures].join('\n  '),
    `wrote ${path} (acceptance.json ${sha256.slice(0, 12)}…)`,
    report.notice,
  ].join('\n');
}

/** `--case`, again and again. Throws `usage` where it is not there. */
function someCases(args: Arguments): string[] {
  const cases = args.all('case');
  if (cases.length === 0) throw new TandemError('usage', '--case is missing', { hint: args.hint });
  return cases.map((path) => resolve(path));
}

/** With a comma after it; nothing for a shipped one that is no default. */
function standingInWords({ state, isDefault }: ModelStanding): string {
  const words = [...(state === 'shipped' ? [] : [state]), ...(isDefault ? ['default'] : [])];
  return words.length === 0 ? '' : `${words.join(' ')}, `;
}

/** With a comma after it; nothing where there is none. */
function gainInWords(gain: UnseenGain | null): string {
  if (gain === null) return '';
  const cases = `${gain.cases} unseen case${gain.cases === 1 ? '' : 's'}`;
  return `${decibels(gain.psnrInside)} dB inside on ${cases}, `;
}

function describeMeasuring({ models, failed, warnings }: MeasureResult): string {
  return [
    ...models.map((model) =>
      textTable({
        title: `${model.id} ×${model.scale}: ${model.measured.length} of the ${model.casesOnCard} cases on its card measured`,
        columns: ['Case', 'Slices', 'PSNR inside', 'Zero-fill', 'Gain', 'Least, reference disturbed'],
        textColumns: 1,
        rows: model.measured.map((one) => {
          const own = one.methods[model.id]!.psnrInside;
          const base = one.methods['zero-fill']!.psnrInside;
          const worst = Math.min(...one.disturbed.map(({ psnrInside }) => psnrInside));
          return [
            `${one.case}${one.trainedOn ? ' †' : ''}`,
            `${one.slices}`,
            own.toFixed(2),
            base.toFixed(2),
            decibels(own - base),
            Number.isFinite(worst) ? worst.toFixed(2) : '–',
          ];
        }),
        notes: [
          ...(model.measured.some(({ trainedOn }) => trainedOn)
            ? ['† It was trained on this patient: no evidence for others.']
            : []),
          `wrote its card in ${model.path}`,
        ],
      }),
    ),
    ...(failed.length === 0
      ? []
      : [
          failed
            .map(
              ({ case: name, code, message, models: ids }) =>
                `not measured  ${name} (${ids.join(', ')}): ${code}: ${message}`,
            )
            .join('\n'),
        ]),
    ...(warnings.length === 0 ? [] : [warnings.map((said) => `warning  ${said}`).join('\n')]),
  ].join('\n\n');
}
