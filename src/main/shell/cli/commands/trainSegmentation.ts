import { resolve } from 'node:path';
import type { RequestInput } from '../../../../core/contract/operations.ts';
import { type Arguments, type Command, command } from '../command.ts';
import { flag, jsonObject, modelNamed, text, texts } from '../requestParts.ts';

type Train = RequestInput<'trainSegmentation'>;

/** Training of networks that segment. */
export const trainSegmentationCommands: readonly Command[] = [
  command({
    name: 'train-segmentation',
    operation: 'trainSegmentation',
    usage:
      'tandem train-segmentation --network attention-unet|swin-unet --case DIR [--case DIR …] [--validation DIR …] ' +
      '[--negative [CONTRAST=]DIR …] --steps N | --minutes M [--out ./NETWORK] [--id ID] [--options JSON] ' +
      '[--contrasts flair,t1] [--mask tumour] [--batch 8] [--patch 128] [--learning-rate 0.001] [--weight-decay 0.01] ' +
      '[--clip-norm 5] [--ema N] [--ema-start 100] [--schedule constant|step|cosine] [--warm-up 100] [--seed 1] ' +
      '[--shards 2] [--negative-share 0.15] [--augmentation JSON] [--validate-every STEPS] [--patience N] ' +
      '[--init ID|DIR] [--keep best|last] [--least-ml 0.5] [--most-parts N] [--label TEXT] [--meaning neoplasm] ' +
      '[--precision float32|float16] [--checkpoint-seconds 120] [--resume] [--licence TEXT] [--notice TEXT …] ' +
      '[--limit TEXT …] [--package-version 1.0.0] [--json]',
    summary: 'Trains a network that finds a tumour’s outline and writes a segmentation package',
    whenStopped: 'the step in hand is finished and its state saved; --resume goes on from there',
    positionals: 0,
    options: {
      network: text,
      options: text,
      case: texts,
      validation: texts,
      negative: texts,
      contrasts: text,
      mask: text,
      steps: text,
      minutes: text,
      batch: text,
      patch: text,
      'learning-rate': text,
      'weight-decay': text,
      'clip-norm': text,
      ema: text,
      'ema-start': text,
      schedule: text,
      'warm-up': text,
      seed: text,
      shards: text,
      'negative-share': text,
      augmentation: text,
      'validate-every': text,
      patience: text,
      keep: text,
      'least-ml': text,
      'most-parts': text,
      label: text,
      meaning: text,
      init: text,
      out: text,
      id: text,
      precision: text,
      'checkpoint-seconds': text,
      licence: text,
      notice: texts,
      limit: texts,
      'package-version': text,
      resume: flag,
    },
    request: (args) => ({
      network: args.required('network'),
      options: jsonObject(args, 'options'),
      cases: args.all('case').map((path) => resolve(path)),
      validation: args.all('validation').map((path) => resolve(path)),
      negatives: negativesOf(args, 'negative'),
      contrasts: args.text('contrasts')?.split(','),
      mask: args.text('mask'),
      steps: args.number('steps'),
      minutes: args.number('minutes'),
      batch: args.number('batch'),
      patch: args.number('patch'),
      learningRate: args.number('learning-rate'),
      weightDecay: args.number('weight-decay'),
      clipNorm: args.number('clip-norm'),
      ema: args.number('ema'),
      emaStart: args.number('ema-start'),
      schedule: args.text('schedule') as Train['schedule'],
      warmUp: args.number('warm-up'),
      seed: args.number('seed'),
      shards: args.number('shards'),
      negativeShare: args.number('negative-share'),
      augmentation: jsonObject(args, 'augmentation'),
      validateEvery: args.number('validate-every'),
      patience: args.number('patience'),
      keep: args.text('keep') as Train['keep'],
      leastMl: args.number('least-ml'),
      mostParts: args.number('most-parts'),
      label: args.text('label'),
      meaning: args.text('meaning'),
      init: initOf(args),
      out: resolve(args.text('out') ?? args.required('network')),
      id: args.text('id'),
      version: args.text('package-version'),
      precision: args.text('precision') as Train['precision'],
      checkpointSeconds: args.number('checkpoint-seconds'),
      licence: args.text('licence'),
      notices: [...args.all('notice')],
      limits: [...args.all('limit')],
      resume: args.flag('resume'),
    }),
    print: ({
      model,
      path,
      steps,
      keptStep,
      seconds,
      firstLoss,
      lastLoss,
      dice,
      worstDice,
      diceAlone,
      bytes,
    }) =>
      `wrote ${model} to ${path} (${(bytes / 1e6).toFixed(1)} MB): ${steps} steps in ${Math.round(seconds)} s, ` +
      `loss ${firstLoss.toPrecision(4)} → ${lastLoss.toPrecision(4)}` +
      (dice === null
        ? ''
        : `; validation Dice ${dice.toFixed(3)}, worst ${worstDice?.toFixed(3)}, first contrast alone ${diceAlone?.toFixed(3)} (step ${keptStep})`),
  }),
];

function initOf(args: Arguments): string | undefined {
  const named = args.text('init');
  return named === undefined ? undefined : modelNamed(named);
}

/** `DIR`, or `t2=DIR` where that contrast stands in the place of the first. */
export function negativesOf(args: Arguments, name: string): { path: string; first?: string }[] {
  return args.all(name).map((said) => {
    const named = /^([A-Za-z0-9-]+)=(.+)$/.exec(said);
    return named === null ? { path: resolve(said) } : { first: named[1]!, path: resolve(named[2]!) };
  });
}
