import { resolve } from 'node:path';
import type { RequestInput } from '../../../../core/contract/operations.ts';
import { TandemError } from '../../../../core/errors.ts';
import { textTable } from '../../../evaluation/report/textTable.ts';
import { segmentationTables } from '../../../segmentation/evaluation/tables.ts';
import { type Arguments, type Command, command } from '../command.ts';
import { devices, flag, modelNamed, optionalPath, text, texts } from '../requestParts.ts';
import { negativesOf } from './trainSegmentation.ts';

type Evaluate = RequestInput<'evaluateSegmentation'>;

/** What enhancement does to a contour, in numbers. */
export const evaluateSegmentationCommands: readonly Command[] = [
  command({
    name: 'evaluate-segmentation',
    operation: 'evaluateSegmentation',
    usage:
      'tandem evaluate-segmentation CASE… --model ID [--model ID …] [--target flair] [--reference t1|none] [--mask tumour] ' +
      '[--scales 2,4] [--enhance all|none|ID,ID] [--no-tumour [CONTRAST=]DIR …] [--out DIR] [--onto-cards] ' +
      `[--device auto|${devices}] [--json]`,
    summary: 'Dice and 95 % Hausdorff distance of segmentation on original, zero-filled and enhanced images',
    positionals: Number.POSITIVE_INFINITY,
    options: {
      model: texts,
      target: text,
      reference: text,
      mask: text,
      scales: text,
      enhance: text,
      'no-tumour': texts,
      out: text,
      'onto-cards': flag,
      device: text,
    },
    request: (args) => ({
      cases: args.positionals.map((path) => resolve(path)),
      withoutTumour: negativesOf(args, 'no-tumour'),
      models: modelsOf(args),
      target: args.text('target'),
      reference: args.text('reference') === 'none' ? null : args.text('reference'),
      mask: args.text('mask'),
      scales: scalesOf(args),
      enhancers: enhancersOf(args),
      out: optionalPath(args.text('out')),
      ontoCards: args.flag('onto-cards'),
      device: args.text('device') as Evaluate['device'],
    }),
    print: (result) =>
      [
        ...segmentationTables(result).map(textTable),
        ...(result.failed.length === 0
          ? []
          : [
              result.failed
                .map(({ case: name, code, message }) => `not evaluated  ${name}: ${code}: ${message}`)
                .join('\n'),
            ]),
        ...result.warnings.map((said) => `warning  ${said}`),
        ...(result.out === null ? [] : [`wrote ${result.out}`]),
        result.notice,
      ].join('\n\n'),
  }),
];

function modelsOf(args: Arguments): string[] {
  const named = args.all('model').map(modelNamed);
  if (named.length > 0) return named;
  throw new TandemError('usage', '--model is missing', { hint: args.hint });
}

function scalesOf(args: Arguments): (2 | 4)[] | undefined {
  return args
    .text('scales')
    ?.split(',')
    .map((value) => {
      if (value === '2' || value === '4') return value === '2' ? 2 : 4;
      throw new TandemError('usage', `--scales takes 2, 4 or 2,4, not “${value}”`);
    });
}

function enhancersOf(args: Arguments): 'all' | string[] | undefined {
  const said = args.text('enhance');
  if (said === undefined || said === 'all') return said;
  return said === 'none' ? [] : said.split(',').map(modelNamed);
}
