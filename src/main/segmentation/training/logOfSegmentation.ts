import type { TrainingRecord } from '../../training/trainingLog.ts';
import type { SegmentationScore } from './segmentationValidation.ts';

const HEADER = 'step,seconds,loss,learning_rate,dice,worst_dice,dice_first_contrast_alone';

/** The log of a training that segments as CSV: a header, then a line a record; numbers of six digits. */
export function segmentationLogCsv(records: readonly TrainingRecord<SegmentationScore>[]): string {
  const short = (value: number) => `${Number(value.toPrecision(6))}`;
  const lines = records.map(({ step, seconds, loss, learningRate, validation }) =>
    [
      `${step}`,
      short(seconds),
      short(loss),
      short(learningRate),
      ...(validation === undefined
        ? ['', '', '']
        : [validation.dice, validation.worstDice, validation.diceAlone].map(short)),
    ].join(','),
  );
  return `${[HEADER, ...lines].join('\n')}\n`;
}
