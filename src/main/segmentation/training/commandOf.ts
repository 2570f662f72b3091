import { basename } from 'node:path';
import type { Request } from '../../../core/contract/operations.ts';

/** The command that makes a training again, its data in the folder DATA: no path of this machine is on a card. */
export function commandOf(request: Request<'trainSegmentation'>, out: string): string {
  const of = (path: string) => `DATA/${basename(path)}`;
  const { steps, minutes } = request;
  const words: (string | false)[] = [
    'npx tandem train-segmentation',
    `--network ${request.network}`,
    Object.keys(request.options).length > 0 && `--options '${JSON.stringify(request.options)}'`,
    ...request.cases.map((path) => `--case ${of(path)}`),
    ...request.validation.map((path) => `--validation ${of(path)}`),
    ...request.negatives.map(
      ({ path, first }) => `--negative ${first === undefined ? '' : `${first}=`}${of(path)}`,
    ),
    `--contrasts ${request.contrasts.join(',')} --mask ${request.mask}`,
    steps === undefined ? `--minutes ${minutes}` : `--steps ${steps}`,
    `--batch ${request.batch} --patch ${request.patch} --learning-rate ${request.learningRate}`,
    `--weight-decay ${request.weightDecay} --clip-norm ${request.clipNorm}`,
    request.ema > 0 && `--ema ${request.ema}`,
    `--ema-start ${request.emaStart} --schedule ${request.schedule} --warm-up ${request.warmUp}`,
    `--seed ${request.seed} --shards ${request.shards} --negative-share ${request.negativeShare}`,
    Object.keys(request.augmentation).length > 0 &&
      `--augmentation '${JSON.stringify(request.augmentation)}'`,
    request.validateEvery !== undefined && `--validate-every ${request.validateEvery}`,
    request.patience !== undefined && `--patience ${request.patience}`,
    `--keep ${request.keep} --least-ml ${request.leastMl}`,
    request.mostParts !== undefined && `--most-parts ${request.mostParts}`,
    request.init !== undefined && `--init ${basename(request.init)}`,
    `--precision ${request.precision} --out ${out}`,
  ];
  return words.filter((word) => word !== false).join(' \\\n  ');
}
