import { resolve } from 'node:path';
import type { EvaluateResult } from '../../../../core/contract/evaluation.ts';
import type { RequestInput } from '../../../../core/contract/operations.ts';
import { TandemError } from '../../../../core/errors.ts';
import { evaluationTables, failedTable } from '../../../evaluation/report/tables.ts';
import { textTable } from '../../../evaluation/report/textTable.ts';
import { evaluationTitle } from '../../../evaluation/report/words.ts';
import { type Arguments, type Command, command } from '../command.ts';
import {
  devices,
  flag,
  modelNamed,
  optionalPath,
  scaleOf,
  somePositionals,
  text,
  texts,
} from '../requestParts.ts';

/** Models against interpolation and each other, where the truth is known. */
export const evaluateCommands: readonly Command[] = [
  command({
    name: 'evaluate',
    operation: 'evaluate',
    usage:
      'tandem evaluate CASE… --target t2 [--reference t1] --scale 2|4 (--model ID… | --models A,B|all) [--disturb] ' +
      `[--other-patient CASE] [--registration rigid|none] [--out DIR] [--device auto|${devices}] [--json]`,
    summary:
      'PSNR and SSIM of models and of interpolation on cases with full-resolution truth, with paired tests',
    positionals: Number.POSITIVE_INFINITY,
    options: {
      target: text,
      reference: text,
      scale: text,
      model: texts,
      models: text,
      registration: text,
      device: text,
      disturb: flag,
      'other-patient': text,
      out: text,
    },
    request: (args) => ({
      cases: somePositionals(args, 'a case folder, or a folder of cases').map((path) => resolve(path)),
      target: args.required('target'),
      reference: args.text('reference'),
      scale: scaleOf(args),
      models: modelsNamed(args),
      registration: args.text('registration') as RequestInput<'evaluate'>['registration'],
      device: args.text('device') as RequestInput<'evaluate'>['device'],
      disturb: args.flag('disturb'),
      otherPatient: optionalPath(args.text('other-patient')),
      out: optionalPath(args.text('out')),
    }),
    print: describeEvaluation,
  }),
];

/** `--model`, again and again, and `--models`, with commas between them or all. Throws `usage` where neither names one. */
function modelsNamed(args: Arguments): 'all' | string[] {
  const listed = args.text('models');
  const single = args.all('model');
  if (listed === 'all') {
    if (single.length === 0) return 'all';
    throw new TandemError('usage', '--models all leaves nothing for --model to add', { hint: args.hint });
  }
  const names = [...single, ...(listed?.split(',') ?? [])].map((name) => name.trim()).filter(Boolean);
  if (names.length === 0) throw new TandemError('usage', '--model is missing', { hint: args.hint });
  return names.map(modelNamed);
}

function describeEvaluation(result: EvaluateResult): string {
  const [only] = result.cases;
  const about = result.cases.length === 1 ? `${only?.case}, ${only?.slices} slices. ` : '';
  return [
    `${about}${evaluationTitle(result)}`,
    ...evaluationTables(result).map(textTable),
    ...(result.failed.length > 0
      ? [
          failedTable(result)
            .rows.map(([code, said, names]) => `not evaluated  ${code}: ${said}: ${names}`)
            .join('\n'),
        ]
      : []),
    ...(result.warnings.length > 0 ? [result.warnings.map((said) => `warning  ${said}`).join('\n')] : []),
    ...(result.out === null ? [] : [`wrote ${result.out}`]),
    result.notice,
  ].join('\n\n');
}
