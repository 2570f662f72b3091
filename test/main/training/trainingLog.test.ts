import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { logCsv, parseLogCsv, type TrainingRecord } from '../../../src/main/training/trainingLog.ts';

const validation = {
  psnr: 34.567891,
  psnrInside: 32.1,
  gain: 1.25,
  gainInside: -0.012345678,
  ssim: 0.98765432,
  ssimInside: 0.9,
};

describe('the log of a training', () => {
  it('is CSV with the units in its header, six digits a number and empty cells where nothing was validated', () => {
    const records: TrainingRecord[] = [
      { step: 25, seconds: 12.3456789, loss: 0.0312345678, learningRate: 4e-4 },
      { step: 1_234_567, seconds: 7200, loss: 1e-9, learningRate: 1.2345678e-7, validation },
    ];
    expect(logCsv(records)).toBe(
      [
        'step,seconds,loss,learning_rate,psnr_db,psnr_inside_db,gain_db,gain_inside_db,ssim,ssim_inside',
        '25,12.3457,0.0312346,0.0004,,,,,,',
        '1234567,7200,1e-9,1.23457e-7,34.5679,32.1,1.25,-0.0123457,0.987654,0.9',
        '',
      ].join('\n'),
    );
  });

  it('reads back to six digits, and what was read is written as it was', () => {
    const random = createRandom(11);
    const any = () => (random.uniform() - 0.3) * 10 ** (random.uniform() * 14 - 9);
    const records = Array.from({ length: 200 }, (_, n): TrainingRecord => {
      const record = { step: 7 * n, seconds: Math.abs(any()), loss: any(), learningRate: Math.abs(any()) };
      if (n % 3 > 0) return record;
      const [psnr, psnrInside, gain, gainInside, ssim, ssimInside] = Array.from({ length: 6 }, any) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      return { ...record, validation: { psnr, psnrInside, gain, gainInside, ssim, ssimInside } };
    });
    const text = logCsv(records);
    const read = parseLogCsv(text);
    expect(logCsv(read)).toBe(text);
    expect(read).toHaveLength(records.length);
    for (const [n, record] of records.entries()) {
      const found = read[n]!;
      expect(found.step).toBe(record.step);
      expect(found.validation === undefined).toBe(record.validation === undefined);
      const pairs = [
        ...(['seconds', 'loss', 'learningRate'] as const).map((key) => [found[key], record[key]] as const),
        ...Object.entries(record.validation ?? {}).map(
          ([key, value]) => [found.validation![key as keyof typeof validation], value] as const,
        ),
      ];
      for (const [got, wanted] of pairs) {
        expect(Math.abs(got - wanted)).toBeLessThanOrEqual(5.001e-6 * Math.abs(wanted));
      }
    }
  });

  it('keeps an infinite PSNR and a loss that is no number, and lines that end as on Windows', () => {
    const records = [
      { step: 1, seconds: 0, loss: Number.NaN, learningRate: 0 },
      {
        step: 2,
        seconds: 1,
        loss: Number.POSITIVE_INFINITY,
        learningRate: 0,
        validation: { ...validation, psnr: Number.POSITIVE_INFINITY, gain: Number.NEGATIVE_INFINITY },
      },
    ];
    const read = parseLogCsv(logCsv(records).replaceAll('\n', '\r\n'));
    expect(read[0]).toEqual(records[0]);
    expect(read[1]!.validation!.psnr).toBe(Number.POSITIVE_INFINITY);
    expect(read[1]!.validation!.gain).toBe(Number.NEGATIVE_INFINITY);
    expect(parseLogCsv(logCsv([]))).toEqual([]);
  });

  const whole = logCsv([
    { step: 1, seconds: 1, loss: 1, learningRate: 1 },
    { step: 2, seconds: 2, loss: 1, learningRate: 1, validation },
  ]);
  it.each<[string, string, RegExp]>([
    ['nothing', '', /columns are others/],
    ['other columns', whole.replace('loss', 'cost'), /columns are others/],
    ['a word for a number', whole.replace('1,1,1,1', '1,1,one,1'), /Line 2 .*“one”/],
    ['an empty cell', whole.replace('1,1,1,1', '1,,1,1'), /Line 2 .*“”/],
    ['half a validation', whole.replace(',0.9\n', ',\n'), /Line 3 .*“”/],
    ['a line cut short', whole.slice(0, -12), /Line 3 .* cells/],
    ['steps that go back', whole.replace('\n2,', '\n1,'), /rise at line 3/],
    ['half a step', whole.replace('\n2,', '\n1.5,'), /rise at line 3/],
  ])('is refused with %s', (_what, text, message) => {
    expect(() => parseLogCsv(text, '/out/training.csv')).toThrow(
      expect.objectContaining({
        code: 'unsupported-format',
        path: '/out/training.csv',
        message: expect.stringMatching(message),
      }),
    );
  });
});
