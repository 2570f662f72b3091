import { resolve } from 'node:path';
import type { RequestInput } from '../../../../core/contract/operations.ts';
import { type Arguments, type Command, command } from '../command.ts';
import {
  devices,
  flag,
  jsonObject,
  modelNamed,
  optionalPath,
  scaleOf,
  text,
  texts,
} from '../requestParts.ts';

type Train = RequestInput<'train'>;

/** Training. */
export const trainCommands: readonly Command[] = [
  command({
    name: 'train',
    operation: 'train',
    usage:
      'tandem train --network NAME --scale 2|4 --data DIR | --case DIR [--case DIR …] [--validation DIR …] ' +
      '--steps N | --minutes M [--out ./NAME-xN] [--id ID] [--recipe workstation|paper] [--options JSON] [--init ID|DIR] ' +
      '[--target t2] [--reference t1] [--batch N] [--patch N] [--learning-rate N] [--loss paper|l1|mse|l1+mse] ' +
      '[--optimizer adam|adamw] [--weight-decay 0.01] [--clip-norm N] [--ema N] [--ema-start 0] ' +
      '[--schedule constant|step|cosine] [--warm-up N] [--augmentation none|JSON] [--shards N] [--recompute] ' +
      '[--validate-every STEPS] [--patience N] [--keep best|last] ' +
      `[--device ${devices}|auto] [--seed 1] [--checkpoint-seconds 120] [--resume] [--precision float32|float16] ` +
      '[--locked FILE] [--measure DIR …] [--licence TEXT] [--notice TEXT …] [--limit TEXT …] [--package-version 1.0.0] [--json]',
    summary: 'Trains a network on cases with full-resolution truth and writes a model package',
    whenStopped: 'the step in hand is finished and its state saved; --resume goes on from there',
    positionals: 0,
    options: {
      network: text,
      scale: text,
      data: text,
      case: texts,
      validation: texts,
      steps: text,
      minutes: text,
      out: text,
      id: text,
      recipe: text,
      options: text,
      init: text,
      target: text,
      reference: text,
      batch: text,
      patch: text,
      'learning-rate': text,
      loss: text,
      optimizer: text,
      'weight-decay': text,
      'clip-norm': text,
      ema: text,
      'ema-start': text,
      schedule: text,
      'warm-up': text,
      augmentation: text,
      shards: text,
      recompute: flag,
      'validate-every': text,
      patience: text,
      keep: text,
      device: text,
      seed: text,
      'checkpoint-seconds': text,
      precision: text,
      locked: text,
      measure: texts,
      licence: text,
      notice: texts,
      limit: texts,
      'package-version': text,
      resume: flag,
    },
    request: (args) => ({
      network: args.required('network'),
      scale: scaleOf(args),
      data: optionalPath(args.text('data')),
      cases: args.all('case').map((path) => resolve(path)),
      validation: args.all('validation').map((path) => resolve(path)),
      steps: args.number('steps'),
      minutes: args.number('minutes'),
      out: resolve(args.text('out') ?? `${args.required('network')}-x${scaleOf(args)}`),
      id: args.text('id'),
      recipe: args.text('recipe') as Train['recipe'],
      options: jsonObject(args, 'options'),
      init: initOf(args),
      target: args.text('target'),
      reference: args.text('reference'),
      batch: args.number('batch'),
      patch: args.number('patch'),
      learningRate: args.number('learning-rate'),
      loss: args.text('loss') as Train['loss'],
      optimizer: args.text('optimizer') as Train['optimizer'],
      weightDecay: args.number('weight-decay'),
      clipNorm: args.number('clip-norm'),
      ema: args.number('ema'),
      emaStart: args.number('ema-start'),
      schedule: args.text('schedule') as Train['schedule'],
      warmUp: args.number('warm-up'),
      augmentation: args.text('augmentation') === 'none' ? 'none' : jsonObject(args, 'augmentation'),
      shards: args.number('shards'),
      recompute: args.flag('recompute'),
      validateEvery: args.number('validate-every'),
      patience: args.number('patience'),
      keep: args.text('keep') as Train['keep'],
      device: args.text('device') as Train['device'],
      seed: args.number('seed'),
      checkpointSeconds: args.number('checkpoint-seconds'),
      precision: args.text('precision') as Train['precision'],
      locked: optionalPath(args.text('locked')),
      measure: args.all('measure').map((path) => resolve(path)),
      licence: args.text('licence'),
      notices: [...args.all('notice')],
      limits: [...args.all('limit')],
      version: args.text('package-version'),
      resume: args.flag('resume'),
    }),
    print: (result) =>
      `wrote ${result.model} to ${result.path}: ${result.steps} steps on ${result.device} in ${Math.round(result.seconds)} s, ` +
      `loss ${result.firstLoss.toPrecision(4)} → ${result.lastLoss.toPrecision(4)}` +
      (result.gainInside === null
        ? ''
        : `; validation ${signed(result.gain ?? 0)} dB, inside ${signed(result.gainInside)} dB over zero-filling (step ${result.keptStep})`),
  }),
];

function initOf(args: Arguments): string | undefined {
  const named = args.text('init');
  return named === undefined ? undefined : modelNamed(named);
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}
